"""Syllables: everyday words and the words of our field, and a data file that says what the dictionary says."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts.checking import syllables
from handouts.checking.syllables import count

# Parted by hand, as they are said and not as a printer would part them.
EVERYDAY = """
    the a I you he she me we be see go do say said made have give one once eyes
    wa-ter peo-ple lit-tle ta-ble sim-ple trou-ble set-tled han-dles ap-ple mus-cle
    watched walked helped want-ed need-ed cre-at-ed re-lat-ed tried car-ried start-ed i-mag-ined
    box-es hous-es plac-es chang-es watch-es wish-es hopes times names clothes dis-eas-es
    be-ing do-ing go-ing see-ing try-ing say-ing some-thing ev-ery-thing noth-ing
    a-re-a i-de-a cre-ate re-al-i-ty vid-e-o ra-di-o me-di-a pi-an-o qui-et di-et po-et li-on sci-ence cru-el
    na-tion spe-cial pa-tient so-cial o-cean mil-lion on-ion re-gion fash-ion re-la-tion-ship ques-tion an-cient
    anx-ious pre-vi-ous se-ri-ous cu-ri-ous gra-cious con-scious sim-ul-ta-ne-ous con-tin-u-ous
    safe-ly hope-less care-ful move-ment some-times there-fore life-time home-work white-board
    play-er be-yond e-ven eve-ning e-nough through though thought rhythm→2 prism→2 re-al-ism
    quick quite queen tech-nique vague tongue league di-a-logue sur-geon
    ev-er-y fam-i-ly sev-er-al→2 dif-fer-ent hours→2 fire→2 busi-ness Wednes-day choc-o-late→2 com-fort-a-ble
    the-a-tre bus-y build bi-cy-cle bi-ol-o-gy re-act re-en-try co-op-er-ate pre-empt us-u-al-ly mag-i-cal-ly
    don't can't did-n't is-n't they're I'm it's cat's nurs-e's fox-'s a-re-as i-de-a's o'-clock
"""
FIELD = """
    ket-a-mine es-ket-a-mine ket-a-mine's Spra-va-to glu-ta-mate a-myg-da-la dis-so-ci-a-tion dis-so-ci-a-tive
    ru-mi-na-tion in-fu-sion in-fu-sions loz-enge loz-en-ges tro-che tro-ches ser-o-to-nin do-pa-mine
    ben-zo-di-az-e-pine ben-zo-di-az-e-pines la-mo-tri-gine the-o-phyl-line am-i-no-phyl-line neu-ro-gen-e-sis
    neu-ro-sci-ence neu-ro-plas-tic-i-ty syn-apse syn-ap-ses in-tra-na-sal in-tra-mus-cu-lar sub-lin-gual
    med-i-cine cli-ni-cian cli-ni-cians psy-chi-a-trist psy-cho-ther-a-py an-ti-de-pres-sant de-pres-sion anx-i-e-ty
    su-i-cid-al cys-ti-tis blad-der hip-po-cam-pus pre-fron-tal re-cep-tor an-tag-o-nist nor-ket-a-mine
    hy-drox-y-nor-ket-a-mine nal-trex-one o-pi-oids mon-o-a-mine mon-o-a-mines bu-pro-pi-on que-ti-a-pine
    flu-ox-e-tine bi-o-a-vail-a-bil-i-ty an-es-the-sia sched-ule pre-scribed blood pres-sure nau-se-a diz-zi-ness
    hal-lu-ci-na-tions psy-cho-sis schiz-o-phre-ni-a bi-po-lar mind-ful-ness spir-i-tu-al in-te-gra-tion
    con-nect-ed-ness hy-per-ten-sion pla-ce-bo ran-dom-ized re-mis-sion re-lapse com-pound-ed phar-ma-cy
    bi-o-a-vail-a-ble bi-o-psy-cho-so-cial de-re-al-i-za-tion ga-ba-er-gic
    neu-rons neu-ro-trans-mit-ters mam-ma-li-an rap-a-my-cin glu-ta-mat-er-gic e-lec-tro-con-vul-sive
"""
ABBREVIATIONS = {
    **{"NMDA": 4, "BDNF": 4, "PTSD": 4, "ECT": 3, "FDA": 3, "FDA's": 3, "EEG": 3, "MRI": 3, "MRIs": 3, "SSRIs": 4},
    **{"WHO": 5, "DEA": 3, "IV": 2, "US": 2, "REMS": 1, "GABA": 2, "HIPAA": 2, "mTOR": 2, "PhD": 3, "SAMHSA": 2},
    **{"NOT": 1, "NEVER": 2, "DON’T": 1, "KETAMINE": 3, "III": 1},
}


def by_hand(table: str) -> list[tuple[str, int]]:
    """Parted words; where the dictionary's first pronunciation is not as it is written, an arrow and its number."""
    words = []
    for parted in table.split():
        word, _, said = parted.partition("→")
        words.append((word.replace("-", ""), int(said) if said else word.count("-") + 1))
    return words


