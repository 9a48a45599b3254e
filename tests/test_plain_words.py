"""Whether somebody who reads at sixth grade can read it: grades, lengths, words that are taught, hard words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from handouts.checking.finding import Finding
from handouts.checking.manuscript import Manuscript, Role
from handouts.checking.plain_words import (
    Limits,
    capitals_explained,
    hard_words,
    readability,
    too_hard,
    too_long,
    words_explained,
)
from handouts.checking.words import WordList
from handouts.formats import FULL, FULL_LARGE, SUMMARY, SUMMARY_LARGE, Format
from handouts.handout import Edition, SafetyGroup, Step
from tests.manuscripts import (
    HERE,
    body,
    good_handout,
    line,
    paper,
    paper_of,
    passage,
    places,
    report_of,
    rules,
    with_section,
)
from tests.small_clinic import BLOCK, HANDOUT, write

WORDS = WordList(taught=("ketamine",), capitals=("US",), hard={"utilize": "use", "prior to": "before", "severe": "bad"})
SHORT, LONG = "cat", "happy"  # one syllable, two syllables


def sentence(one: int, two: int = 0, taught: int = 0) -> str:
    """A sentence with so many words of one syllable, of two, and so many times the word that is taught."""
    words = [SHORT] * one + [LONG] * two + ["ketamine"] * taught
    return " ".join(words).capitalize() + "."


def told(text: str, form: Format) -> list[Finding]:
    measured = readability(paper_of(passage(text), form=form), WORDS)
    assert measured is not None
    return list(too_hard(measured))


# Grades


@pytest.mark.parametrize(
    ("form", "limits"),
    [
        pytest.param(SUMMARY, Limits(6, 8), id="summary"),
        pytest.param(SUMMARY_LARGE, Limits(6, 8), id="large summary"),
        pytest.param(FULL, Limits(7, 9), id="full"),
        pytest.param(FULL_LARGE, Limits(7, 9), id="large full"),
    ],
)
def test_limits(form: Format, limits: Limits) -> None:
    measured = readability(paper(good_handout(), form), WORDS)
    assert measured is not None
    assert measured.limits == limits
    assert list(too_hard(measured)) == []


@pytest.mark.parametrize(
    ("text", "form", "formula"),
    [
        # Gunning Fog of n short words is 0.4·n; Flesch-Kincaid is then far below.
        pytest.param(sentence(20), SUMMARY, None, id="summary, fog 8"),
        pytest.param(sentence(21), SUMMARY, "Gunning Fog", id="summary, fog 8.4"),
        pytest.param(sentence(22), FULL, None, id="full, fog 8.8"),
        pytest.param(sentence(23), FULL, "Gunning Fog", id="full, fog 9.2"),
        # Flesch-Kincaid of ten words is 3.9 + 1.18·syllables − 15.59; Gunning Fog is 4.
        pytest.param(sentence(6, 4), SUMMARY, None, id="summary, Flesch-Kincaid 4.83"),
        pytest.param(sentence(5, 5), SUMMARY, "Flesch-Kincaid", id="summary, Flesch-Kincaid 6.01"),
        pytest.param(sentence(5, 5), FULL, None, id="full, Flesch-Kincaid 6.01"),
        pytest.param(sentence(4, 6), FULL, "Flesch-Kincaid", id="full, Flesch-Kincaid 7.19"),
    ],
)
def test_grade_too_high_is_an_error(text: str, form: Format, formula: str | None) -> None:
    found = told(text, form)
    assert [(finding.severity, finding.rule) for finding in found] == ([("error", "grade")] if formula else [])
    for finding in found:
        assert f"good ({form.name}) reads at {formula} " in finding.problem


@pytest.mark.parametrize("form", [pytest.param(FULL, id="full"), pytest.param(SUMMARY, id="summary")])
def test_grade_too_high_by_taught_words_alone_is_a_warning(form: Format) -> None:
    found = told(sentence(5, 0, taught=5), form)
    assert [finding.severity for finding in found] == ["warning", "warning"]
    # Five words of three syllables: 3.9 + 1.18·20 − 15.59 and 0.4·(10 + 50). Without them: one syllable each.
    assert "Flesch-Kincaid 0.1 without the words it teaches, 11.9 with them" in found[0].problem
    assert "Gunning Fog 4.0 without the words it teaches, 24.0 with them" in found[1].problem


def test_words_that_the_handout_teaches_count_as_taught() -> None:
    text = "The cat has glutamate in it and glutamate."
    plain = readability(paper_of(passage(text)), WORDS)
    teaching = readability(paper_of(passage(text), handout=good_handout()), WORDS)
    assert plain is not None and teaching is not None
    assert plain.without_taught == plain.everything == teaching.everything
    assert teaching.without_taught.hard_words == 0 < teaching.everything.hard_words
    assert teaching.without_taught.flesch_kincaid < teaching.everything.flesch_kincaid


@pytest.mark.parametrize("role", ["title", "heading", "label", "alternative text", "page furniture"])
def test_what_is_not_running_text_has_no_grade(role: Role) -> None:
    measured = readability(paper_of(passage(sentence(1)), passage(sentence(0, 30), role)), WORDS)
    assert measured is not None
    assert measured.everything.words == 1


def test_language_without_a_formula_is_not_graded() -> None:
    spanish = replace(good_handout(), edition=Edition("GOOD", "fr", "1.0", good_handout().edition.updated))
    assert readability(paper_of(passage("Hola."), handout=spanish), WORDS) is None


# Lengths


def lengths(paper: Manuscript) -> set[str]:
    found = list(too_long(paper))
    assert {finding.severity for finding in found} <= {"warning"}
    return rules(found)


@pytest.mark.parametrize(("count", "found"), [(25, set()), (26, {"long-sentence"})])
def test_sentence(count: int, found: set[str]) -> None:
    assert lengths(paper_of(passage(f"It is. {sentence(count)} It was."))) == found
    assert lengths(paper_of(passage(f"{sentence(count)} [@relapse] It was."))) == found, "a citation is no word"


@pytest.mark.parametrize(("count", "found"), [(15, set()), (16, {"long-paragraph"})])
def test_paragraph(count: int, found: set[str]) -> None:
    text = " ".join([sentence(20)] * 3)
    assert lengths(paper_of(passage(f"{text} {sentence(count)}"))) == found, f"{60 + count} words"


def test_how_long_is_told() -> None:
    found = {finding.rule: finding.problem for finding in too_long(paper_of(passage(sentence(80))))}
    assert found == {"long-sentence": "A sentence of 80 words", "long-paragraph": "A paragraph of 80 words"}


def lines(count: int) -> str:
    return "\n".join(f"- Line {number}" for number in range(count))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(lambda count: {"steps": (Step("Go", line("You go.")),) * count}, id="steps"),
        pytest.param(lambda count: {"checklist": (line("You go."),) * count}, id="checklist"),
        pytest.param(lambda count: {"short": (line("You go."),) * count}, id="short list"),
        pytest.param(lambda count: {"safety_items": ("call-911",) * count}, id="safety texts"),
        pytest.param(lambda count: {"groups": (SafetyGroup("Now", ("call-911",) * count),)}, id="safety group"),
        pytest.param(lambda count: {"body": body(f"You have:\n\n{lines(count)}\n")}, id="list in the text"),
        pytest.param(lambda count: {"body": body(lines(count).replace("- ", "1. "))}, id="numbered list"),
    ],
)
def test_list(changes) -> None:  # type: ignore[no-untyped-def]
    for count, found in ((7, set()), (8, {"long-list"})):
        assert lengths(paper(with_section(good_handout(), "day", **changes(count)))) == found, count


def test_two_short_lists_are_not_one_long_one() -> None:
    changed = with_section(good_handout(), "day", body=body(f"{lines(7)}\n\nAnd more:\n\n{lines(7)}\n"))
    assert lengths(paper(changed)) == set()


# Words that the handout teaches

MEANING = "A signal that brain cells send each other."


def taught_in_the_last_section(first_use: str, word: str = "glutamate", meaning: str = MEANING) -> Manuscript:
    handout = with_section(good_handout(), "what", words={}, body=body(first_use))
    return paper(with_section(handout, "help", words={word: line(meaning)}))


@pytest.mark.parametrize(
    "text",
    ["Much glutamate is there.", "Glutamate is there.", "There are GLUTAMATES.", "It **is** glutamate[@relapse]."],
)
def test_word_used_before_its_meaning(text: str) -> None:
    found = list(words_explained(taught_in_the_last_section(text)))
    assert [(finding.severity, finding.rule) for finding in found] == [("warning", "word-before-its-meaning")]
    assert "“glutamate”" in found[0].problem
    assert "“help”" in found[0].problem


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Much glutamate (a signal) is there.", id="in brackets"),
        pytest.param("It is a signal called glutamate.", id="called"),
        pytest.param("Brain cells send glutamate as their signal.", id="in words of its meaning"),
        pytest.param("The word is not used here.", id="not used"),
        pytest.param("Glutamates (signals) are there. Glutamate is there.", id="explained once"),
        pytest.param("Monosodiumglutamate is there.", id="another word"),
    ],
)
def test_word_that_is_explained_where_it_is_used(text: str) -> None:
    assert list(words_explained(taught_in_the_last_section(text))) == []


def test_word_taught_in_the_same_section_or_before() -> None:
    used = body("Much glutamate is there.")
    assert list(words_explained(paper(with_section(good_handout(), "what", body=used)))) == []
    assert list(words_explained(paper(with_section(good_handout(), "help", body=used)))) == []


def test_word_in_the_main_message_is_used_before_all_sections() -> None:
    found = words_explained(paper(replace(good_handout(), main_message=line("Glutamate is there."))))
    assert rules(found) == {"word-before-its-meaning"}


def test_word_that_two_sections_teach_counts_from_the_first() -> None:
    changed = with_section(
        with_section(good_handout(), "help", words={"glutamate": line(MEANING)}), "day", body=body("Much glutamate.")
    )
    assert list(words_explained(paper(changed))) == []


def test_glossary_is_for_looking_up_and_does_not_teach() -> None:
    used = with_section(good_handout(), "what", words={}, body=body("Much glutamate is there."))
    listed = with_section(used, "help", kind="glossary", words={"glutamate": line(MEANING)})
    assert list(words_explained(paper(listed))) == []


# Short forms in capitals


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("The XYZ is new.", []),
        ("An XYZ came by.", ["XYZ"]),
        ("Two XYZs came by.", ["XYZ"]),
        ("An XYZ came by. The XYZ went.", ["XYZ"]),
        ("An XYZ and an ABC came by.", ["XYZ", "ABC"]),
        ("An extra young zebra (XYZ) came by.", []),
        ("An XYZ (an extra young zebra) came by.", []),
        ("Two XYZs (young zebras) came by.", []),
        ("It is called the XYZ by some.", []),
        ("XYZ means a young zebra.", []),
        ("An XYZ, a young zebra, came by.", []),
        ("It came to the US in June.", []),
        ("See part IV, and XII.", []),
        ("I have a plan B.", []),
    ],
)
def test_capitals(text: str, short: list[str]) -> None:
    found = list(capitals_explained(paper_of(passage(text)), WORDS))
    assert rules(found) <= {"unexplained-capitals"}
    assert [finding.problem.split("”")[0].removeprefix("“") for finding in found] == short


def test_capitals_are_told_once_in_a_paper() -> None:
    twice = paper_of(passage("An XYZ came by."), passage("An XYZ went."))
    assert len(list(capitals_explained(twice, WORDS))) == 1
    later = paper_of(passage("An XYZ came by."), passage("An XYZ (extra young zebra) went."))
    assert len(list(capitals_explained(later, WORDS))) == 1, "the first use counts"


def test_capitals_that_the_handout_teaches() -> None:
    teaching = with_section(good_handout(), "what", words={"NMDA receptor": line("A gate in a brain cell.")})
    assert list(capitals_explained(paper_of(passage("An NMDA gate."), handout=teaching), WORDS)) == []
    assert rules(capitals_explained(paper_of(passage("An NMDA gate.")), WORDS)) == {"unexplained-capitals"}


# Hard words


@pytest.mark.parametrize(
    ("text", "word", "plainer"),
    [
        ("You utilize it.", "utilize", "use"),
        ("UTILIZE it.", "UTILIZE", "use"),
        ("It was utilized.", "utilized", "use"),
        ("Eat prior to your visit.", "prior to", "before"),
    ],
)
def test_hard_word(text: str, word: str, plainer: str) -> None:
    found = list(hard_words([passage(text)], WORDS, ()))
    assert [(row.severity, row.rule, row.problem, row.remedy) for row in found] == [
        ("warning", "hard-word", f"“{word}” is a hard word", f"Plainer: {plainer}.")
    ]


@pytest.mark.parametrize("text", ["You use it.", "The utilizer came.", "Eat prior, to be safe.", "It is severely bad."])
def test_word_that_is_not_on_the_list(text: str) -> None:
    assert list(hard_words([passage(text)], WORDS, ())) == []


def test_each_hard_word_is_told() -> None:
    found = list(hard_words([passage("You utilize severe words, and utilize them.")], WORDS, ()))
    assert [finding.problem.split("”")[0] for finding in found] == ["“utilize", "“severe", "“utilize"]


def test_hard_word_that_is_taught_passes() -> None:
    text = passage("You utilize it when it is severe.")
    assert [row.problem for row in hard_words([text], WORDS, ("Utilize",))] == ["“severe” is a hard word"]
    assert list(hard_words([text], WORDS, ("utilize", "severe"))) == []
    assert list(hard_words([text], WordList(), ())) == []


@pytest.mark.parametrize("role", ["title", "label", "alternative text", "page furniture"])
def test_hard_word_in_what_is_not_running_text(role: Role) -> None:
    assert list(hard_words([passage("You utilize it.", role)], WORDS, ())) == []


# The lines in the file


def test_every_finding_points_to_its_line(small_clinic: Path) -> None:
    text = (
        "Some words come first.[@small-claim]\n"  # line 7
        "They go on, and then you\n"
        "utilize them all.\n"
        "\n"
        "Here comes an ABC and\n"
        "then an XYZ.\n"
        "\n"
        f"It is short. This one is long: {' '.join(['cat'] * 10)}\n"
        f"{' '.join(['dog'] * 15)}.\n"
    )
    block, _, _ = BLOCK.partition("Some text.")
    write(small_clinic, {"content/en/blocks/small-block.md": block + text})
    found = report_of(small_clinic, "small").findings
    assert places(found, "hard-word") == ["small-block.md:9"]
    assert places(found, "unexplained-capitals") == ["small-block.md:11", "small-block.md:12"]
    assert places(found, "long-sentence") == ["small-block.md:14"]


def test_word_before_its_meaning_points_to_the_first_use(small_clinic: Path) -> None:
    teaching = BLOCK.replace("kind: text\n", "kind: text\nwords:\n  zebra: An animal with stripes.\n")
    write(
        small_clinic,
        {
            "content/en/handouts/small.md": f"{HANDOUT}\nLook at the\nzebra.\n",
            "content/en/blocks/small-block.md": teaching,
        },
    )
    assert places(report_of(small_clinic, "small").findings, "word-before-its-meaning") == ["small.md:17"]


def test_where_nothing_is_known_the_text_itself_is_named() -> None:
    assert [row.where for row in hard_words([passage("You utilize it.")], WORDS, ())] == [HERE]
