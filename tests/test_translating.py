"""Translations know which English they were made from, and say so when it has changed."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from handouts.clinic import load_clinic
from handouts.content import handout_names, load_handout
from handouts.errors import ContentError, DeliveryError, RequestError
from handouts.evidence import Lint, load_ledger, load_lint
from handouts.handout import Review
from handouts.house import load_house
from handouts.library import SOURCE_LANGUAGE, Library, bundled_root, sample_clinic
from handouts.reviewing import review_of
from handouts.translating import Translation, remember, translations_listed, translations_of
from tests.command import contents, run
from tests.manuscripts import paper_of, passage
from tests.small_clinic import (
    BLOCK,
    BLOCK_FR,
    DRAFT_FR,
    FILES,
    FRENCH,
    HANDOUT,
    HANDOUT_FR,
    LOGO,
    SAFETY,
    SAFETY_FR,
    SAFETY_TEXTS,
    STALE_FR,
    furniture_fr,
    write,
    write_french,
    write_small_clinic,
)
from tests.test_reviewing import footers, squeezed

BLOCK_MD, HANDOUT_MD = "content/en/blocks/small-block.md", "content/en/handouts/small.md"
SAFETY_MD, LEDGER = "content/en/blocks/small-safety.md", "content/ledger/safety.yaml"
MEMORY = "content/fr/made-from.yaml"
HERE = ("--language", "fr", "--clinic", "clinic")


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


def told(clinic: Path) -> list[tuple[str, tuple[str, ...], int]]:
    return [(row.name, row.changed, row.gone) for row in stale(clinic)]


# Recording


def test_recorded_translation_is_as_new_as_the_english(french: Path) -> None:
    assert stale(french) == []
    library = Library(french, bundled_root())
    names = [row.name for row in translations_of(load_handout(library, "small", "fr"), library)]
    assert names == ["fr/handouts/small", "fr/blocks/small-block", "fr/blocks/small-safety"]
    assert translations_of(load_handout(library, "small", "en"), library) == ()


def test_record_is_named_and_nothing_else_is_written(small_clinic: Path) -> None:
    write_french(small_clinic)
    before = contents(small_clinic)
    outcome = run("translated", "small", *HERE)
    assert (outcome.code, outcome.err, outcome.out) == (0, "", f"Recorded: {small_clinic / MEMORY}\n")
    after = contents(small_clinic)
    assert after.keys() - before.keys() == {MEMORY}
    assert {name: after[name] for name in before} == before
    assert run("translated", "small", *HERE).code == 0
    assert contents(small_clinic) == after, "the same English gives the same record"


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
    assert told(small_clinic) == [(f"fr/{name}", (), 0) for name in ("handouts/small", *BLOCKS)]
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
Told = tuple[str, tuple[str, ...], int]
BLOCK_NAME, SAFETY_NAME, HANDOUT_NAME = "fr/blocks/small-block", "fr/blocks/small-safety", "fr/handouts/small"
# Name: what stands in the English, what then stands there, and what is told of it.
CHANGES: dict[str, tuple[dict[str, str], dict[str, str], Told]] = {
    "a changed sentence": (
        {},
        {BLOCK_MD: changed(BLOCK, "Some text.", "Other text.")},
        (BLOCK_NAME, ("Other text.",), 1),
    ),
    "an added sentence": (
        {},
        {BLOCK_MD: changed(BLOCK, "Some text.", "Some text. It’s “new” & **bold**.")},
        (BLOCK_NAME, ("It’s “new” & bold.",), 0),
    ),
    "a removed sentence": ({}, {BLOCK_MD: changed(BLOCK, "Some text. Call", "Call")}, (BLOCK_NAME, (), 1)),
    "the words around a blank": (
        {},
        {BLOCK_MD: changed(BLOCK, "Call ((clinic phone))", "Phone ((clinic phone))")},
        (BLOCK_NAME, ("Phone ((clinic phone)).",), 1),
    ),
    "a key point": (
        {},
        {BLOCK_MD: changed(BLOCK, "This is the key", "Here is the key")},
        (BLOCK_NAME, ("Here is the key point.",), 1),
    ),
    "what a picture shows": (
        {},
        {BLOCK_MD: changed(BLOCK, "![A square.", "![A big square.")},
        (BLOCK_NAME, ("A big square.",), 1),
    ),
    "a caption": (
        {},
        {BLOCK_MD: changed(BLOCK, "This is a square", "It is a square")},
        (BLOCK_NAME, ("It is a square.",), 1),
    ),
    "a title": (
        {},
        {BLOCK_MD: changed(BLOCK, "title: A small block", "title: A tiny block")},
        (BLOCK_NAME, ("A tiny block",), 1),
    ),
    "a title of one word": (
        {BLOCK_MD: changed(BLOCK, "title: A small block", "title: Benefits")},
        {BLOCK_MD: changed(BLOCK, "title: A small block", "title: Risks")},
        (BLOCK_NAME, ("Risks",), 1),
    ),
    "how many people": (
        {BLOCK_MD: WITH_PEOPLE},
        {BLOCK_MD: changed(WITH_PEOPLE, "count: 3", "count: 4")},
        (BLOCK_NAME, ("4 of 10: felt well",), 1),
    ),
    "a word to know": (
        {BLOCK_MD: WITH_WORDS},
        {BLOCK_MD: changed(WITH_WORDS, "NMDA: A", "GABA: A")},
        (BLOCK_NAME, ("GABA: A gate.",), 1),
    ),
    "a line that is known now": (
        {BLOCK_MD: WITH_WORDS},
        {BLOCK_MD: changed(WITH_WORDS, "[It opens.]\nlearning: [It shuts.]", "[It opens., It shuts.]")},
        (BLOCK_NAME, ("It shuts.",), 1),
    ),
    "a line to write on": (
        {BLOCK_MD: WITH_FIELDS},
        {BLOCK_MD: changed(WITH_FIELDS, "Date, Name", "Day, Name")},
        (BLOCK_NAME, ("Day",), 1),
    ),
    "the short list": ({}, {SAFETY_MD: changed(SAFETY, "- Take care.[", "- Rest.[")}, (SAFETY_NAME, ("Rest.",), 0)),
    "a safety text of the ledger": (
        {},
        {LEDGER: changed(SAFETY_TEXTS, "text: Take care.", "text: Take great care.")},
        (SAFETY_NAME, ("Take great care.",), 0),  # "Take care." stands in the short list still
    ),
    "one more safety text": (
        {LEDGER: MORE_SAFETY},
        {SAFETY_MD: changed(SAFETY, "items: [take-care]", "items: [take-care, rest]")},
        (SAFETY_NAME, ("Have a rest.",), 0),
    ),
    "own words for a safety text": (
        {},
        {SAFETY_MD: changed(SAFETY, "---\nRead", "texts: {take-care: Be careful.}\n---\nRead")},
        (SAFETY_NAME, ("Be careful.",), 0),
    ),
    "the main message": (
        {},
        {HANDOUT_MD: changed(HANDOUT, "It is small.", "It is tiny.")},
        (HANDOUT_NAME, ("It is tiny.",), 1),
    ),
    "the welcome": (
        {},
        {HANDOUT_MD: changed(HANDOUT, "Hello from", "Hi from")},
        (HANDOUT_NAME, ("Hi from ((clinic name)).",), 1),
    ),
    "one more section": (
        {"content/en/blocks/more.md": BLOCK},
        {HANDOUT_MD: changed(HANDOUT, "sections: [small-block,", "sections: [small-block, more,")},
        (HANDOUT_NAME, ("the section more",), 0),
    ),
    "one section less in the summary": (
        {},
        {HANDOUT_MD: changed(HANDOUT, "summary: [small-block,", "summary: [")},
        (HANDOUT_NAME, (), 1),
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
    assert row.where.path == french / "content" / f"{row.name}.md"
    assert all(f"“{sentence}”" in row.problem for sentence in row.changed)
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
    assert told(french) == [(BLOCK_NAME, ("gate: A door.",), 1)]


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
        "translated: new in English: “Other text.”; 1 English sentence taken out or reworded. Translate what changed, "
        "then: handouts translated small --language CODE. To print it all the same, add --stale; the page then says "
        "that it is older than the English."
    )
    assert not (desk / "output").exists()


def test_render_refuses_an_unrecorded_translation(small_clinic: Path, desk: Path) -> None:
    write_french(small_clinic)
    outcome = run("render", "small", *HERE)
    assert (outcome.code, outcome.out) == (1, "")
    assert len(outcome.err.splitlines()) == 3, "the handout and its two blocks"
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
        assert squeezed(f"{STALE_FR} · {DRAFT_FR}") in page
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


@pytest.mark.parametrize("number", [errno.EACCES, errno.ENOSPC], ids=errno.errorcode.get)
@pytest.mark.parametrize("step", ["tempfile.mkstemp", "os.fsync", "pathlib.Path.replace"])
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
    (tmp_path / "theirs").mkdir()
    library = Library(tmp_path / "theirs", ours)
    assert remember(["small"], "fr", library) == (ours / MEMORY,)
    return library


def stale_names(library: Library) -> list[str]:
    return [row.name for row in translations_listed("small", "fr", library) if row.is_stale]


def test_own_english_of_a_clinic_makes_our_translation_stale_for_it_alone(shelves: Library, tmp_path: Path) -> None:
    write(shelves.clinic, {BLOCK_MD: changed(BLOCK, "Some text", "Our text")})
    assert stale_names(shelves) == [BLOCK_NAME]
    other = tmp_path / "another"
    other.mkdir()
    assert stale_names(Library(other, shelves.bundled)) == []


def test_own_translation_of_a_clinic_is_recorded_on_its_shelf(shelves: Library) -> None:
    ours = contents(shelves.bundled)
    write(shelves.clinic, {name: FRENCH[name] for name in ("content/fr/blocks/small-block.md",)})
    assert stale_names(shelves) == [BLOCK_NAME], "nobody has said what theirs was made from"
    assert set(remember(["small"], "fr", shelves)) == {shelves.clinic / MEMORY, shelves.bundled / MEMORY}
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
    write(french, {"content/fr/furniture.yaml": "\n".join(lines)})
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
WHOLE_FR = changed(BLOCK_FR, "kind: text\n", (
    "kind: text\nknow: ['Cela aide.[@small-claim]']\nlearning: ['On ne sait pas pourquoi.[@small-claim]']\n"
    "steps:\n  - {title: Venez, text: Venez ici.}\n"
))  # fmt: skip
HELP_FR = "---\ntitle: À l’aide\nkind: help\nicon: square\nkey_point: Appelez-nous au ((clinic phone)).\n---\n"
SIGNED = "sign-offs/small-fr.toml"


@pytest.fixture
def whole(french: Path) -> Path:
    """`clinic/` with a French handout that has no error in it, on our own pages, which have footers."""
    for room in ("templates", "styles"):
        shutil.rmtree(french / room)
    sections = ("sections: [small-block,", "sections: [small-block, small-help,")
    english = {HANDOUT_MD: changed(HANDOUT, *sections), "content/en/blocks/small-help.md": HELP_FR}
    write(french, english)
    write(french, {"content/fr/handouts/small.md": changed(HANDOUT_FR, *sections)})
    write(french, {"content/fr/blocks/small-block.md": WHOLE_FR, "content/fr/blocks/small-help.md": HELP_FR})
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
        ("content/fr/furniture.yaml", "call_us: Call us", "call_us: Appelez"),
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
    write(whole, {"content/fr/furniture.yaml": changed(furniture_fr(), old, new)})
    assert review_in(whole, "fr").state == "signed"


def test_signed_translation_whose_english_changed_says_both(whole: Path) -> None:
    assert run("sign-off", "small", "--by", BY, *COMPARED, *HERE).code == 0
    write(whole, {BLOCK_MD: changed(BLOCK, "Some text", "Other text")})
    assert run("render", "small", *HERE).code == 1
    assert squeezed(f"{STALE_FR} · Reviewed by {BY} on") in footer(whole, "--stale")


def test_stale_translation_cannot_be_signed(whole: Path) -> None:
    write(whole, {BLOCK_MD: changed(BLOCK, "Some text", "Other text")})
    outcome = run("sign-off", "small", "--by", BY, *COMPARED, *HERE)
    assert outcome.code == 1
    assert "“Other text.”" in outcome.message
    assert not (whole / SIGNED).exists()


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
PHRASE = """\
phrases:
- id: cure
  pattern: "guéri\\\\w*"
  suggest: Dites ce que les études montrent.
  bad: [La kétamine guérit.]
  good: [La kétamine aide.]
