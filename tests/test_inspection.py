"""All checks at once, and the command `handouts check`: what it says, in which order, and with which exit code."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from handouts.checking.finding import SEVERITIES, Finding, findings_from
from handouts.clinic import load_clinic
from handouts.errors import ContentError, Origin, RequestError, SeveralErrors
from handouts.evidence import load_lint
from handouts.house import House, load_house
from handouts.inspection import inspect
from handouts.library import Library, bundled_root, sample_clinic
from tests.command import OLD, contents, run
from tests.manuscripts import TODAY, house_of, places, report_of, rules
from tests.small_clinic import BLOCK, CLINIC_TOML, HANDOUT, SAFETY, furniture_fr, write
from tests.test_layers import SAY_WHAT_IS_LOADED

# What a summary has to say, so that a small handout has no error in it.
SAID = """\
Ketamine is used off-label. It can have side effects, and raise your blood pressure or slow your breathing.[@take-care]
Do not drive; find a ride. Tell us if you are pregnant, and which medicines you take.[@take-care]
It can harm your bladder, and be misused. Some people should not have it.[@take-care]
It does not help everyone. A benefit may fade, and most studies are small.[@take-care]
Call 911 or 988 when you need help now.[@take-care]
"""
WHOLE_BLOCK = BLOCK.replace("kind: text\n", (
    "kind: text\nknow: ['You can feel better.[@small-claim]']\nlearning: ['Why is not known.[@small-claim]']\n"
    "steps: [{title: Come, text: You come to us.}]\n"
)).replace("This is the key point.[@small-claim]", "You may feel better.[@small-claim]").replace(
    "![A square.]", "![A square that stands on one of its sides.]"
)  # fmt: skip
WHOLE_SAFETY = SAFETY.replace("short:\n", "short:\n" + "".join(f'  - "{line}"\n' for line in SAID.splitlines()))
HELP = "---\ntitle: Who to call\nkind: help\nicon: square\nkey_point: Call us.\n---\nWe are here.\n"
WHOLE = {
    "content/en/blocks/small-block.md": WHOLE_BLOCK,
    "content/en/blocks/small-safety.md": WHOLE_SAFETY,
    "content/en/blocks/small-help.md": HELP,
    "content/en/handouts/small.md": HANDOUT.replace(
        "sections: [small-block, small-safety]", "sections: [small-block, small-safety, small-help]"
    )
    .replace("alt: A square.", "alt: A square that stands on one of its sides.")
    .replace("caption: A square.", "caption: This is only a picture."),
}


@pytest.fixture
def whole_clinic(small_clinic: Path) -> Path:
    """A small clinic whose handout has all that it has to have."""
    return write(small_clinic, dict(WHOLE))


def errors(clinic: Path, *slugs: str) -> list[Finding]:
    return [finding for finding in report_of(clinic, *slugs).findings if finding.severity == "error"]


# All at once, in order


def test_small_handout_that_is_whole(whole_clinic: Path) -> None:
    report = report_of(whole_clinic, "small")
    assert [str(finding) for finding in report.findings if finding.severity != "note"] == []
    assert not report.has_errors
    assert rules(report.findings) == {"not-signed"}
    assert report.not_assessed == []
    assert [row.paper.name for row in report.readability] == ["small (full)", "small (summary)"]


FAULTS: list[tuple[str, dict[str, str | bytes], str, str]] = [
    ("color", {"clinic.toml": CLINIC_TOML.replace("#0f5c63", "#000") + 'ink = "#767676"\n'}, "contrast", "clinic.toml"),
    ("font", {"clinic.toml": CLINIC_TOML + '[brand.fonts]\ntext = "None"\n'}, "font", "clinic.toml:16"),
    (
        "claim",
        {"content/en/handouts/small.md": HANDOUT.replace("small-claim", "nothing")},
        "cannot-be-printed",
        "small.md:5",
    ),
    (
        "blank",
        {"content/en/blocks/small-block.md": WHOLE_BLOCK.replace("clinic phone", "phone")},
        "cannot-be-printed",
        "small-block.md:10",
    ),
    (
        "front matter",
        {"content/en/blocks/small-help.md": HELP.replace("kind: help", "kind: helping")},
        "cannot-be-read",
        "small-help.md:3",
    ),
    (
        "promise",
        {"content/en/blocks/small-help.md": HELP.replace("We are", "It is a miracle.\nWe are")},
        "hype-words",
        "small-help.md:7",
    ),
    (
        "letter",
        {"content/en/blocks/small-help.md": HELP.replace("We are", "氣\n\nWe are")},
        "missing-glyph",
        "small-help.md:7",
    ),
    (
        "grade",
        {"content/en/handouts/small.md": WHOLE["content/en/handouts/small.md"] + "\nUnquestionable idiosyncrasy." * 60},
        "grade",
        "small.md",
    ),
    (
        "structure",
        {"content/en/blocks/small-block.md": WHOLE_BLOCK.replace("steps:", "checklist: []\n#")},
        "no-action",
        "small.md",
    ),
    (
        "required part",
        {"content/en/blocks/small-safety.md": WHOLE_SAFETY.replace("bladder", "body")},
        "need-bladder",
        "small.md",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("files", "rule", "place"), [pytest.param(*case, id=name) for name, *case in FAULTS]
)  # fmt: skip
def test_fault_is_an_error(files: dict[str, str | bytes], rule: str, place: str, whole_clinic: Path) -> None:
    write(whole_clinic, files)
    found = errors(whole_clinic, "small")
    assert place in places(found, rule)
    assert run("check", "small", "--clinic", whole_clinic).code == 1


def test_clinic_rules_that_are_too_loose(whole_clinic: Path) -> None:
    protocol = (
        '\n[protocol]\napproved_by = "Dr. Test"\napproved_on = 2026-01-12\nin_force_from = 2026-02-01\n'
        "[protocol.esketamine]\nstay_hours = 1\n"
    )
    write(whole_clinic, {"clinic.toml": CLINIC_TOML + protocol})
    assert places(errors(whole_clinic, "small"), "floor") == ["clinic.toml:22"]


def test_all_findings_at_once_and_in_order(small_clinic: Path) -> None:
    """One fault of each kind in one clinic: none hides another."""
    write(
        small_clinic,
        {
            **WHOLE,
            "clinic.toml": CLINIC_TOML.replace("#0f5c63", "#66ccff"),
            "content/en/blocks/small-help.md": HELP.replace(
                "We are",
                "It is a miracle.\n\nIt can *cure* you, 氣.\n\nYou utilize an XYZ.\n\nIt helped 30 people. We are",
            ),
            "content/en/handouts/other.md": WHOLE["content/en/handouts/small.md"].replace("small-claim", "nothing"),
            "content/en/handouts/third.md": HANDOUT.replace("updated: 2026-11-22", "updated: never"),
        },
    )
    found = report_of(small_clinic, "small", "other", "third").findings
    assert rules(found) == {
        *("cannot-be-printed", "cannot-be-read", "hype-words", "cure", "missing-glyph"),
        *("italics", "hard-word", "unexplained-capitals", "fact-without-a-claim"),
        *("darkened", "not-signed"),
    }
    assert places(found, "cure") == ["small-help.md:9"], "a block that two handouts share is told of once"
    order = [(SEVERITIES.index(row.severity), str(row.where.path), row.where.line or 0) for row in found if row.where]
    assert order == sorted(order)
    assert len(order) == len(found)


def test_what_full_handout_and_summary_share_is_told_once(whole_clinic: Path) -> None:
    long = WHOLE["content/en/handouts/small.md"].replace("It is small.", f"It is {'so ' * 30}small.")
    write(whole_clinic, {"content/en/handouts/small.md": long})
    assert places(report_of(whole_clinic, "small").findings, "long-sentence") == ["small.md:5"]


def test_only_what_is_asked_for_is_checked(whole_clinic: Path) -> None:
    write(
        whole_clinic,
        {
            "content/en/handouts/other.md": HANDOUT.replace("small-block", "other-block").replace("small-claim", "no"),
            "content/en/blocks/other-block.md": BLOCK.replace("Some text.", "It is a miracle."),
        },
    )
    assert errors(whole_clinic, "small") == []
    assert {"other.md:5", "other-block.md:7"} <= {
        place for rule in ("cannot-be-printed", "hype-words") for place in places(errors(whole_clinic, "other"), rule)
    }


def test_pages_are_asked_for_what_can_be_printed(whole_clinic: Path) -> None:
    write(whole_clinic, {"content/en/handouts/other.md": HANDOUT.replace("small-claim", "nothing")})
    asked: list[tuple[str, ...]] = []

    def pages(house: House, slugs: tuple[str, ...]) -> list[Finding]:
        asked.append(slugs)
        return [Finding("error", "type-size", None, "It is small", "Mend it.")]

    report = inspect(house_of(whole_clinic), ("small", "other"), lambda house, slugs: iter(pages(house, slugs)))
    assert asked == [("small",)]
    assert "type-size" in rules(report.findings)


def test_refusals_become_findings() -> None:
    one = ContentError("One is wrong", "Mend one.", Origin(Path("a.md"), 3))
    two = ContentError("Two is wrong", "Mend two.")
    found = findings_from(SeveralErrors([one, SeveralErrors([two])]), "cannot-be-read")
    assert [str(finding) for finding in found] == [
        "a.md:3: error [cannot-be-read]: One is wrong. Mend one.",
        "error [cannot-be-read]: Two is wrong. Mend two.",
    ]
    assert str(found[0].as_refusal()) == "a.md:3: [cannot-be-read] One is wrong. Mend one."


# BUG: inspection.py:79 and `_blocks_that_nobody_uses`. A handout that cannot be read is not in `papers`: its other
# blocks are then called idle though it names them, and when it alone is asked for, nothing is told of them.
def test_block_of_a_handout_that_cannot_be_read_is_not_idle(whole_clinic: Path) -> None:
    write(whole_clinic, {"content/en/blocks/small-block.md": "no front matter\n"})
    assert "small-safety.md" not in places(report_of(whole_clinic).findings, "idle-block")


# BUG: the same. All that is wrong is to be told at once.
def test_other_blocks_of_a_handout_that_cannot_be_read(whole_clinic: Path) -> None:
    write(
        whole_clinic,
        {
            "content/en/blocks/small-block.md": "no front matter\n",
            "content/en/blocks/small-help.md": HELP.replace("We are", "It is a miracle.\nWe are"),
        },
    )
    assert places(errors(whole_clinic, "small"), "hype-words") == ["small-help.md:7"]


# BUG: inspection.py:161 takes “no paper could be read” for “there is no word list”.
def test_nothing_is_said_of_word_lists_when_no_handout_could_be_read(whole_clinic: Path) -> None:
    write(whole_clinic, {"content/en/blocks/small-block.md": "no front matter\n"})
    assert report_of(whole_clinic, "small").not_assessed == []


def test_language_without_a_word_list_is_not_assessed(whole_clinic: Path) -> None:
    for name in ("handouts/small.md", "blocks/small-block.md", "blocks/small-safety.md", "blocks/small-help.md"):
        write(whole_clinic, {f"content/fr/{name}": (whole_clinic / "content/en" / name).read_bytes()})
    write(whole_clinic, {"content/fr/furniture.yaml": furniture_fr()})
    outcome = run("check", "small", "--language", "fr", "--clinic", whole_clinic)
    assert "Not assessed: hard words and grades: there is no word list or formula for “fr”." in outcome.out
    assert "Flesch-Kincaid" not in outcome.out
    values = json.loads(run("check", "small", "--language", "fr", "--json", "--clinic", whole_clinic).out)
    assert values["readability"] == []
    assert [told.partition(":")[0] for told in values["not_assessed"]] == [
        "hard words and grades",
        "comparisons and studies that cite no claim",
        f"{len(rules_that_need_words())} rules for words, for want of a pattern in “fr”",
    ]


def rules_that_need_words() -> set[str]:
    """The rules that cannot be tried in a language for which the ledger has no patterns."""
    lint = load_lint(Library(sample_clinic(), bundled_root()))
    always = {part.id for part in lint.required if part.when == "always" and part.texts}
    return set(lint.ids - always)


# The command


def test_exit_code_is_0_with_warnings_only(whole_clinic: Path) -> None:
    write(whole_clinic, {"content/en/blocks/small-help.md": HELP.replace("We are", "It is *here*. We are")})
    outcome = run("check", "small", "--clinic", whole_clinic)
    assert (outcome.code, outcome.err) == (0, "")
    first = outcome.out.splitlines()[0]
    assert first == (
        "clinic/content/en/blocks/small-help.md:7: warning [italics]: "
        "Italics are hard to read; they are printed bold. Write **two stars** for bold."
    )
    assert outcome.out.splitlines()[-1] == "0 errors, 1 warning, 1 note."


def test_exit_code_is_1_with_an_error(whole_clinic: Path) -> None:
    write(whole_clinic, {"content/en/blocks/small-help.md": HELP.replace("We are", "It is a cure. We are")})
    outcome = run("check", "small", "--clinic", whole_clinic)
    assert (outcome.code, outcome.err) == (1, "")
    assert outcome.out.startswith("clinic/content/en/blocks/small-help.md:7: error [cure]: “It is a cure.”: ")
    assert outcome.out.splitlines()[-1] == "1 error, 0 warnings, 1 note."


def test_grades_are_told(whole_clinic: Path) -> None:
    out = run("check", "small", "--clinic", whole_clinic).out
    number = r"-?\d+\.\d"
    for form, kincaid, fog in (("full", 7, 9), ("summary", 6, 8)):
        grades = rf"Flesch-Kincaid +{number} / +{number} / {kincaid} +Gunning Fog +{number} / +{number} / {fog}$"
        assert re.search(rf"^  small \({form}\) +\d+ words +{grades}", out, re.MULTILINE), form


def test_check_changes_nothing(whole_clinic: Path, desk: Path) -> None:
    before = contents(desk)
    run("check", "small", "--clinic", whole_clinic)
    assert contents(desk) == before


FINDING_KEYS = {"severity", "rule", "file", "line", "problem", "remedy", "explained"}
READABILITY_KEYS = {
    *("handout", "format", "words"),
    *("flesch_kincaid", "flesch_kincaid_without_taught_words", "flesch_kincaid_limit"),
    *("gunning_fog", "gunning_fog_without_taught_words", "gunning_fog_limit"),
}


def test_json_for_programs(whole_clinic: Path) -> None:
    write(whole_clinic, {"content/en/blocks/small-help.md": HELP.replace("We are", "It is a cure, “*now*”. We are")})
    outcome = run("check", "small", "--json", "--clinic", whole_clinic)
    assert (outcome.code, outcome.err) == (1, "")
    values = json.loads(outcome.out)
    assert values.keys() == {"findings", "readability", "instruments", "not_assessed"}
    report = report_of(whole_clinic, "small", today=TODAY)
    assert len(values["findings"]) == len(report.findings)
    for row, finding in zip(values["findings"], report.findings, strict=True):
        assert row.keys() == FINDING_KEYS
        assert (row["severity"], row["rule"], row["problem"]) == (finding.severity, finding.rule, finding.problem)
    assert [(row["rule"], Path(row["file"]).name, row["line"]) for row in values["findings"]] == [
        ("cure", "small-help.md", 7),
        ("italics", "small-help.md", 7),
        ("not-signed", "small.md", None),
    ]
    assert [(row["handout"], row["format"]) for row in values["readability"]] == [
        ("small", "full"),
        ("small", "summary"),
    ]
    for row in values["readability"]:
        assert row.keys() == READABILITY_KEYS
        assert row["words"] > 10
        assert row["flesch_kincaid_limit"] == (7 if row["format"] == "full" else 6)
        assert row["gunning_fog_limit"] == (9 if row["format"] == "full" else 8)
    assert values["not_assessed"] == []


def test_json_of_one_clinic_is_the_same_twice(whole_clinic: Path) -> None:
    first, second = (run("check", "small", "--json", "--clinic", whole_clinic).out for _ in range(2))
    assert first == second


def test_unknown_handout_is_refused_with_the_nearest_name(whole_clinic: Path) -> None:
    for arguments in (("smal",), ("small", "smal"), ("smal", "--json"), ("smal", "--pages")):
        outcome = run("check", *arguments, "--clinic", whole_clinic)
        assert (outcome.code, outcome.out) == (1, "")
        assert "There is no handout “smal”" in outcome.message
        assert "Did you mean “small”?" in outcome.message
    with pytest.raises(RequestError):
        report_of(whole_clinic, "smal")


def test_unknown_language_is_refused(whole_clinic: Path) -> None:
    outcome = run("check", "small", "--language", "xx", "--clinic", whole_clinic)
    assert (outcome.code, outcome.out) == (1, "")
    assert "“xx”" in outcome.message


def test_name_typed_in_a_hurry_and_twice(whole_clinic: Path) -> None:
    once = run("check", "small", "--clinic", whole_clinic).out
    assert run("check", " Small.md ", "SMALL", "--clinic", whole_clinic).out == once


@pytest.mark.parametrize("arguments", [["check", "biological"], ["check", "biological", "--json"], ["check", "--help"]])
def test_weasyprint_is_not_loaded_without_pages(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SAY_WHAT_IS_LOADED.format(arguments=arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    words = done.stdout.splitlines()[-1].split()
    assert words[0] == "EXIT" and "handouts.cli" in words
    assert {"weasyprint", "pydyf"}.isdisjoint(words)


# A pasted advertisement

ADVERTISEMENT = """\
---
title: Our treatment
kind: text
icon: square
key_point: Find lasting relief with us.
---
We give ketamine in a calm place.

