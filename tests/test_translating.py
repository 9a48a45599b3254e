"""Translations know which English they were made from, and say so when it has changed."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from handouts.checking.claims import required_parts
from handouts.clinic import load_clinic
from handouts.content import handout_names, load_handout
from handouts.errors import ContentError, DeliveryError, RequestError
from handouts.evidence import Lint, RequiredPart, load_ledger, load_lint
from handouts.handout import Review
from handouts.house import load_house
from handouts.library import SOURCE_LANGUAGE, Library, bundled_root, sample_clinic
from handouts.reviewing import review_of
from handouts.translating import Translation, remember, translations_listed, translations_of
from tests.command import contents, run
from tests.manuscripts import paper_of, passage, rules
from tests.small_clinic import (
    BLOCK,
    BLOCK_FR,
    CLINIC_TOML,
    CLINIC_TOML_FR,
    CRISIS_FR,
    DRAFT_FR,
    FILES,
    FRENCH,
    HANDOUT,
    HANDOUT_FR,
    LOGO,
    PROTOCOL,
    SAFETY,
    SAFETY_FR,
    SAFETY_TEXTS,
    STALE_FR,
    furniture_en,
    furniture_fr,
    write,
    write_french,
    write_small_clinic,
)
from tests.test_reviewing import footers, squeezed

BLOCK_MD, HANDOUT_MD = "content/en/blocks/small-block.md", "content/en/handouts/small.md"
SAFETY_MD, LEDGER = "content/en/blocks/small-safety.md", "content/ledger/safety.yaml"
MEMORY = "content/fr/made-from.yaml"
FURNITURE_EN, FURNITURE_FR = "content/en/furniture.yaml", "content/fr/furniture.yaml"
HERE = ("--language", "fr", "--clinic", "clinic")
# The name of a text, the sentences that are new in English, and those after which something was taken out.
Told = tuple[str, tuple[str, ...], tuple[str, ...]]


@pytest.fixture
def french(small_clinic: Path) -> Path:
    """`clinic/` with the small handout in French, recorded as made from the English that stands there."""
    write_french(small_clinic)
    assert run("translated", "small", *HERE).code == 0
    return small_clinic


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{text.count(old)} times: {old}"
    return text.replace(old, new)


def stale(clinic: Path) -> list[Translation]:
    """The stale texts of the French handout; `list` and `render` must see the same ones."""
    library = Library(clinic, bundled_root())
    found = [row for row in translations_of(load_handout(library, "small", "fr"), library) if row.is_stale]
    assert found == [row for row in translations_listed("small", "fr", library) if row.is_stale]
    return found


def told(clinic: Path) -> list[Told]:
    return [(row.name, row.changed, row.gone) for row in stale(clinic)]


# Recording


def test_recorded_translation_is_as_new_as_the_english(french: Path) -> None:
    assert stale(french) == []
    library = Library(french, bundled_root())
    names = [row.name for row in translations_of(load_handout(library, "small", "fr"), library)]
    assert names == ["fr/handouts/small", "fr/blocks/small-block", "fr/blocks/small-safety", "fr/furniture"]
    assert translations_of(load_handout(library, "small", "en"), library) == ()


def test_record_is_named_and_nothing_else_is_written(small_clinic: Path) -> None:
    write_french(small_clinic)
    before = contents(small_clinic)
    outcome = run("translated", "small", *HERE)
    assert (outcome.code, outcome.err, outcome.out) == (0, "", f"Recorded: {small_clinic / MEMORY}\n")
    after = contents(small_clinic)
    assert after.keys() - before.keys() == {MEMORY}
    assert {name: after[name] for name in before} == before
    again = run("translated", "small", *HERE)
    assert (again.code, again.err, again.out) == (0, "", "Nothing to record: the English is what it was.\n")
    assert contents(small_clinic) == after, "the same English gives the same record"


def test_what_has_not_changed_is_not_written(french: Path) -> None:
    """Not even with the same words: nobody has to think that something was recorded."""
    (french / MEMORY).chmod(0o444)
    before = (french / MEMORY).stat()
    assert remember(["small"], "fr", Library(french, bundled_root())) == ()
    after = (french / MEMORY).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_record_of_one_handout_keeps_that_of_the_others(french: Path) -> None:
    first = (french / MEMORY).read_text(encoding="utf-8").splitlines()
    other = {f"content/{code}/handouts/other.md": text for code, text in (("en", HANDOUT), ("fr", HANDOUT_FR))}
    write(french, other)
    assert run("translated", "other", *HERE).code == 0
    after = (french / MEMORY).read_text(encoding="utf-8").splitlines()
    assert set(first) < set(after)
    assert [line.split(":")[0].strip() for line in after if line not in first] == ["handouts/other"]


def test_all_handouts_of_the_language(french: Path) -> None:
    (french / MEMORY).unlink()
    assert run("translated", "--all", *HERE).code == 0
    assert stale(french) == []


@pytest.mark.parametrize("arguments", [(), ("small", "--all")])
def test_either_names_or_all(arguments: tuple[str, ...], french: Path) -> None:
    before = contents(french)
    assert run("translated", *arguments, *HERE).code == 2
    assert contents(french) == before


def test_language_has_to_be_said(french: Path) -> None:
    assert run("translated", "small", "--clinic", french).code == 2


def test_english_is_made_from_nothing(french: Path) -> None:
    before = contents(french)
    for what in ("small", "--all"):
        outcome = run("translated", what, "--language", "en", "--clinic", french)
        assert (outcome.code, outcome.out) == (1, "")
        assert outcome.message.startswith("English is what the others are translated from.")
    with pytest.raises(RequestError):
        remember(["small"], "en", Library(french, bundled_root()))
    assert contents(french) == before


@pytest.mark.parametrize("language", ["zz", "../fr", "./fr", "schemas"])
def test_language_that_is_not_there(language: str, french: Path) -> None:
    before = contents(french)
    for what in ("small", "--all"):
        outcome = run("translated", what, "--language", language, "--clinic", french)
        assert outcome.code == 1
        assert f"language “{language}”" in outcome.message
    assert contents(french) == before


def test_nobody_has_recorded(small_clinic: Path) -> None:
    write_french(small_clinic)
    assert told(small_clinic) == [(f"fr/{name}", (), ()) for name in ("handouts/small", *BLOCKS, "furniture")]
    assert stale(small_clinic)[0].problem == "Nobody has recorded which English “fr/handouts/small” was made from"


BLOCKS = ("blocks/small-block", "blocks/small-safety")


def test_text_that_is_there_in_one_language_only(french: Path) -> None:
    """Nobody can compare it with anything, and it is not held back."""
    write(french, {"content/fr/handouts/seul.md": HANDOUT_FR})
    assert run("render", "seul", *HERE).code == 0


# What has changed


WITH_PEOPLE = changed(BLOCK, "---\nSome", "people:\n  square: [{count: 3, of: 10, label: felt well}]\n---\nSome")
WITH_WORDS = changed(BLOCK, "---\nSome", "words:\n  NMDA: A gate.\nknow: [It opens.]\nlearning: [It shuts.]\n---\nSome")
WITH_FIELDS = changed(BLOCK, "kind: text", "kind: card\nfields: [Date, Name]")
MORE_SAFETY = SAFETY_TEXTS + SAFETY_TEXTS.removeprefix("safety:\n").replace("take-care", "rest").replace(
    "Take care.", "Have a rest."
).replace("must: always", "must: take-home")
BLOCK_NAME, SAFETY_NAME, HANDOUT_NAME = "fr/blocks/small-block", "fr/blocks/small-safety", "fr/handouts/small"
FURNITURE_NAME, CRISIS_EN = "fr/furniture", "It is free, day and night."
SWAPPED = changed(furniture_en(), "\nknow: What we know", "\nknow: Words to know")
SWAPPED = changed(SWAPPED, "\nwords: Words to know", "\nwords: What we know")
# Name: what stands in the English, what then stands there, and what is told of it.
CHANGES: dict[str, tuple[dict[str, str], dict[str, str], Told]] = {
    "a changed sentence": (
        {},
        {BLOCK_MD: changed(BLOCK, "Some text.", "Other text.")},
        (BLOCK_NAME, ("Other text.",), ("This is the key point.",)),
    ),
    "an added sentence": (
        {},
        {BLOCK_MD: changed(BLOCK, "Some text.", "Some text. It’s “new” & **bold**.")},
        (BLOCK_NAME, ("It’s “new” & bold.",), ()),
    ),
    "a removed sentence": (
        {},
        {BLOCK_MD: changed(BLOCK, "Some text. Call", "Call")},
        (BLOCK_NAME, (), ("This is the key point.",)),
    ),
    "two removed sentences, one after the other": (
        {},
        {BLOCK_MD: changed(BLOCK, "Some text. Call ((clinic phone)).[@small-claim]\n\n", "")},
        (BLOCK_NAME, (), ("This is the key point.",)),
    ),
    "two removed sentences, each at its place": (
        {},
        {BLOCK_MD: changed(changed(BLOCK, "Some text. Call", "Call"), '"This is a square."', '"A square."')},
        (BLOCK_NAME, ("A square.",), ("This is the key point.", "A square.")),
    ),
    "the words around a blank": (
        {},
        {BLOCK_MD: changed(BLOCK, "Call ((clinic phone))", "Phone ((clinic phone))")},
        (BLOCK_NAME, ("Phone ((clinic phone)).",), ("Some text.",)),
    ),
    "a key point": (
        {},
        {BLOCK_MD: changed(BLOCK, "This is the key", "Here is the key")},
        (BLOCK_NAME, ("Here is the key point.",), ("A small block",)),
    ),
    "what a picture shows": (
        {},
        {BLOCK_MD: changed(BLOCK, "![A square.", "![A big square.")},
        (BLOCK_NAME, ("A big square.",), ("Call ((clinic phone)).",)),
    ),
    "a caption": (
        {},
        {BLOCK_MD: changed(BLOCK, "This is a square", "It is a square")},
        (BLOCK_NAME, ("It is a square.",), ("A square.",)),
    ),
    "a title": (
        {},
        {BLOCK_MD: changed(BLOCK, "title: A small block", "title: A tiny block")},
        (BLOCK_NAME, ("A tiny block",), ("",)),
    ),
    "a title of one word": (
        {BLOCK_MD: changed(BLOCK, "title: A small block", "title: Benefits")},
        {BLOCK_MD: changed(BLOCK, "title: A small block", "title: Risks")},
        (BLOCK_NAME, ("Risks",), ("",)),
    ),
    "how many people": (
        {BLOCK_MD: WITH_PEOPLE},
        {BLOCK_MD: changed(WITH_PEOPLE, "count: 3", "count: 4")},
        (BLOCK_NAME, ("4 of 10: felt well",), ("This is a square.",)),
    ),
    "a word to know": (
        {BLOCK_MD: WITH_WORDS},
        {BLOCK_MD: changed(WITH_WORDS, "NMDA: A", "GABA: A")},
        (BLOCK_NAME, ("GABA: A gate.",), ("This is a square.",)),
    ),
    "a line that is known now": (
        {BLOCK_MD: WITH_WORDS},
        {BLOCK_MD: changed(WITH_WORDS, "[It opens.]\nlearning: [It shuts.]", "[It opens., It shuts.]")},
        (BLOCK_NAME, ("It shuts.",), ("It opens.",)),
    ),
    "a line to write on": (
        {BLOCK_MD: WITH_FIELDS},
        {BLOCK_MD: changed(WITH_FIELDS, "Date, Name", "Day, Name")},
        (BLOCK_NAME, ("Day",), ("This is a square.",)),
    ),
    "the short list": (
        {},
        {SAFETY_MD: changed(SAFETY, "- Take care.[", "- Rest.[")},
        (SAFETY_NAME, ("Rest.",), ("Read this.",)),
    ),
    "a safety text of the ledger": (
        {},
        {LEDGER: changed(SAFETY_TEXTS, "text: Take care.", "text: Take great care.")},
        (SAFETY_NAME, ("Take great care.",), ("Always",)),  # "Take care." stands in the short list still
    ),
    "one more safety text": (
        {LEDGER: MORE_SAFETY},
        {SAFETY_MD: changed(SAFETY, "items: [take-care]", "items: [take-care, rest]")},
        (SAFETY_NAME, ("Have a rest.",), ()),
    ),
    "own words for a safety text": (
        {},
        {SAFETY_MD: changed(SAFETY, "---\nRead", "texts: {take-care: Be careful.}\n---\nRead")},
        (SAFETY_NAME, ("Be careful.",), ("Always",)),
    ),
    "the main message": (
        {},
        {HANDOUT_MD: changed(HANDOUT, "It is small.", "It is tiny.")},
        (HANDOUT_NAME, ("It is tiny.",), ("A small handout",)),
    ),
    "the welcome": (
        {},
        {HANDOUT_MD: changed(HANDOUT, "Hello from", "Hi from")},
        (HANDOUT_NAME, ("Hi from ((clinic name)).",), ("It is small.",)),
    ),
    "one more section": (
        {"content/en/blocks/more.md": BLOCK},
        {HANDOUT_MD: changed(HANDOUT, "sections: [small-block,", "sections: [small-block, more,")},
        (HANDOUT_NAME, ("the section more",), ()),
    ),
    "one section less in the summary": (
        {},
        {HANDOUT_MD: changed(HANDOUT, "summary: [small-block,", "summary: [")},
        (HANDOUT_NAME, (), ("the section small-safety",)),
    ),
    "a word of the page": (
        {},
        {FURNITURE_EN: changed(furniture_en(), "call_us: Call us", "call_us: Reach us")},
        (FURNITURE_NAME, ("Reach us",), (CRISIS_EN,)),
    ),
    "a word of the page that comes after others": (
        {},
        {FURNITURE_EN: changed(furniture_en(), "adult: an adult you know", "adult: an adult")},
        (FURNITURE_NAME, ("an adult",), ("{count} minutes",)),
    ),
    "words of the page that change places": (
        {},
        {FURNITURE_EN: SWAPPED},
        (FURNITURE_NAME, ("Words to know", "What we know"), ("What is inside", "What we are still learning")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_is_told_word_for_word(change: str, french: Path) -> None:
    before, after, expected = CHANGES[change]
    write(french, before)
    assert run("translated", "small", *HERE).code == 0
    assert stale(french) == []
    write(french, after)
    (row,) = stale(french)
    assert (row.name, row.changed, row.gone) == expected
    assert row.where.path == french / "content" / f"{row.name}.{'yaml' if row.name == FURNITURE_NAME else 'md'}"
    assert all(f"“{sentence}”" in row.problem for sentence in row.changed)
    assert all(f"after “{sentence}”" in row.problem for sentence in row.gone if sentence)
    assert ("at its beginning" in row.problem) == ("" in row.gone)
    assert ("taken out or reworded" in row.problem) == bool(row.gone)
    assert run("translated", "small", *HERE).code == 0
    assert stale(french) == []


def test_glossary_takes_its_words_from_other_blocks(french: Path) -> None:
    """The block that teaches the word need not stand in the same handout."""
    other = changed(BLOCK, "---\nSome", "words: {gate: A way in.}\n---\nSome")
    glossary = changed(BLOCK, "kind: text", "kind: glossary\nwords_from: [other]")
    write(french, {f"content/{code}/blocks/other.md": other for code in ("en", "fr")})
    write(french, {f"content/{code}/blocks/small-block.md": glossary for code in ("en", "fr")})
    assert run("translated", "small", *HERE).code == 0
    assert stale(french) == []
    write(french, {"content/en/blocks/other.md": changed(other, "A way in.", "A door.")})
    assert told(french) == [(BLOCK_NAME, ("gate: A door.",), ("This is a square.",))]


def test_two_texts_are_told_each_with_its_file(french: Path) -> None:
    write(french, {BLOCK_MD: changed(BLOCK, "Some text", "New text"), HANDOUT_MD: changed(HANDOUT, "Hello", "Hi")})
    assert [row.where.path.name for row in stale(french)] == ["small.md", "small-block.md"]


NOT_WORDS: dict[str, dict[str, str]] = {
    "a citation": {BLOCK_MD: changed(BLOCK, "phone)).[@small-claim]", "phone)).[@take-care]")},
    "one citation more": {BLOCK_MD: changed(BLOCK, "Some text.", "Some text.[@small-claim]")},
    "an icon": {"content/figures/icon-round.svg": LOGO, BLOCK_MD: changed(BLOCK, "icon: square", "icon: round")},
    "where lines break": {BLOCK_MD: changed(BLOCK, "Some text. Call", "Some text.\nCall")},
    "bold type": {BLOCK_MD: changed(BLOCK, "Some text.", "**Some** text.")},
    "a comment": {BLOCK_MD: changed(BLOCK, "kind: text", "kind: text  # as always")},
    "the version": {HANDOUT_MD: changed(HANDOUT, 'version: "1.0"', 'version: "1.1"')},
    "the purpose, which is not printed": {HANDOUT_MD: changed(HANDOUT, "laid out quickly", "laid out soon")},
    "a safety text that is not printed": {LEDGER: MORE_SAFETY},
    "a block of another handout": {"content/en/blocks/other.md": BLOCK},
}


@pytest.mark.parametrize("change", NOT_WORDS)
def test_what_is_not_words_changes_nothing(change: str, french: Path) -> None:
    files = dict(NOT_WORDS[change])
    write(french, files)
    assert stale(french) == []
    assert run("render", "small", *HERE).code == 0


# `render`


def test_render_refuses_a_stale_translation_and_writes_nothing(french: Path, desk: Path) -> None:
    write(french, {BLOCK_MD: changed(BLOCK, "Some text", "Other text")})
    outcome = run("render", "small", *HERE)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.message == (
        "clinic/content/fr/blocks/small-block.md: The English of “fr/blocks/small-block” has changed since it was "
        "translated: new in English: “Other text.”; taken out or reworded in English: after “This is the key point.”. "
        "Translate what changed, then: handouts translated small --language fr. To print it all the same, add --stale; "
        "the page then says that it is older than the English."
    )
    assert not (desk / "output").exists()


def test_render_refuses_an_unrecorded_translation(small_clinic: Path, desk: Path) -> None:
    write_french(small_clinic)
    outcome = run("render", "small", *HERE)
    assert (outcome.code, outcome.out) == (1, "")
    assert len(outcome.err.splitlines()) == 4, "the handout, its two blocks and the words of the page"
    assert all("Nobody has recorded which English" in line for line in outcome.err.splitlines())
    assert not (desk / "output").exists()


def test_one_stale_translation_stops_all_papers(french: Path, desk: Path) -> None:
    files = {f"content/{code}/handouts/other.md": text for code, text in (("en", HANDOUT), ("fr", HANDOUT_FR))}
    write(french, files)
    outcome = run("render", "small", "other", *HERE)
    assert outcome.code == 1
    assert "“fr/handouts/other”" in outcome.err and "Nothing was printed." in outcome.err
    assert not (desk / "output").exists()


@pytest.mark.parametrize("name", ["full", "summary"])
@pytest.mark.parametrize("large", [False, True])
def test_stale_is_printed_when_asked_and_says_so_on_the_page(name: str, large: bool, french: Path, desk: Path) -> None:
    for room in ("templates", "styles"):
        shutil.rmtree(french / room)  # our own pages, with their footers
    asked = ["render", "small", "--format", name, *(["--large-print"] if large else []), *HERE]
    assert run(*asked, "--output", "new.pdf").code == 0
    write(french, {BLOCK_MD: changed(BLOCK, "Some text", "Other text")})
    assert run(*asked, "--output", "refused.pdf").code == 1
    outcome = run(*asked, "--stale", "--output", "old.pdf")
    assert (outcome.code, outcome.err) == (0, "")
    for page in footers(desk / "new.pdf"):
        assert squeezed(DRAFT_FR) in page and squeezed(STALE_FR) not in page
    for page in footers(desk / "old.pdf"):
        assert squeezed(STALE_FR) in page and squeezed(DRAFT_FR) not in page
    assert not (desk / "refused.pdf").exists()


def test_stale_changes_nothing_else(french: Path, desk: Path) -> None:
    for language in ("fr", "en"):
        asked = ("render", "small", "--language", language, "--clinic", french, "--output")
        assert run(*asked, "plain").code == 0
        assert run(*asked, "stale", "--stale").code == 0
    assert contents(desk / "plain") == contents(desk / "stale") != {}


def test_english_prints_whatever_the_translation_is(french: Path) -> None:
    write(french, {BLOCK_MD: changed(BLOCK, "Some text", "Other text")})
    assert run("render", "small", "--clinic", french).code == 0


# `list` and `check`


def test_words_of_the_page_are_told_in_each_handout_and_held_back(french: Path, desk: Path) -> None:
    write(french, {FURNITURE_EN: changed(furniture_en(), "call_us: Call us", "call_us: Reach us")})
    assert "“fr/furniture” has changed since it was translated: new in English: “Reach us”" in small_lines(french)
    assert small_row(french)["stale"] == [FURNITURE_NAME]
    outcome = run("render", "small", *HERE)
    assert outcome.code == 1
    assert outcome.message.startswith(f"clinic/{FURNITURE_FR}: The English of “fr/furniture” has changed")
    assert not (desk / "output").exists()
    assert run("translated", "small", *HERE).code == 0
    assert run("render", "small", *HERE).code == 0


def test_list_tells(french: Path) -> None:
    assert "English" not in small_lines(french)
    assert small_row(french)["stale"] == []
    write(french, {BLOCK_MD: changed(BLOCK, "Some text", "Other text")})
    assert "has changed since it was translated: new in English: “Other text.”" in small_lines(french)
    assert small_row(french)["stale"] == [BLOCK_NAME]
    assert small_row(french)["languages"] == ["en", "fr"]


def small_lines(clinic: Path) -> str:
    """What `list` says about the small handout."""
    lines = run("list", "--clinic", clinic).out.splitlines()
    first = next(at for at, line in enumerate(lines) if line.startswith("small "))
    after = (at for at in range(first + 1, len(lines)) if not lines[at].startswith(" "))
    return "\n".join(lines[first : next(after)])


def small_row(clinic: Path) -> dict[str, object]:
    rows = json.loads(run("list", "--json", "--clinic", clinic).out)
    (row,) = (row for row in rows if row["handout"] == "small")
    return dict(row)


@pytest.mark.parametrize("sections", ["", "sections: small-block\n", "sections: 3\n", "sections: [1, {a: b}]\n"])
def test_list_bears_a_translation_that_cannot_be_read(sections: str, french: Path) -> None:
    broken = changed(HANDOUT_FR, "sections: [small-block, small-safety]\n", sections)
    write(french, {"content/fr/handouts/small.md": broken})
    assert run("list", "--clinic", french).code == 0


def test_check_tells_each_stale_text(french: Path) -> None:
    def told() -> list[dict[str, str]]:
        found = json.loads(run("check", "small", "--json", *HERE).out)["findings"]
        return [row for row in found if row["rule"] == "stale-translation"]

    assert told() == []
    write(french, {BLOCK_MD: changed(BLOCK, "Some text", "Other text")})
    (row,) = told()
    assert row["severity"] == "error"
    assert row["file"] == str(french / "content/fr/blocks/small-block.md")
    assert "“Other text.”" in row["problem"]
    assert row["remedy"] == "Translate what changed, then: handouts translated small --language fr."
    outcome = run("check", "small", *HERE)
    assert outcome.code == 1
    assert "error [stale-translation]: The English of “fr/blocks/small-block” has changed" in outcome.out


# Parts beside their English


MORE_FR = changed(BLOCK_FR, "![Un carré.]", "Un paragraphe de plus.\n\n![Un carré.]")
OTHER_BLOCKS = changed(HANDOUT_FR, "sections: [small-block, small-safety]", "sections: [small-safety, small-block]")
# What the French has otherwise than the English, where it is told, and in which words.
OUT_OF_STEP = {
    "a paragraph more": ({"content/fr/blocks/small-block.md": MORE_FR}, "blocks/small-block.md", "3 paragraphs"),
    "another citation": (
        {"content/fr/blocks/small-block.md": changed(BLOCK_FR, "phone)).[@small-claim]", "phone)).[@take-care]")},
        "blocks/small-block.md",
        "@take-care",
    ),
    "a line more in a list": (
        {"content/fr/blocks/small-safety.md": changed(SAFETY_FR, "  - Faites", "  - Un.\n  - Faites")},
        "blocks/small-safety.md",
        "2 lines of `short:`",
    ),
    "another order": ({"content/fr/handouts/small.md": OTHER_BLOCKS}, "handouts/small.md", "the same sections"),
}


def found_by(rule: str, *options: str) -> list[dict[str, str]]:
    """What `check` of the small handout finds by one rule."""
    found = json.loads(run("check", "small", "--json", *(options or HERE)).out)["findings"]
    return [row for row in found if row["rule"] == rule]


@pytest.mark.parametrize("case", OUT_OF_STEP)
def test_translation_out_of_step_is_a_warning(case: str, whole: Path) -> None:
    small = {**FRENCH, **OUT_OF_STEP[case][0]}
    write(whole, {**small, BLOCK_MD: BLOCK, HANDOUT_MD: HANDOUT})
    (row,) = found_by("not-side-by-side")
    assert row["severity"] == "warning"
    assert row["file"] == str(whole / "content/fr" / OUT_OF_STEP[case][1])
    assert OUT_OF_STEP[case][2] in row["problem"]
    assert row["remedy"]
    assert run("translated", "small", *HERE).code == 0
    assert run("render", "small", *HERE).code == 0, "by itself it can be printed"


def test_translation_in_step_has_no_such_warning(whole: Path) -> None:
    assert found_by("not-side-by-side") == []
    outcome = run("check", "small", *HERE)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines()[-1].startswith("0 errors")


def test_english_is_not_compared_with_its_translations(whole: Path) -> None:
    write(whole, {"content/fr/blocks/small-block.md": MORE_FR})
    assert found_by("not-side-by-side", "--clinic", "clinic") == []


def test_handout_without_an_english_that_can_be_read_is_not_compared(french: Path) -> None:
    write(french, {BLOCK_MD: "no front matter\n"})
    assert found_by("not-side-by-side") == []
    assert found_by("not-signed"), "the French is checked all the same"
    (french / HANDOUT_MD).unlink()
    assert found_by("not-side-by-side") == []
    assert found_by("not-signed")


# The clinic's own lines


def in_english(clinic: Path) -> list[tuple[str, int]]:
    found = found_by("line-in-english", "--language", "fr", "--clinic", str(clinic))
    assert {row["severity"] for row in found} <= {"warning"}
    return [(Path(row["file"]).name, int(row["line"])) for row in found]


def test_lines_in_english_are_told_by_check_and_by_render(french: Path) -> None:
    assert in_english(french) == []
    assert run("render", "small", *HERE).err == ""
    write(french, {"clinic.toml": CLINIC_TOML})
    lines = [CLINIC_TOML.splitlines().index(line) + 1 for line in ('crisis = "Call 988."', HOURS)]
    assert in_english(french) == [("clinic.toml", line) for line in lines]
    (row, _) = found_by("line-in-english")
    assert row["problem"] == "This line is printed in English on pages in “fr”"
    assert row["remedy"] == 'Write it in both: { en = "…", fr = "…" }.'
    outcome = run("render", "small", *HERE)
    assert outcome.code == 0, "it is better than no paper"
    assert [line.partition(": This")[0] for line in outcome.err.splitlines()] == [
        f"clinic/clinic.toml:{line}: warning [line-in-english]" for line in lines
    ]
    english = run("render", "small", "--clinic", "clinic")
    assert (english.code, english.err) == (0, "")
    assert found_by("line-in-english", "--clinic", "clinic") == []


HOURS = 'hours = "Mondays, 8 am to 9 am"'


def test_own_lines_of_a_clinic_stand_in_the_language_of_the_page(whole: Path) -> None:
    protocol = PROTOCOL.replace(
        '"(555) 010-0911, any time"', '{ en = "(555) 1 any time", fr = "(555) 1 à toute heure" }'
    )
    own = CLINIC_TOML_FR.replace(
        "[[locations]]", 'legal = { en = "We are invented.", fr = "Inventée." }\n[[locations]]'
    )
    write(whole, {"clinic.toml": own + protocol})
    lines = {
        "en": ("Mondays, 8 am to 9 am", "Call 988.", "We are invented.", "any time"),
        "fr": ("Le lundi, de 8 h à 9 h", "Appelez le 988.", "Inventée.", "à toute heure"),
    }
    for language, other in (("en", "fr"), ("fr", "en")):
        outcome = run("render", "small", "--language", language, "--clinic", whole)
        assert outcome.code == 0, outcome.err
        said = "".join(footers(Path(outcome.out.strip())))
        assert all(squeezed(line) in said for line in lines[language])
        assert not [line for line in lines[other] if squeezed(line) in said]


def test_promise_in_a_line_of_the_clinic_is_refused_in_its_language_alone(french: Path) -> None:
    legal = 'legal = { en = "We are invented.", fr = "La kétamine guérit." }'
    settings = CLINIC_TOML_FR.replace("[[locations]]", f"{legal}\n[[locations]]")
    write(french, {"clinic.toml": settings, "content/fr/lint.yaml": PHRASE})
    at = settings.splitlines().index(legal) + 1
    (row,) = found_by("cure")
    assert (Path(row["file"]).name, row["line"], row["severity"]) == ("clinic.toml", at, "error")
    outcome = run("render", "small", *HERE)
    assert outcome.code == 1
    assert f"clinic.toml:{at}: [cure] “La kétamine guérit.”" in outcome.message
    assert run("render", "small", "--clinic", french).code == 0


def test_clinic_without_a_crisis_line_has_that_of_the_language(whole: Path) -> None:
    write(whole, {"clinic.toml": CLINIC_TOML_FR.replace('crisis = { en = "Call 988.", fr = "Appelez le 988." }\n', "")})
    for language, line in (("en", CRISIS_EN), ("fr", CRISIS_FR)):
        outcome = run("render", "small", "--language", language, "--clinic", whole)
        assert (outcome.code, outcome.err) == (0, "")
        assert squeezed(line) in "".join(footers(Path(outcome.out.strip())))
    assert in_english(whole) == []


# The record


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("texts: [\n", 2, "not valid YAML"),
        ("texts:\n  blocks/small-block: {english: abc}\n", 2, "sentences” is missing"),
        ("texts:\n  blocks/small-block: {english: abc, sentences: [a], more: 1}\n", 2, "more” is not known"),
        ("text: {}\n", None, "“text” is not known here"),
        ("# nothing\ntexts:\n", 2, "“texts”"),
        ("texts:\n  a: {english: b, sentences: [c]}\n  a: {english: b, sentences: [c]}\n", 3, "twice"),
        ("texts: \ud800".encode("utf-8", "surrogatepass"), 1, "UTF-8"),
        ("", 1, "Keys and values"),
    ],
)
@pytest.mark.parametrize("command", ["render small", "render small --stale", "check small", "list", "translated small"])
def test_damaged_record_is_an_error_with_its_line(
    command: str, text: str | bytes, line: int | None, words: str, french: Path, desk: Path
) -> None:
    """It is never taken for “nobody has recorded”, and never written over."""
    write(french, {MEMORY: text})
    before = contents(french)
    outcome = run(*command.split(), *(HERE if command != "list" else HERE[2:]))
    place = f"clinic/{MEMORY}:{line}: " if line else f"clinic/{MEMORY}:"
    rows = [row for row in (outcome.out + outcome.err).splitlines() if row.startswith(place)]
    assert outcome.code == 1
    assert any(words in row for row in rows) or words in outcome.err, outcome.err + outcome.out
    assert rows or line is None
    assert contents(french) == before
    assert not (desk / "output").exists()


def test_check_tells_a_damaged_record_and_all_else(french: Path) -> None:
    """It is one finding among others: whoever mends the texts need not mend the record first."""
    cited = changed(BLOCK_FR, "Un peu de texte,", "Un peu de texte,[@nothing]")
    write(french, {MEMORY: "# ours\ntexts:\n  a: {english: b}\n", "content/fr/blocks/small-block.md": cited})
    outcome = run("check", "small", "--json", *HERE)
    assert (outcome.code, outcome.err) == (1, "")
    found = json.loads(outcome.out)["findings"]
    record = [row for row in found if row["file"] == str(french / MEMORY)]
    assert [(row["rule"], row["severity"], row["line"]) for row in record] == [("cannot-be-read", "error", 3)]
    assert "nothing" in next(row["problem"] for row in found if row["rule"] == "cannot-be-printed")
    assert "not-signed" in {row["rule"] for row in found}


def test_damaged_record_keeps_the_signature_off(whole: Path) -> None:
    write(whole, {MEMORY: "texts: 3\n"})
    outcome = run("sign-off", "small", "--by", BY, *COMPARED, *HERE)
    assert outcome.code == 1
    assert outcome.message.startswith(f"clinic/{MEMORY}:1: [cannot-be-read] ")
    assert not (whole / SIGNED).exists()


@pytest.mark.parametrize("number", [errno.EACCES, errno.ENOSPC], ids=errno.errorcode.get)
@pytest.mark.parametrize("step", ["pathlib.Path.mkdir", "tempfile.mkstemp", "os.fsync", "pathlib.Path.replace"])
def test_disk_that_refuses_keeps_the_record(
    french: Path, monkeypatch: pytest.MonkeyPatch, number: int, step: str
) -> None:
    """The record is written whole or not at all."""
    write(french, {BLOCK_MD: changed(BLOCK, "Some text", "Other text")})
    before = contents(french)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(step, refuse)
        with pytest.raises(DeliveryError, match="record cannot be written") as caught:
            remember(["small"], "fr", Library(french, bundled_root()))
    assert os.strerror(number) in str(caught.value) and MEMORY in str(caught.value)
    assert contents(french) == before


# Shelves


@pytest.fixture
def shelves(tmp_path: Path) -> Library:
    """A bundled shelf that holds the small handout in two languages, and the empty shelf of a clinic."""
    ours = write_french(write_small_clinic(tmp_path / "ours"))
    write(ours, {FURNITURE_EN: furniture_en()})
    (tmp_path / "theirs").mkdir()
    library = Library(tmp_path / "theirs", ours)
    assert remember(["small"], "fr", library) == (ours / MEMORY,)
    return library


def stale_names(library: Library) -> list[str]:
    return [row.name for row in translations_listed("small", "fr", library) if row.is_stale]


def test_own_english_of_a_clinic_makes_our_translation_stale_for_it_alone(shelves: Library, tmp_path: Path) -> None:
    write(shelves.clinic, {BLOCK_MD: changed(BLOCK, "Some text", "Our text")})
    assert stale_names(shelves) == [BLOCK_NAME]
    assert stale_names(another(shelves, tmp_path)) == []


def another(shelves: Library, folder: Path) -> Library:
    """Another clinic, which has nothing of its own."""
    (folder / "another").mkdir(exist_ok=True)
    return Library(folder / "another", shelves.bundled)


@pytest.mark.parametrize(
    ("name", "file", "text"),
    [
        pytest.param(BLOCK_NAME, BLOCK_MD, changed(BLOCK, "Some text", "Our text"), id="block"),
        pytest.param(HANDOUT_NAME, HANDOUT_MD, changed(HANDOUT, "Hello", "Hi"), id="handout"),
        pytest.param(
            FURNITURE_NAME,
            FURNITURE_EN,
            changed(furniture_en(), "call_us: Call us", "call_us: Reach us"),
            id="words of the page",
        ),
    ],
)
def test_own_english_of_a_clinic_is_recorded_on_its_shelf(
    name: str, file: str, text: str, shelves: Library, tmp_path: Path
) -> None:
    """What it says of our translation holds for nobody else."""
    ours = contents(shelves.bundled)
    write(shelves.clinic, {file: text})
    assert not (shelves.clinic / "content/fr").exists(), "a folder that it has to make"
    assert stale_names(shelves) == [name]
    assert remember(["small"], "fr", shelves) == (shelves.clinic / MEMORY,)
    assert stale_names(shelves) == []
    recorded = yaml.safe_load((shelves.clinic / MEMORY).read_text(encoding="utf-8"))["texts"]
    assert list(recorded) == [name.removeprefix("fr/")]
    assert contents(shelves.bundled) == ours
    assert stale_names(another(shelves, tmp_path)) == []


def test_our_translation_of_a_clinics_own_english_is_recorded_by_the_command(
    french: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From our shelf and theirs, each record is written where it belongs, and each one is named."""
    ours = write_french(write_small_clinic(french.parent / "ours"))
    monkeypatch.setattr("handouts.clinic.bundled_root", lambda: ours)
    shutil.rmtree(french / "content")
    write(french, {BLOCK_MD: changed(BLOCK, "Some text", "Our text")})
    outcome = run("translated", "--all", *HERE)
    assert (outcome.code, outcome.err) == (0, "")
    assert set(outcome.out.splitlines()) == {f"Recorded: {french / MEMORY}", f"Recorded: {ours / MEMORY}"}
    write(french, {BLOCK_MD: changed(BLOCK, "Some text", "Newer text")})
    assert run("translated", "small", *HERE).out == f"Recorded: {french / MEMORY}\n", "ours is as it was"