"""


def test_rules_without_a_pattern_are_not_assessed(french: Path) -> None:
    write(french, {"content/fr/lint.yaml": PHRASE})
    told = json.loads(run("check", "small", "--json", *HERE).out)["not_assessed"]
    (rules,) = (line for line in told if "rules for phrases" in line)
    ids = sorted(rule.id for rule in LINT.rules if rule.id != "cure")
    assert rules == f"{len(ids)} rules for phrases have no pattern in “fr”: {', '.join(ids)}"
    assert f"Not assessed: {rules}." in run("check", "small", *HERE).out.splitlines()


def test_without_patterns_no_rule_is_assessed(french: Path) -> None:
    write(french, {"content/fr/blocks/small-block.md": changed(BLOCK_FR, "Un peu", "A miracle cure. Un peu")})
    values = json.loads(run("check", "small", "--json", *HERE).out)
    (rules,) = (line for line in values["not_assessed"] if "rules for phrases" in line)
    assert rules.startswith(f"{len(LINT.rules)} rules")
    assert not {row["rule"] for row in values["findings"]} & {rule.id for rule in LINT.rules}


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


def required(language: str, cited: str, lint: Lint = LINT) -> set[str]:
    from handouts.checking.claims import required_parts

    ledger = load_ledger(Library(bundled_root(), bundled_root()))
    paper = paper_of(passage(f"Kétamine, ketamine, esketamine, compounded.{cited}"))
    edition = replace(paper.handout.edition, language=language)
    paper = replace(paper, handout=replace(paper.handout, edition=edition))
    return {finding.rule for finding in required_parts(paper, lint, ledger)}


@pytest.mark.parametrize(
    "part", [row for row in LINT.required if not row.suggest.startswith("print ")], ids=lambda row: row.id
)
def test_part_is_known_by_its_safety_text_in_another_language(part: object) -> None:
    from handouts.evidence import RequiredPart

    assert isinstance(part, RequiredPart)
    assert part.id in required("fr", "")
    for text in part.suggest.split(" / "):
        assert part.id not in required("fr", f"[@{text}]")
        assert part.id in required("en", f"[@{text}]"), "in English, by its words"


def test_every_safety_text_that_a_part_suggests_is_in_the_ledger() -> None:
    ledger = load_ledger(Library(bundled_root(), bundled_root()))
    for part in LINT.required:
        known = [text in ledger.safety for text in part.suggest.split(" / ")]
        assert all(known) or part.suggest.startswith("print "), part.id


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
