"""How many syllables a Spanish word has.

Spanish is written as it is said, so rules suffice. They are those of the Academies (Ortografía de la lengua española,
2010): a closed vowel beside another vowel makes one syllable with it, also where some people say two, as in “guion” and
“biología”. Only an accent on the closed vowel (“día”), two open vowels (“leer”) and the same closed vowel twice
(“chiita”) part them. An h between vowels changes nothing (“prohi-bir”, “a-ho-ra”).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

# Capitals that are said as a word or as words (EE. UU. is “Estados Unidos”), and Roman numbers.
_SAID: Mapping[str, int] = {
    **{"EE": 3, "UU": 3, "COVID": 2, "GABA": 2, "IMAO": 3, "OMS": 1, "ONU": 2, "OPS": 1, "SIDA": 2, "TAC": 1, "VIH": 3},
    **{"REMS": 1, "HIPAA": 2, "II": 1, "III": 1, "IV": 2, "VI": 1, "VII": 2, "VIII": 2, "IX": 2},
}
# The names of letters with more than one syllable: efe, hache, jota, ele … doble u, equis, zeta.
_LONG_NAMES: Mapping[str, int] = {**dict.fromkeys("FHJLMNÑRSXZ", 2), "W": 3}
# Words that stand in capitals because the text raises its voice: “NO maneje.”
_SHOUTED = frozenset(
    {"al", "de", "del", "el", "en", "es", "la", "las", "los", "ni", "no", "nunca", "o", "para", "pare", "pida", "que"}
    | {"se", "si", "sin", "solo", "su", "tome", "un", "una", "use", "usted", "y", "ya", "ahora", "antes", "llame"}
)

_PART = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")
_CAPITALS = re.compile(r"([A-ZÑ]{2,5})s?")
_NOT_OURS = re.compile(r"[^a-zñáéíóúü]")
_MUTE_U = re.compile(r"(?<=q)u(?=[aeiouáéíóú])|(?<=g)u(?=[eiéí])")  # que, guerra; not: agua, pingüino
_MUTE_H = re.compile(r"(?<=[aeiouáéíóúü])h(?=[aeiouáéíóúü])(?![iuü][aeiouáéíóú])")  # ahora; not: cacahuete
_VOCAL_Y = re.compile(r"y(?![aeiouáéíóúü])")  # y, muy, hoy; not: mayo
_VOWELS = re.compile(r"[aeiouáéíóúü]+")
# Where a group of vowels falls apart: two open ones need no mark here, for each of them is counted.
_APART = re.compile(r"(?<=[aeoáéó])(?=[íú])|(?<=[íú])(?=[aeoáéó])|(?<=[ií])(?=[ií])|(?<=[uúü])(?=[uúü])")
_OPEN = re.compile(r"[aeoáéó]")


@cache
def count(word: str) -> int:
    """The syllables of a word, at least 1.

    The parts of a word with hyphens are added up. Two to five capitals are spelled out by the names of the letters,
    unless they are known to be said as a word. A number in digits is one syllable, however long it is: what makes a
    number hard to read is not its sound.
    """
    if not any(sign.isalpha() for sign in word):
        return 1
    return max(1, sum(_of_part(part) for part in _PART.findall(unicodedata.normalize("NFC", word))))


def is_abbreviation(word: str) -> bool:
    """Two to five capitals, as in FDA and TDAH, but not a word that only stands in capitals."""
    return bool(_CAPITALS.fullmatch(word)) and word.lower() not in _SHOUTED


def _of_part(part: str) -> int:
    capitals = _CAPITALS.fullmatch(part)
    if capitals and is_abbreviation(part):
        letters = capitals[1]
        return _SAID.get(letters, sum(_LONG_NAMES.get(letter, 1) for letter in letters))
    return max(1, sum(_of_vowels(vowels) for vowels in _VOWELS.findall(_as_said(part))))


def _of_vowels(vowels: str) -> int:
    return sum(max(1, len(_OPEN.findall(together))) for together in _APART.split(vowels))


def _as_said(part: str) -> str:
    """In small letters, those of other languages without their marks; mute letters are left out."""
    letters = "".join(_NOT_OURS.sub(_plain, sign) for sign in part.lower())
    return _VOCAL_Y.sub("i", _MUTE_H.sub("", _MUTE_U.sub("", letters)))


def _plain(letter: re.Match[str]) -> str:
    base = unicodedata.normalize("NFKD", letter[0])
    return "".join(sign for sign in base if not unicodedata.combining(sign))