def test_own_safety_texts_of_a_clinic_are_recorded_on_its_shelf(shelves: Library, tmp_path: Path) -> None:
    """Our block is as it was, but its words are not: a record of them is the clinic's alone."""
    write(shelves.clinic, {LEDGER: changed(SAFETY_TEXTS, "text: Take care.", "text: Take great care.")})
    ours = contents(shelves.bundled)
    assert stale_names(shelves) == [SAFETY_NAME]
    assert remember(["small"], "fr", shelves) == (shelves.clinic / MEMORY,)
    assert stale_names(shelves) == []
    assert contents(shelves.bundled) == ours
    assert stale_names(another(shelves, tmp_path)) == []


def test_sentences_that_a_clinic_has_changed_are_told(shelves: Library) -> None:
    """It has no record of its own yet: what our translation was made from is in ours."""
    write(shelves.clinic, {BLOCK_MD: changed(BLOCK, "Some text", "Our text")})
    (found,) = (row for row in translations_listed("small", "fr", shelves) if row.is_stale)
    assert (found.recorded, found.changed) == (True, ("Our text.",))


def test_folder_for_the_record_that_cannot_be_made(shelves: Library) -> None:
    write(shelves.clinic, {BLOCK_MD: changed(BLOCK, "Some text", "Our text"), "content/fr": "a file\n"})
    before = contents(shelves.clinic)
    with pytest.raises(DeliveryError, match="record cannot be written") as caught:
        remember(["small"], "fr", shelves)
    assert MEMORY in str(caught.value)
    assert contents(shelves.clinic) == before


