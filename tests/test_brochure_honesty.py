"""What an advertisement has to say, and may not: each fault is told before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from handouts.brochures import composing
from handouts.brochures.content import load_brochure
from handouts.brochures.folding import FOLDS
from handouts.brochures.honesty import in_words
from handouts.checking.finding import Finding
from handouts.clinic import load_clinic
from handouts.house import load_house
from tests.brochure_pages import BRANDS, SLUG, TODAY, brochure, clinic_in
from tests.command import Outcome, run

LEAD = "It does not help everyone, and it has risks."
STATUS = "Ketamine is not approved for depression.[@status-ketamine-off-label] Trials were combined."
BACK = "      - heading: Ask us\n"
MANY = "        items:\n" + "".join(f"          - Point {number}\n" for number in range(1, 41))
ROOM = "      - heading: Get help\n"
TESTIMONIAL = """\
[[testimonials]]
words = { en = "I felt less low.", es = "Me sentí mejor." }
by = "A patient, 2026"
consent_on = 2026-05-04
typical = { en = "It does not help everyone.[@not-everyone]", es = "No ayuda a todos.[@not-everyone]" }
"""


@pytest.fixture
def tight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the least white space is tried: what does not fit, does not fit with any."""
    monkeypatch.setattr(composing, "_AIRS", composing._AIRS[-1:])


def found(folder: Path, old: str = "", new: str = "", fold: str = "tri") -> dict[str, Finding]:
    """The findings of a brochure's words, by rule."""
    clinic = load_clinic(clinic_in(folder / "clinic", old, new))
    text = load_brochure(clinic.library, SLUG, "en")
    rows = list(in_words(text, FOLDS[fold, "letter"], load_house(clinic, "en", TODAY)))
    return {row.rule: row for row in rows}


def made(folder: Path, *more: object) -> Outcome:
    return run("brochure", "--clinic", folder / "clinic", "--output", folder / "out", *more)


def refused(folder: Path, *more: object) -> str:
    """What is said of it. Nothing was written."""
    told = made(folder, *more)
    assert told.code != 0
    assert told.out == ""
    assert not (folder / "out").exists()
    return told.err


# Words


