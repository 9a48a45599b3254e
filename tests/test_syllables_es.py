"""Spanish: syllables parted by hand, Szigriszt's perspicuity computed by hand, and papers that are too hard."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts.checking.finding import Finding
from handouts.checking.plain_words import Readability, capitals_explained, readability, too_hard
from handouts.checking.readability import FORMULAS, Score, score
from handouts.checking.syllables_es import count, is_abbreviation
from handouts.checking.words import WordList, load_words
from handouts.formats import FULL, SUMMARY, Format
from handouts.handout import Edition
from handouts.inspection import Report
from handouts.reporting import as_values, in_words
from tests.manuscripts import good_handout, paper_of, passage, rules, sample_house

# Parted by the rules of the Academies' Ortografía (2010).
EVERYDAY = """
    el la sol pan yo a y o muy ley hoy hay rey soy voy es-toy
    ca-sa me-sa li-bro ga-to pe-rro ca-lle mu-cho o-tro so-bre siem-pre an-tes des-pués tam-bién a-quí
    tie-ne pue-de bue-no cuan-do cua-tro a-gua len-gua ai-re ca-u-sa→2 deu-da cui-da-do ciu-dad viu-da fui bien
    dí-a pa-ís ma-íz ra-íz o-ír re-ír rí-o tí-o frí-o to-da-ví-a ba-úl grú-a con-ti-nú-a ac-tú-a ha-bí-a te-ní-a
    le-er cre-er po-e-ta te-a-tro hé-ro-e ca-er á-re-a i-de-a lí-ne-a o-cé-a-no cre-ar re-al pe-or ma-es-tra
    que qui-so quie-re pe-que-ño gue-rra guí-a si-guien-te pin-güi-no ver-güen-za ci-güe-ña a-ve-ri-güe-mos gua-po
    a-ho-ra al-co-hol→3 co-he-te bú-ho pro-hi-bir→2 pro-hí-be ve-hí-cu-lo ahi-ja-do a-hí hue-so hie-lo hi-jo
    ca-ca-hua-te des-hue-sar co-ha-bi-tar ahu-mar re-ha-cer mo-ho
    ma-yo ra-yo a-yu-da re-yes ho-yo le-yes ya yer-no in-yec-ción
    guion cons-truir cons-truí cons-truí-a cuí-da-te o-í-ais ve-ís a-ve-ri-guáis buey U-ru-guay pa-ra-noi-a
    chi-i-ta an-ti-in-fla-ma-to-rio no-ro-es-te bio-lo-gí-a→4 miér-co-les sép-ti-mo ob-je-to trans-por-te ex-a-men
    ni-ño ñan-dú ca-fé úl-ti-mo pá-ja-ro sue-ño en-tien-de viei-ra hin-cha web→1
"""
FIELD = """
    ke-ta-mi-na es-ke-ta-mi-na Spra-va-to me-di-ci-na me-di-ca-men-to sui-ci-dio ve-ji-ga clí-ni-ca do-lor cró-ni-co
    de-pre-sión an-sie-dad es-trés ce-re-bro neu-ro-nas co-ne-xión in-fu-sión ae-ro-sol→4 na-sal náu-se-a ma-re-o
    di-so-cia-ción pre-sión ar-te-rial res-pi-ra-ción hí-ga-do o-ri-na em-ba-ra-zo a-ler-gia sín-to-mas tra-ta-mien-to
    ben-zo-dia-ce-pi-nas o-pioi-des es-ti-mu-lan-tes la-mo-tri-gi-na es-qui-zo-fre-nia a-neu-ris-ma e-qui-po
    ries-go se-cun-da-rios psi-co-sis psi-co-te-ra-pia e-lec-tro-con-vul-si-va a-nes-te-sia es-tu-dios en-sa-yo
    hos-pi-ta-li-za-dos gua-dia-na→3 ma-ne-je dro-gas re-ce-ta cé-lu-las du-ra-de-ro qui-zás si-quia-tra