def test_own_translation_of_a_clinic_is_recorded_on_its_shelf(shelves: Library) -> None:
    ours = contents(shelves.bundled)
    write(shelves.clinic, {name: FRENCH[name] for name in ("content/fr/blocks/small-block.md",)})
    assert stale_names(shelves) == [BLOCK_NAME], "nobody has said what theirs was made from"
    assert remember(["small"], "fr", shelves) == (shelves.clinic / MEMORY,), "ours has not changed"
    assert stale_names(shelves) == []
    theirs = (shelves.clinic / MEMORY).read_text(encoding="utf-8")
    assert "blocks/small-block:" in theirs
    assert "blocks/small-safety:" not in theirs, "ours stays where it is, and is renewed with us"
    assert contents(shelves.bundled) == ours


def test_own_record_of_a_clinic_does_not_hide_ours(shelves: Library) -> None:
    own = {f"content/{code}/handouts/own.md": text for code, text in (("en", HANDOUT), ("fr", HANDOUT_FR))}
    write(shelves.clinic, own)
    remember(["own"], "fr", shelves)
    write(shelves.bundled, {BLOCK_MD: changed(BLOCK, "Some text", "New text")})
    assert stale_names(shelves) == [BLOCK_NAME]
    remember(["small"], "fr", Library(shelves.bundled / "nowhere", shelves.bundled))
    assert stale_names(shelves) == [], "a new release of ours is not held up by an old record of theirs"


