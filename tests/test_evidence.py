"""The ledger: only what it knows and allows is cited."""

from pathlib import Path

import pytest

from handouts.clinic import load_library
from handouts.errors import ContentError, Origin
from handouts.evidence import CORRECTION, STRENGTHS, Ledger, Source, load_ledger, load_lint
from handouts.library import sample_clinic
from tests.small_clinic import CLAIMS, SAFETY_TEXTS, write

HERE = Origin(Path("here.md"), 4)


@pytest.fixture(scope="session")
def ours() -> Ledger:
    return load_ledger(load_library(sample_clinic()))


def source(authors: str | None = "Dean RL, Marquardt T", year: int | None = 2021, level: str = "A") -> Source:
    return Source.model_validate(
        {
            "key": "k",
            "kind": "review",
            "authors": authors,
            "title": "A title, long",
            "venue": "V",
            "year": year,
            "cite": None,
            "doi": None,
            "verified": "stored-page",
            "checked_level": level,
            "seen_kind": "abstract",
        }
    )


@pytest.mark.parametrize(
    ("authors", "year", "short"),
    [
        ("Dean RL, Marquardt T", 2021, "Dean 2021"),
        ("van der Berg A, Other B", 2020, "van der Berg 2020"),
        ("O'Brien P", 2019, "O'Brien 2019"),
        ("US FDA / Janssen", 2019, "US FDA 2019"),
        ("Janssen Pharmaceuticals, Inc.", None, "Janssen Pharmaceuticals"),
        (None, 2020, "A title 2020"),
        ("not shown on the page", 2020, "A title 2020"),
    ],
)
def test_source_in_a_few_words(authors: str | None, year: int | None, short: str) -> None:
    assert source(authors, year).short == short


def test_working_notes_are_not_printed() -> None:
    noted = source("Dean RL (from memory)")
    assert noted.names == "Dean RL"
    assert noted.needs_checking
    assert not source().needs_checking
    assert source(level="C").needs_checking
    assert source(None).needs_checking


def test_small_ledger(small_clinic: Path) -> None:
    ledger = load_ledger(load_library(small_clinic))
    cited = ledger.cited("small-claim", HERE)
    assert (cited.id, cited.strength, cited.contested) == ("small-claim", "strong", False)
    assert [one.key for one in cited.sources] == ["small-study"]
    assert ledger.cited("take-care", HERE).strength == "strong"
    assert ledger.cited("correction:left-out", HERE).strength == "early"
    assert ledger.must_carry(()) == ("take-care",)
    assert ledger.citable == ("small-claim", "take-care", "correction:left-out")


@pytest.mark.parametrize("reference", ["nothing", "left-out", "correction:small-claim", "correction:take-care", ""])
def test_what_may_not_be_cited(reference: str, small_clinic: Path) -> None:
    ledger = load_ledger(load_library(small_clinic))
    with pytest.raises(ContentError) as caught:
        ledger.cited(reference, HERE)
    assert caught.value.where == HERE


def test_contested_claim(small_clinic: Path) -> None:
    write(
        small_clinic,
        {"content/ledger/claims.yaml": CLAIMS.replace("verdict: supported", "verdict: contested")},
    )
    assert load_ledger(load_library(small_clinic)).cited("small-claim", HERE).contested


def test_safety_texts_that_concern_a_handout(small_clinic: Path) -> None:
    more = (
        SAFETY_TEXTS.removeprefix("safety:\n").replace("take-care", "more").replace("must: always", "must: esketamine")
    )
    write(small_clinic, {"content/ledger/safety.yaml": SAFETY_TEXTS + more})
    ledger = load_ledger(load_library(small_clinic))
    assert ledger.must_carry(("ketamine",)) == ("take-care",)
    assert ledger.must_carry(("esketamine",)) == ("take-care", "more")


def test_source_that_is_not_there(small_clinic: Path) -> None:
    write(small_clinic, {"content/ledger/safety.yaml": SAFETY_TEXTS.replace("[small-study]", "[smal-study]")})
    with pytest.raises(ContentError, match=r"safety\.yaml:6: .*“smal-study”.*Did you mean “small-study”"):
        load_ledger(load_library(small_clinic))


# The ledger that comes with us


def test_bundled_ledger_is_whole(ours: Ledger) -> None:
    assert len(ours.claims) > 100
    assert len(ours.safety) > 50
    assert len(ours.sources) > 100
    assert ours.corrections
    for reference in ours.citable:
        evidence = ours.cited(reference, HERE)
        assert evidence.strength in STRENGTHS


def test_whatever_is_marked_omit_can_only_be_corrected(ours: Ledger) -> None:
    omitted = [claim.id for claim in ours.claims.values() if claim.use == "omit"]
    assert len(omitted) > 40
    for name in omitted:
        assert name not in ours.citable
        with pytest.raises(ContentError, match="leave out"):
            ours.cited(name, HERE)


def test_corrections_speak_of_claims_there_are(ours: Ledger) -> None:
    assert [claim for claim in ours.corrections if claim not in ours.claims] == []
    for claim in ours.corrections:
        assert ours.cited(CORRECTION + claim, HERE)


def test_word_rules_do_what_their_examples_say() -> None:
    import re

    lint = load_lint(load_library(sample_clinic()))
    assert lint.rules
    for rule in lint.rules:
        for text, wrong in [*((bad, True) for bad in rule.bad), *((good, False) for good in rule.good)]:
            found = re.search(rule.pattern, text, re.IGNORECASE)
            excused = rule.unless and re.search(rule.unless, text, re.IGNORECASE)
            assert bool(found and not excused) is wrong, f"{rule.id}: {text}"