@pytest.mark.parametrize("fold", ["tri", "half"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_ours_is_honest(fold: str, language: str) -> None:
    clinic = load_clinic(BRANDS["harbor"])
    text = load_brochure(clinic.library, SLUG, language)
    assert list(in_words(text, FOLDS[fold, "letter"], load_house(clinic, language, TODAY))) == []


@pytest.mark.parametrize(
    "words",
    [
        "Ketamine is a safe and effective breakthrough.",
        "Our FDA-approved ketamine infusions treat depression.",
        "A miracle cure for depression.",
        "It is Miracle-Gro for your brain.",  # a handout is only warned of it
    ],
)
def test_promotion_is_an_error(words: str, tmp_path: Path) -> None:
    rows = found(tmp_path, LEAD, words)
    assert rows
    assert all(row.severity == "error" for row in rows.values())
    assert any(row.where and row.where.line for row in rows.values())


def test_promotion_is_refused(tmp_path: Path) -> None:
    clinic_in(tmp_path / "clinic", LEAD, "Ketamine is a safe and effective breakthrough.")
    said = refused(tmp_path)
    assert "[safe-and-effective]" in said
    assert f"{SLUG}.md:" in said


@pytest.mark.parametrize("use", ["press", "web", "office"])
def test_without_a_risk(use: str, tmp_path: Path) -> None:
    clinic_in(tmp_path / "clinic", "says: risk", "says: plain")
    assert "[no-risk-text] The brochure says nothing of risks" in refused(tmp_path, "--for", use)


@pytest.mark.parametrize("fold", ["tri", "half"])
def test_risk_on_another_side(fold: str, tmp_path: Path) -> None:
    """The benefit is inside, and risks stand on the back alone."""
    folder = clinic_in(tmp_path / "clinic", "says: risk", "says: plain")
    path = folder / "content" / "en" / "brochures" / f"{SLUG}.md"
    path.write_text(path.read_text().replace("says: choice", "says: risk"))
    clinic = load_clinic(folder)
    text = load_brochure(clinic.library, SLUG, "en")
    rows = {row.rule: row for row in in_words(text, FOLDS[fold, "letter"], load_house(clinic, "en", TODAY))}
    assert rows["risk-on-another-side"].severity == "error"
    assert "inside" in rows["risk-on-another-side"].problem


def test_less_risk_than_benefit(tmp_path: Path) -> None:
    rows = found(tmp_path, STATUS, STATUS + " Many people said that they felt better for a while." * 20)
    assert rows["less-risk-than-benefit"].severity == "error"


def test_status_far_from_the_first_benefit(tmp_path: Path) -> None:
    """“Tell us first” has risks before it and says nothing of what is approved."""
    folder = clinic_in(tmp_path / "clinic", "says: benefit", "says: plain")
    path = folder / "content" / "en" / "brochures" / f"{SLUG}.md"
    head, middle, rest = path.read_text().partition("heading: Tell us first")
    path.write_text(head + middle + rest.replace("says: risk", "says: benefit", 1))
    clinic = load_clinic(folder)
    text = load_brochure(clinic.library, SLUG, "en")
    rows = {row.rule for row in in_words(text, FOLDS["tri", "letter"], load_house(clinic, "en", TODAY))}
    assert "status-far-from-benefit" in rows


def test_status_in_the_part_before_is_near(tmp_path: Path) -> None:
    assert "status-far-from-benefit" not in found(tmp_path, STATUS, "Trials were combined.")


def test_fact_without_a_claim(tmp_path: Path) -> None:
    rows = found(tmp_path, "What will it all cost?", "Of 10 people, 8 get well.")
    assert set(rows) == {"fact-without-a-claim"}


@pytest.mark.parametrize("claim", ["not-there", "safe-and-effective"])
def test_claim_that_the_ledger_does_not_stand_behind(claim: str, tmp_path: Path) -> None:
    rows = found(tmp_path, "[@short-trials]", f"[@{claim}]")
    assert set(rows) == {"unknown-claim"}
    assert rows["unknown-claim"].severity == "error"
    where = rows["unknown-claim"].where
    assert where is not None
    assert where.line


# Panels


@pytest.mark.parametrize("panels", ["tri", "half"])
def test_panel_that_runs_over(panels: str, tight: None, tmp_path: Path) -> None:
    clinic_in(tmp_path / "clinic", BACK, f"      - heading: Points\n{MANY}        says: plain\n{BACK}")
    said = refused(tmp_path, "--fold", panels)
    assert "The panel “Before you decide” runs over by" in said
    assert "Type is never set smaller" in said


def test_lines_over_are_counted(tight: None, tmp_path: Path) -> None:
    """Five items of one line more are five lines more."""
    counts = []
    for number, items in enumerate((MANY, MANY + "".join(f"          - Item {at}\n" for at in range(5)))):
        folder = tmp_path / str(number)
        folder.mkdir()
        clinic_in(folder / "clinic", ROOM, f"      - heading: Points\n{items}        says: plain\n{ROOM}")
        said = refused(folder)
        assert "“Risks and side effects” runs over by" in said
        counts.append(int(said.split("runs over by ")[1].split()[0]))
    assert counts[1] - counts[0] == 5
    assert 20 < counts[0] < 60


def test_two_panels_that_run_over_are_told_at_once(tight: None, tmp_path: Path) -> None:
    more = f"      - heading: Points\n{MANY}        says: plain\n"
    folder = clinic_in(tmp_path / "clinic", BACK, more + BACK)
    path = folder / "content" / "en" / "brochures" / f"{SLUG}.md"
    path.write_text(path.read_text().replace(ROOM, more + ROOM))
    assert refused(tmp_path).count("runs over by") == 2


def test_panel_that_looks_unfinished(tmp_path: Path) -> None:
    folder = clinic_in(tmp_path / "clinic", BACK, BACK)
    path = folder / "content" / "en" / "brochures" / f"{SLUG}.md"
    head, _, rest = path.read_text().partition("      - heading: Off-label use\n")
    path.write_text(head + rest[rest.index("  - slug: studies") :])
    text = path.read_text()
    # Risks are on the side of benefits still; only this panel is short.
    path.write_text(text.replace("Esketamine has not been shown to prevent suicide.", ""))
    told = made(tmp_path)
    assert told.code == 0, told.err
    assert "warning [underfilled-panel]: The panel “What is it? Is it approved?” ends after" in told.err
    assert len(told.out.splitlines()) == 1


def test_risks_in_small_type(tmp_path: Path) -> None:
    style = tmp_path / "clinic" / "styles" / "clinic.css"
    clinic_in(tmp_path / "clinic")
    style.parent.mkdir()
    style.write_text('[data-says="risk"] p { font-size: 8pt }\n')
    said = refused(tmp_path)
    assert "[risk-in-small-type] Risks are set in 8.0 points, and benefits in 10.6" in said


# Testimonials


def with_testimonials(folder: Path, text: str) -> None:
    (clinic_in(folder / "clinic") / "testimonials.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("consent_on = 2026-05-04\n", "", "consent_on” is missing"),
        ("2026-05-04", '"yes"', "consent_on"),
        ("2026-05-04", "2999-05-04", "Nobody has agreed yet to print these words: the consent is of 2999-05-04"),
        ("It does not help everyone.[@not-everyone]", "It does not help everyone.", "What is typical rests on nothing"),
        ("[@not-everyone]", "[@not-there]", "[unknown-claim]"),
        ('en = "I felt less low.", ', "", "There are no words in “en” for this testimonial"),
        ('typical = { en = "It', 'usual = { en = "It', "typical"),
        ("I felt less low.", "Ketamine is safe and effective.", "[safe-and-effective]"),
    ],
    ids=["no-consent", "no-date", "future", "no-claim", "unknown-claim", "no-words", "no-typical", "promotion"],
)
def test_testimonial_that_may_not_be_printed(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert old in TESTIMONIAL
    with_testimonials(tmp_path, TESTIMONIAL.replace(old, new))
    told = refused(tmp_path)
    assert said in told
    assert "Traceback" not in told


@pytest.mark.parametrize(("language", "words", "typical"), [
    ("en", "“I felt less low.” A patient, 2026", "It does not help everyone."),
    ("es", "“Me sentí mejor.” A patient, 2026", "No ayuda a todos."),
])  # fmt: skip
def test_testimonial_with_what_is_typical_beside_it(language: str, words: str, typical: str, tmp_path: Path) -> None:
    with_testimonials(tmp_path, TESTIMONIAL)
    page = brochure(language=language, clinic=tmp_path / "clinic")
    text = " ".join(page.text_of(4).split())
    assert words in text
    assert text.index(typical, text.index(words)) - text.index(words) < 120
    assert [finding for finding in page.made.findings if finding.severity == "error"] == []