# The words of the page


@pytest.mark.parametrize("key", ["translation_draft", "translation_stale"])
def test_words_that_a_translation_needs(key: str, french: Path) -> None:
    lines = [line for line in furniture_fr().splitlines() if not line.startswith(f"{key}:")]
    write(french, {FURNITURE_FR: "\n".join(lines)})
    for command in ("render small", "check small", "sign-off small --by NAME --translator T --qualification Q"):
        outcome = run(*command.split(), *HERE)
        assert outcome.code == 1
        assert outcome.message.startswith("clinic/content/fr/furniture.yaml:")
        assert f"`{key}:`" in outcome.message


def test_english_needs_no_words_for_translations(small_clinic: Path) -> None:
    english = (bundled_root() / "content" / "en" / "furniture.yaml").read_bytes()
    assert b"translation_" not in english
    assert run("render", "small", "--clinic", small_clinic).code == 0


# Signing a translation


BY, TRANSLATOR, QUALIFICATION = "Dr. Ada Example", "Trudi Traductrice", "certified medical translator"
COMPARED = ("--translator", TRANSLATOR, "--qualification", QUALIFICATION)
WHOLE = changed(BLOCK, "kind: text\n", (
    "kind: text\nknow: ['It helps.[@small-claim]']\nlearning: ['Nobody knows why.[@small-claim]']\n"
    "steps:\n  - {title: Come, text: Come here.}\n"
))  # fmt: skip
WHOLE_FR = changed(BLOCK_FR, "kind: text\n", (
    "kind: text\nknow: ['Cela aide.[@small-claim]']\nlearning: ['On ne sait pas pourquoi.[@small-claim]']\n"
    "steps:\n  - {title: Venez, text: Venez ici.}\n"
))  # fmt: skip
HELP = "---\ntitle: Help\nkind: help\nicon: square\nkey_point: Call us at ((clinic phone)).\n---\n"
HELP_FR = "---\ntitle: À l’aide\nkind: help\nicon: square\nkey_point: Appelez-nous au ((clinic phone)).\n---\n"
# What the ledger of the small clinic asks of each document. Ours names texts that this ledger does not have.
ASKED = """\
lint:
  rules: []
  required:
  - id: need-care
    severity: error
    scope: document
    when: always
    require: take care
    why: Nobody should be hurt.
    basis: [small-study]
    suggest: take-care
"""
SIGNED = "sign-offs/small-fr.toml"


