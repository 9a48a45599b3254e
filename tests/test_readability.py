"""Readability: passages counted by hand, and what holds for any text."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from handouts.checking.readability import FORMULAS, Score, score, words_of

PLATYPUS = ["The Australian platypus is seemingly a hybrid of a mammal and reptilian creature."]
FIELD = ["Ketamine is a medicine.", "It can help some people with depression feel better in hours."]
VOCABULARY = ["the", "cat", "created", "medicine", "anxious", "diseases", "well-being", "self-administered", "988"]
VOCABULARY += ["Spravato", "NMDA", "patient’s"]
words = st.sampled_from(VOCABULARY)
sentences = st.lists(words, min_size=1, max_size=12).map(" ".join)
texts = st.lists(sentences, min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("text", "taught", "counted", "flesch_kincaid", "gunning_fog"),
    [
        # 0.39·6 + 11.8·6/6 − 15.59; 0.4·6
        (["The cat sat on the mat."], (), Score(6, 1, 6, 0), -1.45, 2.4),
        # Aus-tra-lian (a name), plat-y-pus, seem-ing-ly, rep-til-ian. 0.39·13 + 11.8·24/13 − 15.59; 0.4·(13 + 300/13)
        (PLATYPUS, (), Score(13, 1, 24, 3), 11.2646, 14.4308),
        # 8 + 16 syllables. 0.39·7.5 + 11.8·24/15 − 15.59; 0.4·(7.5 + 300/15)
        (FIELD, (), Score(15, 2, 24, 3), 6.215, 11.0),
        # Two syllables less for each of the two words. 0.39·7.5 + 11.8·20/15 − 15.59; 0.4·(7.5 + 100/15)
        (FIELD, ("ketamine", "depression"), Score(15, 2, 20, 1), 3.0683, 5.6667),
    ],
)
def test_passage(
    text: list[str], taught: tuple[str, ...], counted: Score, flesch_kincaid: float, gunning_fog: float
) -> None:
    found = score(text, taught)
    assert found == counted
    assert found.flesch_kincaid == pytest.approx(flesch_kincaid, abs=1e-4)
    assert found.gunning_fog == pytest.approx(gunning_fog, abs=1e-4)


@pytest.mark.parametrize("text", [[], [""], ["—", " … ", "!?"]])
def test_no_words_no_grade(text: list[str]) -> None:
    found = score(text)
    assert found == Score(0, 0, 0, 0)
    assert (found.flesch_kincaid, found.gunning_fog) == (0.0, 0.0)


def test_line_without_words_is_no_sentence() -> None:
    assert score(["One.", "*", "Two."]) == score(["One.", "Two."])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Don’t stop—call 988 (day or night)!", ["Don’t", "stop", "call", "988", "day", "or", "night"]),
        ("the patients’ long-term, follow‑up visits", ["the", "patients", "long-term", "follow‑up", "visits"]),
        ("1,000 to 2.5 mg/kg, 5–10 %.", ["1,000", "to", "2.5", "mg", "kg", "5", "10"]),
        ("naïve cafe\u0301 ke\u00adta\u00admine", ["naïve", "café", "ketamine"]),
        (
            "1-800-273-8255 and/or 5-HT2A, e.g. snake_case",
            ["1-800-273-8255", "and", "or", "5-HT2A", "e", "g", "snake", "case"],
        ),
        ("-- 'quoted' -- 'til", ["quoted", "til"]),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert words_of(text) == found


@pytest.mark.parametrize(
    "word",
    [
        "medicine",
        "medicines",
        "Medicine",
        "imagined",
        "considering",
        "therapies",
        "dedicated",
        "self-administered",
        "analyses",
        "medicine’s",
    ],
)
def test_hard_word(word: str) -> None:
    assert score([word]).hard_words == 1


@pytest.mark.parametrize(
    "word",
    [
        *("cat", "doctor", "created", "wanted", "processes", "diseases", "following", "answering", "well-being"),
        *("follow-up", "step-by-step", "MRI", "NMDA", "SSRIs", "988", "1-800-273-8255", "nurse’s", "disease’s"),
    ],
)
def test_word_that_is_not_hard(word: str) -> None:
    assert score([word]).hard_words == 0


def test_name_is_not_hard_but_has_its_syllables() -> None:
    assert score(["We met Alexander."]) == Score(3, 1, 6, 0)
    assert score(["Alexander met us."]) == Score(3, 1, 6, 1), "the first word has a capital in any case"
    assert score(["7 Alexanders met."]) == Score(3, 1, 6, 1), "also after a number"


def test_capitals_all_over_mean_nothing() -> None:
    assert score(["WHAT KETAMINE DOES"]) == score(["what ketamine does"]) == Score(3, 1, 5, 1)
    assert score(["MRI, 3 EEGs"]) == Score(3, 1, 7, 0)
    assert score(["MRI, 3 EEG"]) == Score(3, 1, 7, 0)


@pytest.mark.parametrize(
    ("text", "taught", "counted"),
    [
        ("a benzodiazepine", "Benzodiazepine", Score(2, 1, 2, 0)),
        ("The Benzodiazepines’ and a benzodiazepine’s", "benzodiazepine", Score(5, 1, 5, 0)),
        ("two therapies", "therapy", Score(2, 1, 2, 0)),
        ("two abscesses", "abscess", Score(2, 1, 2, 0)),
        ("well-known glutamate", "glutamate", Score(2, 1, 3, 0)),
        ("the default mode network", "default mode network", Score(4, 1, 4, 0)),
        ("default networks", "default mode network", Score(2, 1, 4, 0)),
        ("ketamine-assisted therapy", "ketamine", Score(2, 1, 7, 1)),
        ("treatment resistant depressions", "treatment-resistant depression", Score(3, 1, 3, 0)),
        ("treatment-resistant depression", "treatment-resistant depression", Score(2, 1, 3, 0)),
        ("the NMDA receptor", "NMDA receptor", Score(3, 1, 3, 0)),
        ("medication", "medicate", Score(1, 1, 4, 1)),
    ],
)
def test_taught(text: str, taught: str, counted: Score) -> None:
    assert score([text], [taught, "", "—"]) == counted


def test_overlapping_phrases_are_both_taught() -> None:
    assert score(["major depressive disorder"], ["major depressive", "depressive disorder"]) == Score(3, 1, 3, 0)


def test_formulas_by_language() -> None:
    grades = {name: formula(score(FIELD)) for name, formula in FORMULAS["en"].items()}
    assert grades == {"Flesch-Kincaid": pytest.approx(6.215), "Gunning Fog": pytest.approx(11)}


@given(st.lists(st.text()), st.lists(st.text()))
def test_any_text_has_a_score(text: list[str], taught: list[str]) -> None:
    found = score(text, taught)
    assert 0 <= found.hard_words <= found.words <= found.syllables
    assert found.sentences <= found.words
    assert found.words == sum(len(words_of(sentence)) for sentence in text)


@given(texts, st.integers(0, 4))
def test_long_word_never_lowers_fog(text: list[str], at: int) -> None:
    longer = list(text)
    longer[at % len(text)] += " responsibility"
    # In a sentence all in capitals, small letters turn the rest into names.
    assume(not any(sentence.isupper() for sentence in text))
    assert score(longer).gunning_fog > score(text).gunning_fog


def check_taught(text: list[str], taught: list[str]) -> None:
    plain, eased = score(text), score(text, taught)
    assert (eased.words, eased.sentences) == (plain.words, plain.sentences)
    assert eased.syllables <= plain.syllables and eased.hard_words <= plain.hard_words
    assert eased.flesch_kincaid <= plain.flesch_kincaid and eased.gunning_fog <= plain.gunning_fog


@given(texts, st.lists(sentences, max_size=3))
def test_taught_words_never_raise_a_grade(text: list[str], taught: list[str]) -> None:
    check_taught(text, taught)


@given(st.lists(st.text("aAbé 1-.,'’s", max_size=20)), st.lists(st.text("aAbé 1-.,'’s", max_size=5)))
def test_taught_signs_never_raise_a_grade(text: list[str], taught: list[str]) -> None:
    check_taught(text, taught)