"""
ABBREVIATIONS = {
    **{"FDA": 4, "TEPT": 4, "TDAH": 5, "ADHD": 5, "TEC": 3, "EE": 3, "UU": 3, "OMS": 1, "AVM": 4, "VA": 2, "RM": 4},
    **{"IMAO": 3, "ISRS": 7, "NMDA": 6, "BDNF": 6, "WHO": 6, "III": 1, "NO": 1, "NUNCA": 2, "KETAMINA": 4, "CFR": 5},
}


def by_hand(table: str) -> list[tuple[str, int]]:
    """Parted words; an arrow and a number where the parting does not show the count that the rules give."""
    words = []
    for parted in table.split():
        word, _, said = parted.partition("→")
        words.append((word.replace("-", ""), int(said) if said else word.count("-") + 1))
    return words


def test_there_are_enough_words() -> None:
    assert len(dict([*by_hand(EVERYDAY), *by_hand(FIELD)])) >= 150


@pytest.mark.parametrize(("word", "syllables"), [*by_hand(EVERYDAY), *by_hand(FIELD), *ABBREVIATIONS.items()])
def test_word(word: str, syllables: int) -> None:
    assert count(word) == syllables


@pytest.mark.parametrize(
    ("word", "syllables"),
    [("off-label", 3), ("médico-paciente", 6), ("VA-DoD", 3), ("B12", 2), ("mg", 1), ("Dr", 1), ("l'hôpital", 3)],
)
def test_parts_and_what_is_not_spanish(word: str, syllables: int) -> None:
    assert count(word) == syllables


@pytest.mark.parametrize("number", ["7", "988", "2026", "46.5", "20,000", "1-800-273-8255", "5–10"])
def test_number_is_one_syllable(number: str) -> None:
    assert count(number) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("AHORA", "ahora"), ("Día", "DÍA"), ("nin\u0303o", "niño"), ("Área", "área")]
)
def test_spellings_of_one_word(one: str, other: str) -> None:
    assert count(one) == count(other)


def test_words_in_capitals_are_not_spelled_out() -> None:
    assert not is_abbreviation("NO") and not is_abbreviation("Fda") and is_abbreviation("TDAH")


@given(st.text())
def test_any_text_has_a_syllable(text: str) -> None:
    assert count(text) >= 1


@given(st.lists(st.text(st.characters(categories=["L"]), min_size=1), min_size=1, max_size=4))
def test_each_part_has_a_syllable(parts: list[str]) -> None:
    assert count("-".join(parts)) >= len(parts)


@given(st.from_regex(r"[a-zñáéíóúü]{1,12}", fullmatch=True))
def test_no_more_syllables_than_letters(word: str) -> None:
    assert count(word) <= len(word)


# Perspicuity

CAT = ["El gato duerme en la cama."]
FIELD_TEXT = ["La ketamina no ayuda a todos.", "Llame al 911 si no despierta."]
HARD_TEXT = ["La administración intravenosa requiere monitorización hospitalaria continua."]


@pytest.mark.parametrize(
    ("text", "taught", "counted", "szigriszt", "name"),
    [
        # 206.84 − 62.3·9/6 − 6
        (CAT, (), Score(6, 1, 9, 0), 107.39, "muy fácil"),
        # 12 + 9 syllables. 206.84 − 62.3·21/12 − 12/2
        (FIELD_TEXT, (), Score(12, 2, 21, 0), 91.815, "muy fácil"),
        # Three less: 206.84 − 62.3·18/12 − 12/2
        (FIELD_TEXT, ("ketamina",), Score(12, 2, 18, 0), 107.39, "muy fácil"),
        # 1 + 5 + 5 + 3 + 6 + 5 + 3. 206.84 − 62.3·28/7 − 7
        (HARD_TEXT, (), Score(7, 1, 28, 0), -49.36, "muy difícil"),
        # EE. UU. is “Estados Unidos”: 2 + 3 + 3. 206.84 − 62.3·8/4 − 4
        (["Va a EE. UU."], (), Score(4, 1, 8, 0), 78.24, "bastante fácil"),
        # All in capitals: no short forms. 206.84 − 62.3·9/6 − 6
        (["EL GATO DUERME EN LA CAMA."], (), Score(6, 1, 9, 0), 107.39, "muy fácil"),
        ([], (), Score(0, 0, 0, 0), 206.84, "muy fácil"),
    ],
)
def test_passage(text: list[str], taught: tuple[str, ...], counted: Score, szigriszt: float, name: str) -> None:
    found = score(text, taught, "es")
    assert found == counted
    assert found.szigriszt == pytest.approx(szigriszt, abs=1e-6)
    formula = FORMULAS["es"]["Szigriszt-Pazos"]
    assert formula(found) == found.szigriszt
    assert formula.in_words(found.szigriszt) == name


@pytest.mark.parametrize(
    ("grade", "name"),
    [
        *((39.9, "muy difícil"), (40, "algo difícil"), (54.9, "algo difícil"), (55, "normal"), (64.9, "normal")),
        *((65, "bastante fácil"), (79.9, "bastante fácil"), (80, "muy fácil"), (120, "muy fácil")),
    ],
)
def test_inflesz(grade: float, name: str) -> None:
    formula = FORMULAS["es"]["Szigriszt-Pazos"]
    assert formula.in_words(grade) == name
    assert formula.allows(grade, 65) == (grade >= 65)


def test_english_formulas_have_no_scale_and_the_lower_grade_is_easier() -> None:
    for formula in FORMULAS["en"].values():
        assert formula.in_words(5) is None
        assert formula.allows(6, 6) and not formula.allows(6.1, 6)


@given(st.lists(st.text()), st.lists(st.text()))
def test_any_text_has_a_score(text: list[str], taught: list[str]) -> None:
    plain, eased = score(text, language="es"), score(text, taught, "es")
    assert plain.hard_words == eased.hard_words == 0
    assert plain.words <= eased.syllables <= plain.syllables
    assert eased.szigriszt >= plain.szigriszt


# Papers

WORDS = WordList(taught=("ketamina",))


def measured(text: str, form: Format = FULL) -> Readability:
    spanish = replace(good_handout(), sections=(), edition=Edition("GOOD", "es", "1.0", good_handout().edition.updated))
    found = readability(paper_of(passage(text), form=form, handout=spanish), WORDS)
    assert found is not None
    return found


def sentence(one: int, three: int = 0, taught: int = 0) -> str:
    """A sentence with so many words of one syllable, of three, and so many times the word that is taught."""
    return " ".join(["sol"] * one + ["comida"] * three + ["ketamina"] * taught).capitalize() + "."


def told(text: str, form: Format = FULL) -> list[Finding]:
    return list(too_hard(measured(text, form)))


@pytest.mark.parametrize("form", [pytest.param(FULL, id="full"), pytest.param(SUMMARY, id="summary")])
def test_paper_below_65_is_an_error(form: Format) -> None:
    # Of ten words: 206.84 − 6.23·syllables − 10. With 20 of them 72.24, with 22 59.78.
    assert told(sentence(5, 5), form) == []
    (finding,) = told(sentence(4, 6), form)
    assert (finding.severity, finding.rule) == ("error", "grade")
    assert "Szigriszt-Pazos 59.8 without the words it teaches, 59.8 with them; 65 is the least" in finding.problem


def test_paper_below_65_by_taught_words_alone_is_a_warning() -> None:
    # 5 + 5·4 syllables: 41.09. Without them 10: 134.54.
    (finding,) = told(sentence(5, taught=5))
    assert finding.severity == "warning"
    assert "Szigriszt-Pazos 134.5 without the words it teaches, 41.1 with them" in finding.problem


def test_report_in_words_and_values() -> None:
    report = Report(readability=[measured(sentence(4, 5, taught=1))])  # 4 + 15 + 4 and 4 + 15 + 1 syllables
    assert list(in_words(report))[:2] == [
        "How easy to read (INFLESZ scale; without the words that the text teaches / with them / the least):",
        f"  {'good (full)':<38}    10 words   Szigriszt-Pazos 72.2 / 53.6 / 65 (bastante fácil)",
    ]
    (row,) = as_values(report)["readability"]
    assert row == {
        **{"handout": "good", "format": "full", "words": 10},
        **{"szigriszt": 53.55, "szigriszt_without_taught_words": 72.24, "szigriszt_limit": 65},
    }


@pytest.mark.parametrize(
    ("text", "explained"),
    [
        ("La TEC se usa a veces.", False),
        ("TEC quiere decir terapia electroconvulsiva.", True),
        ("La terapia electroconvulsiva (TEC) se usa a veces.", True),
        ("El tratamiento se llama TEC.", True),
        ("Vive en EE. UU.", True),
        ("Un EEG registra las ondas del cerebro.", True),
    ],
)
def test_capitals_in_spanish(text: str, explained: bool) -> None:
    words = load_words(sample_house().clinic.library, "es")
    assert words is not None
    found = capitals_explained(measured(text).paper, words)
    assert rules(found) == (set() if explained else {"unexplained-capitals"})