@pytest.fixture
def whole(french: Path) -> Path:
    """`clinic/` with a French handout that has no error in it, on our own pages, which have footers."""
    for room in ("templates", "styles"):
        shutil.rmtree(french / room)
    sections = ("sections: [small-block,", "sections: [small-block, small-help,")
    both = (("en", HANDOUT, WHOLE, HELP), ("fr", HANDOUT_FR, WHOLE_FR, HELP_FR))
    for code, handout, block, call in both:
        write(french, {f"content/{code}/handouts/small.md": changed(handout, *sections)})
        write(french, {f"content/{code}/blocks/small-block.md": block, f"content/{code}/blocks/small-help.md": call})
    write(french, {"content/ledger/lint.yaml": ASKED})
    assert run("translated", "small", *HERE).code == 0
    return french


def footer(whole: Path, *arguments: str) -> str:
    """The words of the page in French."""
    outcome = run("render", "small", *arguments, *HERE, "--format", "summary")
    assert outcome.code == 0, outcome.err
    (page,) = footers(Path(outcome.out.strip()))
    return page


def test_translation_is_a_draft_until_somebody_signs_it(whole: Path) -> None:
    assert squeezed(DRAFT_FR) in footer(whole)
    outcome = run("sign-off", "small", "--by", BY, *COMPARED, *HERE)
    assert (outcome.code, outcome.err) == (0, "")
    (entry,) = tomllib.loads((whole / SIGNED).read_text(encoding="utf-8"))["signed"]
    assert (entry["by"], entry["language"]) == (BY, "fr")
    assert (entry["translator"], entry["qualification"]) == (TRANSLATOR, QUALIFICATION)
    page = footer(whole)
    assert squeezed(f"Reviewed by {BY} on") in page
    assert squeezed(DRAFT_FR) not in page
    review = review_in(whole, "fr")
    assert review.state == "signed" and review.signature is not None
    assert (review.signature.translator, review.signature.qualification) == (TRANSLATOR, QUALIFICATION)
    assert review_in(whole, "en").state == "draft", "the English is another text"