@pytest.mark.parametrize(("word", "syllables_"), [*by_hand(EVERYDAY), *by_hand(FIELD), *ABBREVIATIONS.items()])
def test_word(word: str, syllables_: int) -> None:
    assert count(word) == syllables_


@pytest.mark.parametrize(
    ("word", "syllables_"),
    [("long-term", 2), ("treatment-resistant", 5), ("NMDA-receptor", 7), ("12-week", 2), ("1,000-mile", 2), ("B12", 2)],
)
def test_parts_are_added_up(word: str, syllables_: int) -> None:
    assert count(word) == syllables_


@pytest.mark.parametrize("number", ["7", "988", "2019", "0.5", "1,000", "1-800-273-8255", "5–10", "1st", "22nd"])
def test_number_is_one_syllable(number: str) -> None:
    assert count(number) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("didn’t", "didn't"), ("naïve", "naive"), ("Area", "area"), ("café", "cafe")]
)
def test_spellings_of_one_word(one: str, other: str) -> None:
    assert count(one) == count(other)


@given(st.text())
def test_any_text_has_a_syllable(text: str) -> None:
    assert count(text) >= 1


@given(st.lists(st.text(st.characters(categories=["L"]), min_size=1), min_size=1, max_size=4))
def test_each_part_has_a_syllable(parts: list[str]) -> None:
    assert count("-".join(parts)) >= len(parts)


@given(st.from_regex(r"[a-z]{1,12}", fullmatch=True))
def test_no_more_syllables_than_letters(word: str) -> None:
    assert count(word) <= len(word) + 2  # “w”


def test_file_is_small() -> None:
    assert syllables.EXCEPTIONS.stat().st_size < 100_000


def test_file_keeps_the_license_of_the_dictionary() -> None:
    header = [line for line in syllables.EXCEPTIONS.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    text = " ".join(line.removeprefix("#").strip() for line in header)
    for needed in (
        "(C) 1993-2015 Carnegie Mellon University",
        "1. Redistributions of",
        "2. Redistributions in",
        "AS IS",
    ):
        assert needed in text


INDEX = """\
/** @type {{ [word: string]: string }} */
export const dictionary = {
  "'bout": "B AW1 T",
  "a": "AH0",
  "a(2)": "EY1",
  "a.m.": "EY2 EH1 M",
  "aalborg": "AO1 L B AO0 R G # place 1, danish",
  "area": "EH1 R IY0 AH0",
  "area's": "EH1 R IY0 AH0 Z",
  "hmm": "HH M",
  "jane": "JH EY1 N",
  "karate": "K ER0 AA1 T IY0",
  "x-ray": "EH1 K S R EY2",
}
"""


def test_dictionary_is_read() -> None:
    assert syllables.read_dictionary(INDEX) == {"a": 1, "aalborg": 2, "area": 3, "area's": 3, "jane": 1, "karate": 3}


def test_file_holds_what_the_rules_get_wrong() -> None:
    dictionary = {"jane": 1, "karate": 3, "acne": 2, "acnes": 2, "lake": 1}
    assert syllables.data_file(dictionary, "# From there\n") == "# From there\n2: acne\n3: karate\n"


def test_file_is_made_anew_under_its_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "syllables-en.txt"
    file.write_text("# From there\n5: old\n", encoding="utf-8")
    monkeypatch.setattr(syllables, "EXCEPTIONS", file)
    index = tmp_path / "index.js"
    index.write_text(INDEX, encoding="utf-8")
    syllables.main(index)
    assert file.read_text(encoding="utf-8") == "# From there\n3: karate\n"


@pytest.mark.skipif(
    "CMU_DICTIONARY" not in os.environ, reason="CMU_DICTIONARY is to name the index.js of the npm package"
)
def test_rules_and_exceptions_say_what_the_dictionary_says() -> None:
    dictionary = syllables.read_dictionary(Path(os.environ["CMU_DICTIONARY"]).read_text(encoding="utf-8"))
    header = syllables.EXCEPTIONS.read_text(encoding="utf-8").partition("\n1: ")[0]
    by_rules = sum(syllables._of_letters(word, {}) == dictionary[word] for word in dictionary)
    assert f"right for {100 * by_rules / len(dictionary):.1f} %" in header
    assert f"{len(dictionary):,} words" in re.sub(r"\s*\n# ", " ", header)
    assert [word for word in dictionary if count(word) != dictionary[word]] == ["troche"]
    assert syllables.data_file(dictionary, header) == syllables.EXCEPTIONS.read_text(encoding="utf-8")