Ketamine is a safe and effective treatment.
It works faster
and better than antidepressants.

- Some people feel better.
- Results are guaranteed!

"Ketamine gave me a break from depression and my life is good," says Ann.
Up to 70% of patients get better.

Our FDA-approved ketamine infusions are
a real breakthrough.
"""
PROMISES = {
    (5, "long-lasting"),
    (9, "safe-and-effective"),
    (9, "bare-safe"),
    (10, "superiority"),
    (14, "guarantee"),
    (16, "testimonial-quote"),
    (17, "success-rate"),
    (19, "fda-approved-ketamine"),
    (19, "hype-words"),
}
RAW = ADVERTISEMENT.partition("key_point: ")[2].replace("---\n", "\n")
RAW_PROMISES = {(line - 4, rule) for line, rule in PROMISES}


def promises(outcome_lines: str, name: str, severity: str = "") -> set[tuple[int, str]]:
    """The lines and rules that are told of a file, on any stream."""
    told = re.findall(rf"{re.escape(name)}:(\d+): {severity}\[([\w-]+)\]", outcome_lines)
    return {(int(line), rule) for line, rule in told if rule not in ("cannot-be-read", "cannot-be-printed")}


def test_advertisement_as_a_block_is_told_line_by_line_and_not_printed(whole_clinic: Path, desk: Path) -> None:
    write(
        whole_clinic,
        {
            "content/en/blocks/our-treatment.md": ADVERTISEMENT,
            "content/en/handouts/small.md": WHOLE["content/en/handouts/small.md"].replace(
                "[small-block,", "[our-treatment, small-block,"
            ),
        },
    )
    write(desk, {"output/small-full-en.pdf": OLD})
    before = contents(desk)
    checked = run("check", "small", "--clinic", whole_clinic)
    assert checked.code == 1
    assert promises(checked.out, "our-treatment.md", "error ") == PROMISES
    assert promises(checked.out, "our-treatment.md", "warning ") == {
        (17, "number-needs-citation"),
        (17, "fact-without-a-claim"),
        (10, "fact-without-a-claim"),
    }
    for arguments in ((), ("--format", "summary"), ("--large-print",), ("--output", "-")):
        refused = run("render", "small", *arguments, "--clinic", whole_clinic)
        assert (refused.code, refused.out) == (1, "")
        assert promises(refused.err, "our-treatment.md") == PROMISES
        assert all(": [" in line for line in refused.err.splitlines())
    assert contents(desk) == before, "nothing is written"


def test_refusal_says_why_and_what_to_write_instead(whole_clinic: Path) -> None:
    write(whole_clinic, {"content/en/blocks/small-help.md": HELP.replace("We are", "It always works. We are")})
    refused = run("render", "small", "--clinic", whole_clinic)
    assert refused.message.startswith(
        "clinic/content/en/blocks/small-help.md:7: [guarantee] “It always works.”: Outcomes differ between people;"
    )
    assert refused.message.endswith("Say: it does not help everyone.")


def test_warning_does_not_stop_the_paper(whole_clinic: Path) -> None:
    write(whole_clinic, {"content/en/blocks/small-help.md": HELP.replace("We are", "Studies show that. We are")})
    assert "study-claim-needs-citation" in rules(report_of(whole_clinic, "small").findings)
    assert run("render", "small", "--clinic", whole_clinic).code == 0


def test_words_of_the_safety_texts_are_the_ledgers_and_stop_nothing(whole_clinic: Path) -> None:
    ledger = whole_clinic / "content/ledger/safety.yaml"
    write(
        whole_clinic, {"content/ledger/safety.yaml": ledger.read_text().replace("text: Take", "text: No miracle. Take")}
    )
    assert errors(whole_clinic, "small") == []
    assert run("render", "small", "--clinic", whole_clinic).code == 0


SETTINGS_WITH_A_PROMISE = CLINIC_TOML.replace("[[loc", 'legal = "Results are guaranteed."\n\n[[loc', 1)


# BUG: manuscript.py `_page` names `clinic.folder`, which is as it was typed; claims.py:129 compares it with the shelf,
# which is resolved. With `--clinic clinic` the promise is an error for `check`, and `render` prints it.
@pytest.mark.parametrize("typed", ["relative", "absolute"])
def test_promise_in_the_settings_of_a_clinic(typed: str, whole_clinic: Path) -> None:
    write(whole_clinic, {"clinic.toml": SETTINGS_WITH_A_PROMISE})
    clinic = whole_clinic.relative_to(Path.cwd()) if typed == "relative" else whole_clinic
    line = SETTINGS_WITH_A_PROMISE.splitlines().index('legal = "Results are guaranteed."') + 1
    assert promises(run("check", "small", "--clinic", clinic).out, "clinic.toml", "error ") == {(line, "guarantee")}
    refused = run("render", "small", "--clinic", clinic)
    assert (refused.code, promises(refused.err, "clinic.toml")) == (1, {(line, "guarantee")})


@pytest.mark.parametrize("room", ["handouts", "blocks"])
def test_advertisement_without_front_matter(room: str, whole_clinic: Path, desk: Path) -> None:
    """As a handout of its own, or as a block that a handout names."""
    asked = "our-treatment" if room == "handouts" else "small"
    handout = WHOLE["content/en/handouts/small.md"].replace("[small-block,", "[our-treatment, small-block,")
    write(whole_clinic, {"content/en/handouts/small.md": handout, f"content/en/{room}/our-treatment.md": RAW})
    before = contents(desk)
    checked = run("check", asked, "--clinic", whole_clinic)
    assert checked.code == 1
    assert (
        f"clinic/content/en/{room}/our-treatment.md:1: error [cannot-be-read]: The front matter is missing"
        in checked.out
    )
    assert promises(checked.out, "our-treatment.md", "error ") == RAW_PROMISES
    refused = run("render", asked, "--clinic", whole_clinic)
    assert (refused.code, refused.out) == (1, "")
    assert "our-treatment.md:1: The front matter is missing" in refused.err
    assert contents(desk) == before, "nothing is written"


# BUG: manuscript.py `loose_passages` reads the whole front matter as one sentence that begins on line 2.
@pytest.mark.parametrize(
    ("text", "told"),
    [pytest.param(ADVERTISEMENT, PROMISES, id="a block"), pytest.param(RAW, RAW_PROMISES, id="as it is")],
)
def test_advertisement_that_no_handout_uses(text: str, told: set[tuple[int, str]], tmp_path: Path) -> None:
    clinic = shutil.copytree(sample_clinic(), tmp_path / "clinic")
    write(clinic, {"content/en/blocks/our-treatment.md": text})
    checked = run("check", "--clinic", clinic)
    assert checked.code == 1
    assert promises(checked.out, "our-treatment.md", "error ") == told
    assert re.search(r"our-treatment\.md: note \[idle-block\]: No handout has this block", checked.out)


def test_advertisement_in_our_own_text_changed_by_a_clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clinic's copy of a block of ours: its own words are told, in every handout that has the block."""
    monkeypatch.chdir(tmp_path)
    clinic = shutil.copytree(sample_clinic(), tmp_path / "clinic")
    notes = (sample_clinic().parent / "en" / "blocks" / "notes.md").read_text(encoding="utf-8")
    write(clinic, {"content/en/blocks/notes.md": f"{notes}\nKetamine is a wonder drug.\n"})
    line = notes.count("\n") + 2
    for slug in ("biological", "spiritual"):
        refused = run("render", slug, "--clinic", clinic)
        assert (refused.code, refused.out) == (1, "")
        assert promises(refused.err, "notes.md") == {(line, "hype-words")}


# The library that comes with us


def test_shipped_library_has_no_error_and_no_unexplained_warning() -> None:
    report = report_of(sample_clinic())
    assert [str(finding) for finding in report.findings if finding.severity == "error"] == []
    assert [str(row) for row in report.findings if row.severity == "warning" and not row.explained] == []
    assert report.not_assessed == []
    assert len(report.readability) >= 12


def test_shipped_spanish_has_no_error_and_two_rules_of_words_that_are_not_assessed() -> None:
    report = inspect(load_house(load_clinic(sample_clinic()), "es", TODAY))
    assert [str(finding) for finding in report.findings if finding.severity == "error"] == []
    assert not rules(report.findings) & {"line-in-english", "stale-translation", "cannot-be-read", "cannot-be-printed"}
    facts, rules_of_words = report.not_assessed
    assert facts.startswith("comparisons and studies that cite no claim")
    assert rules_of_words == "2 rules for words, for want of a pattern in “es”: need-date, need-sources", (
        "what a page prints by itself, and no safety text says"
    )
    assert len(report.readability) >= 12