def review_in(clinic: Path, language: str) -> Review:
    house = load_house(load_clinic(clinic), language, date.today())
    return review_of(load_handout(house.clinic.library, "small", language), house)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("content/fr/blocks/small-block.md", "Un peu de texte", "Un peu plus de texte"),
        ("content/fr/blocks/small-safety.md", "Faites attention à vous.", "Reposez-vous."),
        ("content/fr/handouts/small.md", "Bonjour", "Bonsoir"),
        (FURNITURE_FR, "call_us: Call us", "call_us: Appelez"),
    ],
)
def test_edit_takes_the_signature_off_a_translation(file: str, old: str, new: str, whole: Path) -> None:
    assert run("sign-off", "small", "--by", BY, *COMPARED, *HERE).code == 0
    before = (whole / file).read_text(encoding="utf-8")
    write(whole, {file: changed(before, old, new)})
    assert review_in(whole, "fr").state == "changed"
    assert squeezed(DRAFT_FR) in footer(whole)
    write(whole, {file: before})
    assert review_in(whole, "fr").state == "signed"


@pytest.mark.parametrize(("old", "new"), [(DRAFT_FR, "Pas encore relu"), (STALE_FR, "Plus vieux")])
def test_words_about_the_review_itself_leave_the_signature_on(old: str, new: str, whole: Path) -> None:
    assert run("sign-off", "small", "--by", BY, *COMPARED, *HERE).code == 0
    write(whole, {FURNITURE_FR: changed(furniture_fr(), old, new)})
    assert review_in(whole, "fr").state == "signed"


def test_no_name_stands_under_a_translation_whose_english_changed(whole: Path) -> None:
    assert run("sign-off", "small", "--by", BY, *COMPARED, *HERE).code == 0
    assert squeezed(f"Reviewed by {BY} on") in footer(whole)
    write(whole, {BLOCK_MD: changed(WHOLE, "Some text", "Other text")})
    assert run("render", "small", *HERE).code == 1
    assert squeezed(STALE_FR) in footer(whole, "--stale")
    assert squeezed(BY) not in footer(whole, "--stale")


def test_stale_translation_cannot_be_signed(whole: Path) -> None:
    write(whole, {BLOCK_MD: changed(WHOLE, "Some text", "Other text")})
    outcome = run("sign-off", "small", "--by", BY, *COMPARED, *HERE)
    assert outcome.code == 1
    assert "“Other text.”" in outcome.message
    assert not (whole / SIGNED).exists()


def test_command_that_a_draft_names_signs_it(whole: Path) -> None:
    """As it is told, with the words in capitals filled in."""
    (row,) = found_by("not-signed")
    command = "handouts sign-off small --language fr --by NAME --translator NAME --qualification TEXT"
    assert row["remedy"] == f"A clinician reads it, then: {command}."
    outcome = run(*command.split()[1:], "--clinic", "clinic")
    assert (outcome.code, outcome.err) == (0, "")
    assert found_by("not-signed") == []
    write(whole, {"content/fr/blocks/small-block.md": changed(WHOLE_FR, "Un peu", "Un petit peu")})
    (row,) = found_by("changed-since-signed")
    assert row["remedy"].endswith(f"then: {command}.")
    (row,) = found_by("not-signed", "--clinic", "clinic")
    assert row["remedy"] == "A clinician reads it, then: handouts sign-off small --by NAME."


def test_command_that_a_refusal_names_when_the_review_is_due(whole: Path) -> None:
    assert run("sign-off", "small", "--by", BY, *COMPARED, *HERE).code == 0
    signed = (whole / SIGNED).read_text(encoding="utf-8")
    write(whole, {SIGNED: re.sub(r"(?m)^(next_review|on) = .*", r"\1 = 2020-01-02", signed)})
    outcome = run("render", "small", *HERE)
    assert outcome.code == 1
    command = "handouts sign-off small --language fr --by NAME --translator NAME --qualification TEXT"
    assert f"Have it read again and sign it: {command}." in outcome.message
    assert run(*command.split()[1:], "--clinic", "clinic").code == 0
    assert run("render", "small", *HERE).code == 0


@pytest.mark.parametrize("half", [COMPARED[:2], COMPARED[2:]])
def test_translator_and_qualification_go_together(half: tuple[str, ...], whole: Path) -> None:
    outcome = run("sign-off", "small", "--by", BY, *half, *HERE)
    assert outcome.code == 2
    assert "--translator and --qualification go together" in outcome.err
    assert not (whole / SIGNED).exists()


def test_translation_is_not_signed_without_a_translator(whole: Path) -> None:
    outcome = run("sign-off", "small", "--by", BY, *HERE)
    assert outcome.code == 1
    assert "A translation is signed with its translator, and only a translation" in outcome.message
    assert not (whole / SIGNED).exists()


def test_english_is_not_signed_with_a_translator(desk: Path) -> None:
    mine = shutil.copytree(sample_clinic(), desk / "mine")
    outcome = run("sign-off", "biological", "--by", BY, *COMPARED, "--clinic", mine)
    assert outcome.code == 1
    assert "A translation is signed with its translator, and only a translation" in outcome.message
    assert not (mine / "sign-offs").exists()


@pytest.mark.parametrize("name", ["", "  ", "a\x00b", "a\x7fb", "a\x1bb"])
@pytest.mark.parametrize("at", [1, 3])
def test_name_that_no_file_can_hold(name: str, at: int, whole: Path) -> None:
    compared = [*COMPARED[:at], name, *COMPARED[at + 1 :]]
    outcome = run("sign-off", "small", "--by", BY, *compared, *HERE)
    assert outcome.code == 1
    assert "The translator's name or qualification" in outcome.message
    assert not (whole / SIGNED).exists()


@pytest.mark.parametrize("name", ['Ana "la" Ñandú \\ # = []', "O’Hara\nSmith"])
def test_any_other_name_is_kept_whole(name: str, whole: Path) -> None:
    compared = ("--translator", name, "--qualification", QUALIFICATION)
    outcome = run("sign-off", "small", "--by", BY, *compared, *HERE)
    if "\n" in name:
        assert outcome.code == 1
        return
    assert outcome.code == 0, outcome.err
    review = review_in(whole, "fr")
    assert review.signature is not None and review.signature.translator == name


# The ledger in another language

LINT = load_lint(Library(bundled_root(), bundled_root()))
LEDGER_TEXTS = load_ledger(Library(bundled_root(), bundled_root()))
PHRASE = """\
phrases:
- id: cure
  pattern: "guéri\\\\w*"
  suggest: Dites ce que les études montrent.
  bad: [La kétamine guérit.]
  good: [La kétamine aide.]
"""


def not_assessed(clinic: Path) -> str:
    """What is said of rules that cannot be tried in French."""
    told = json.loads(run("check", "small", "--language", "fr", "--json", "--clinic", clinic).out)["not_assessed"]
    (rules,) = (line for line in told if "for words" in line)
    return str(rules)


def in_words(ids: set[str]) -> str:
    count = f"{len(ids)} rule{'s' if len(ids) > 1 else ''}"
    return f"{count} for words, for want of a pattern in “fr”: {', '.join(sorted(ids))}"


# What a document must say if it speaks of something, and what is known by words alone: English knows both.
CONDITIONAL = {part.id for part in LINT.required if part.when != "always"}
BY_WORDS = {part.id for part in LINT.required if part.suggest.startswith("print ")}
RULES = {rule.id for rule in LINT.rules}


def test_rules_without_a_pattern_are_not_assessed(french: Path) -> None:
    assert CONDITIONAL and BY_WORDS
    write(french, {"content/fr/lint.yaml": PHRASE})
    rules = not_assessed(french)
    assert rules == in_words((RULES | CONDITIONAL | BY_WORDS) - {"cure"})
    assert f"Not assessed: {rules}." in run("check", "small", *HERE).out.splitlines()


def test_without_patterns_no_rule_is_assessed(french: Path) -> None:
    write(french, {"content/fr/blocks/small-block.md": changed(BLOCK_FR, "Un peu", "A miracle cure. Un peu")})
    assert not_assessed(french) == in_words(RULES | CONDITIONAL | BY_WORDS)
    values = json.loads(run("check", "small", "--json", *HERE).out)
    assert not {row["rule"] for row in values["findings"]} & (RULES | CONDITIONAL | BY_WORDS)


def test_english_has_nothing_that_is_not_assessed(small_clinic: Path) -> None:
    assert json.loads(run("check", "small", "--json", "--clinic", small_clinic).out)["not_assessed"] == []


def test_pattern_of_the_language_catches(french: Path) -> None:
    cure = changed(BLOCK_FR, "Un peu", "La kétamine guérit. Un peu")
    write(french, {"content/fr/lint.yaml": PHRASE, "content/fr/blocks/small-block.md": cure})
    found = json.loads(run("check", "small", "--json", *HERE).out)["findings"]
    (row,) = (row for row in found if row["rule"] == "cure")
    assert (row["file"], row["severity"]) == (str(french / "content/fr/blocks/small-block.md"), "error")
    assert "La kétamine guérit." in row["problem"]
    assert row["remedy"] == "Dites ce que les études montrent."
    outcome = run("render", "small", *HERE)
    assert outcome.code == 1 and "La kétamine guérit." in outcome.err, "the clinic's own words are held back"


def test_pattern_to_no_rule_is_an_error(french: Path) -> None:
    write(french, {"content/fr/lint.yaml": changed(PHRASE, "id: cure", "id: cures")})
    with pytest.raises(ContentError, match=r"lint\.yaml:2: There is no rule “cures”\. Did you mean “cure”"):
        load_lint(Library(french, bundled_root()), "fr")


@pytest.mark.parametrize("command", ["check small", "render small"])
def test_pattern_that_is_none_is_an_error_with_its_line(command: str, french: Path) -> None:
    write(french, {"content/fr/lint.yaml": changed(PHRASE, "guéri\\\\w*", "(guéri")})
    outcome = run(*command.split(), *HERE)
    assert outcome.code == 1
    assert outcome.message.startswith("clinic/content/fr/lint.yaml:3: ")
    assert "“phrases.1.pattern”" in outcome.message


def test_safety_text_without_words_in_the_language_is_not_printed_in_english(french: Path, desk: Path) -> None:
    shutil.rmtree(french / "templates")  # ours print the safety texts
    shutil.rmtree(french / "styles")
    silent = changed(SAFETY_FR, "texts:\n  take-care: Faites attention à vous.\n", "")
    write(french, {"content/fr/blocks/small-safety.md": silent})
    outcome = run("render", "small", *HERE)
    assert outcome.code == 1
    assert outcome.message.startswith("clinic/content/fr/blocks/small-safety.md")
    assert "take-care" in outcome.message
    assert not (desk / "output").exists()


# Parts that must be there in another language

NEEDED = """\
required:
- id: need-off-label
  when: '\\bkétamine\\b'
- id: need-boxed-warning-esketamine
  when: '\\beskétamine\\b'
"""
NEEDED_IDS = {"need-off-label", "need-boxed-warning-esketamine"}
KNOWN_BY_TEXT = [pytest.param(part, id=part.id) for part in LINT.required if part.texts]


def lint_fr(folder: Path, text: str | None) -> Lint:
    """The word rules in French, with this `content/fr/lint.yaml` or with none."""
    if text is not None:
        write(folder, {"content/fr/lint.yaml": text})
    return load_lint(Library(folder, bundled_root()), "fr")


def lacking(language: str, said: str, lint: Lint) -> set[str]:
    """The parts that a paper with these words alone lacks."""
    paper = paper_of(passage(said))
    edition = replace(paper.handout.edition, language=language)
    return rules(required_parts(replace(paper, handout=replace(paper.handout, edition=edition)), lint))


@pytest.mark.parametrize("part", KNOWN_BY_TEXT)
def test_part_is_known_by_what_is_cited_in_another_language(part: RequiredPart, tmp_path: Path) -> None:
    always = part.when == "always"
    row = "" if always else f"required: [{{id: {part.id}, when: mot}}]\n"
    lint = lint_fr(tmp_path, f"phrases: []\n{row}")
    assert part.id in lacking("fr", "Un mot.", lint)
    assert (part.id in lacking("fr", "Rien.", lint)) == always, "where it is not due it is not asked for"
    for text in part.texts:
        assert part.id not in lacking("fr", f"Un mot.[@{text}]", lint), "any one of them will do"
        assert part.id in lacking("fr", "Un mot.[@nothing]", lint)


@pytest.mark.parametrize("part", KNOWN_BY_TEXT)
def test_words_are_no_part_in_another_language_and_texts_are_none_in_english(part: RequiredPart) -> None:
    """A citation does not stand for the English words, nor do English words for a translation."""
    said = " ".join(row.text for row in LEDGER_TEXTS.safety.values()) + " Studies are small. It may fade. Medicines."
    lint = Lint(rules=(), required=(part.model_copy(update={"when": "always"}),))
    assert lacking("fr", said, lint) == {part.id}
    assert lacking("en", "".join(f"[@{text}]" for text in part.texts), lint) == {part.id}


def test_only_parts_that_can_be_looked_for_are(tmp_path: Path) -> None:
    always = {part.id for part in LINT.required if part.when == "always" and part.texts}
    assert {part.id for part in lint_fr(tmp_path, None).required} == always
    assert {part.id for part in lint_fr(tmp_path, PHRASE).required} == always
    lint = lint_fr(tmp_path, PHRASE + NEEDED)
    assert {part.id for part in lint.required} == always | NEEDED_IDS
    assert lint.ids == always | NEEDED_IDS | {"cure"}
    assert LINT.ids == RULES | {part.id for part in LINT.required}


def test_part_is_due_by_the_pattern_of_the_language(tmp_path: Path) -> None:
    lint = lint_fr(tmp_path, PHRASE + NEEDED)
    assert not lacking("fr", "La ketamine, l’esketamine, Spravato.", lint) & NEEDED_IDS, "the English spelling"
    assert lacking("fr", "La KÉTAMINE.", lint) & NEEDED_IDS == {"need-off-label"}
    assert lacking("fr", "L’eskétamine.", lint) & NEEDED_IDS == {"need-boxed-warning-esketamine"}
    known = next(part for part in lint.required if part.id == "need-off-label")
    english = next(part for part in LINT.required if part.id == "need-off-label")
    assert (known.severity, known.why, known.suggest) == (english.severity, english.why, english.suggest)


def test_check_asks_for_the_parts_of_the_language(french: Path) -> None:
    def asked() -> dict[str, str]:
        found = json.loads(run("check", "small", "--json", *HERE).out)["findings"]
        return {row["rule"]: row["remedy"] for row in found if row["rule"] in NEEDED_IDS}

    write(french, {"content/fr/blocks/small-block.md": changed(BLOCK_FR, "Un peu", "La kétamine. Un peu")})
    assert asked() == {}
    write(french, {"content/fr/lint.yaml": PHRASE + NEEDED})
    assert asked() == {"need-off-label": "Add it: status-ketamine-off-label."}
    assert not_assessed(french) == in_words((RULES | CONDITIONAL | BY_WORDS) - NEEDED_IDS - {"cure"})


def test_one_rule_that_is_not_assessed_is_told_as_one(french: Path) -> None:
    rule = {**yaml.safe_load(ASKED)["lint"]["required"][0], "id": "need-words", "suggest": "print a line"}
    write(french, {"content/ledger/lint.yaml": json.dumps({"lint": {"rules": [], "required": [rule]}})})
    assert not_assessed(french) == in_words({"need-words"})
    assert "1 rule for words" in in_words({"need-words"})


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        (
            "id: need-off-label",
            "id: need-of-label",
            8,
            "There is no rule “need-of-label”. Did you mean “need-off-label”",
        ),
        ("id: need-off-label", "id: cure", 8, "There is no rule “cure”"),
        # What is always asked for is not made conditional, and what is known by words alone is not looked for.
        ("id: need-off-label", "id: need-911", 8, "There is no rule “need-911”"),
        ("id: need-off-label", "id: need-date", 8, "There is no rule “need-date”"),
        ("when: '\\bkétamine\\b'", "when: '(kétamine'", 9, "“required.1.when”"),
        ("  when: '\\bkétamine\\b'\n", "", 8, "“required.1.when” is missing"),
        ("when: '\\bkétamine\\b'", "require: a\n  when: b", 9, "“required.1.require” is not known"),
    ],
)
def test_row_of_a_required_part_that_is_not_right(old: str, new: str, line: int, words: str, french: Path) -> None:
    write(french, {"content/fr/lint.yaml": PHRASE + changed(NEEDED, old, new)})
    for command in ("check", "render"):
        outcome = run(command, "small", *HERE)
        assert outcome.code == 1
        assert outcome.message.startswith(f"clinic/content/fr/lint.yaml:{line}: ")
        assert words in outcome.message


@pytest.mark.parametrize(
    ("suggest", "texts"),
    [
        ("bladder", ("bladder",)),
        ("do-not-use-esketamine / do-not-use-ketamine", ("do-not-use-esketamine", "do-not-use-ketamine")),
        ("call-911", ("call-911",)),
        ("print the reference list", ()),
        ("print review date and label version", ()),
        ("Bladder", ()),
        ("a / ", ()),
        ("", ()),
    ],
)
def test_texts_that_are_a_part(suggest: str, texts: tuple[str, ...]) -> None:
    assert LINT.required[0].model_copy(update={"suggest": suggest}).texts == texts


def test_every_text_that_a_part_suggests_is_in_the_ledger() -> None:
    for part in LINT.required:
        unknown = [text for text in part.texts if text not in LEDGER_TEXTS.citable]
        assert not unknown, part.id
        assert bool(part.texts) != (part.id in BY_WORDS), "by texts or by words"


# What comes with us


def test_our_translations_are_as_new_as_our_english() -> None:
    library = Library(sample_clinic(), bundled_root())
    others = [language for language in library.languages() if language != SOURCE_LANGUAGE]
    for language in others:
        for slug in handout_names(library, language):
            old = [row.problem for row in translations_listed(slug, language, library) if row.is_stale]
            assert not old, f"{language}, {slug}: {old[0]}"


def test_files_of_the_small_clinic_have_a_french_side() -> None:
    english = {name for name in FILES if name.startswith("content/en/")}
    assert {name.replace("/en/", "/fr/") for name in english} == set(FRENCH)
    assert {BLOCK_FR, HANDOUT_FR, SAFETY_FR} == set(FRENCH.values())
