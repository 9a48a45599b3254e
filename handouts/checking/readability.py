"""How hard a text is to read, by formulas that count sentences, words and syllables.

`score` counts a text, `Score` holds what was counted, and `FORMULAS` names the formulas of each language. A formula
that was made for English says nothing about Spanish: another language needs a row of its own there, and its own way to
count syllables.

The formulas see length and nothing else. They do not see whether a text is true, kind or in good order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from handouts.checking import syllables, syllables_es

HARD = 3  # syllables: Gunning's hard words have these or more

# Letters, digits, and between them apostrophes, hyphens (U+2010 and U+2011 too), or the comma and point of a number.
_WORD = re.compile(r"[^\W_]+(?:(?:['’\-‐‑]|(?<=\d)[.,](?=\d))[^\W_]+)*")
_HYPHEN = re.compile(r"[-‐‑]")
_POSSESSIVE = re.compile(r"['’]s$")
# Endings by which a word does not become hard: -ing, and -es and -ed where they are a syllable (boxes, wanted).
_INFLECTION = re.compile(r"(?:ing|[td]ed|(?:[sxzcg]|[cs]h)es)$")


@dataclass(frozen=True)
class Score:
    """What was counted in a text, and the grades that follow from it; a text without words has grade 0."""

    words: int
    sentences: int
    syllables: int
    hard_words: int

    @property
    def flesch_kincaid(self) -> float:
        """Flesch-Kincaid grade level, in years of school in the United States; below 0 for the very plainest texts.

        Kincaid, Fishburne, Rogers and Chissom (1975), Derivation of new readability formulas for Navy enlisted
        personnel, Research Branch Report 8-75.
        """
        if not self.words:
            return 0.0
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59

    @property
    def gunning_fog(self) -> float:
        """Fog index, in years of school. Gunning (1952), The Technique of Clear Writing."""
        if not self.words:
            return 0.0
        return 0.4 * (self.words / self.sentences + 100 * self.hard_words / self.words)

    @property
    def szigriszt(self) -> float:
        """Perspicuity of a Spanish text: the higher, the easier; about 0 to 100. Without words it is the highest.

        Szigriszt Pazos (1993), Sistemas predictivos de legilibilidad del mensaje escrito, Universidad Complutense de
        Madrid.
        """
        if not self.words:
            return 206.84
        return 206.84 - 62.3 * self.syllables / self.words - self.words / self.sentences


@dataclass(frozen=True)
class Formula:
    """From what was counted to a grade, what the grade is told in, and whether a higher grade is easier to read."""

    name: str
    key: str
    unit: str
    of: Callable[[Score], float]
    higher_is_easier: bool = False
    scale: tuple[tuple[float, str], ...] = ()

    def __call__(self, score: Score) -> float:
        return self.of(score)

    def allows(self, grade: float, limit: float) -> bool:
        """Whether a text of this grade is easy enough."""
        return grade >= limit if self.higher_is_easier else grade <= limit

    @property
    def limit_is(self) -> str:
        return "the least" if self.higher_is_easier else "the most"

    def in_words(self, grade: float) -> str | None:
        """What the scale of the formula calls a grade; None if it has no scale."""
        return next((name for least, name in reversed(self.scale) if grade >= least), None)


# Barrio-Cantalejo and others (2008), Validación de la Escala INFLESZ, An Sist Sanit Navar 31(2):135-152.
INFLESZ = (
    (float("-inf"), "muy difícil"),
    *((40.0, "algo difícil"), (55.0, "normal"), (65.0, "bastante fácil"), (80.0, "muy fácil")),
)
_FORMULAS = {
    "en": (
        Formula("Flesch-Kincaid", "flesch_kincaid", "school grade", lambda score: score.flesch_kincaid),
        Formula("Gunning Fog", "gunning_fog", "school grade", lambda score: score.gunning_fog),
    ),
    "es": (Formula("Szigriszt-Pazos", "szigriszt", "INFLESZ scale", lambda score: score.szigriszt, True, INFLESZ),),
}
# The formulas by language (a two-letter code as in ISO 639-1) and name.
FORMULAS: Mapping[str, Mapping[str, Formula]] = {
    language: {formula.name: formula for formula in formulas} for language, formulas in _FORMULAS.items()
}


def words_of(text: str) -> list[str]:
    """The words of a text as they are counted: “patient’s”, “long-term”, “988” and “1,000” are one each.

    Dashes and slashes part words, points part letters (“e.g.” is two words), and soft hyphens are taken out.
    """
    return _WORD.findall(unicodedata.normalize("NFC", text).replace("\N{SOFT HYPHEN}", ""))


def score(sentences: Iterable[str], taught: Collection[str] = (), language: str = "en") -> Score:
    """Count the words, sentences, syllables and hard words of a text; a sentence without words is none.

    A word is hard if it, or a part of it between hyphens, has three or more syllables. The last one does not count if
    it is a mere ending, as in “creat-ed”, “process-es” and “consider-ing”. Names are not hard: a word is a name if it
    has a capital and is not the first of its sentence, or if it has two capitals (MRI). In a sentence that is all in
    capitals they mean nothing. Only an English text has hard words: the rule is Gunning's.

    `taught` are words and phrases that the text itself explains, so that they are no burden any more. Each word of
    them, and each part of it between hyphens, counts as one syllable and never as hard, be it large or small, plural
    or possessive. It still counts as a word: a long sentence stays long.
    """
    spelling = syllables_es if language == "es" else syllables
    phrases = _phrases(taught)
    words = filled = spoken = hard = 0
    for sentence in sentences:
        found = words_of(sentence)
        if not found:
            continue
        filled += 1
        words += len(found)
        if sentence.isupper() and not all(spelling.is_abbreviation(word) for word in found if _has_letters(word)):
            found = [word.lower() for word in found]
        parts = [_HYPHEN.split(word) for word in found]
        known = _places(phrases, [part for of_one in parts for part in of_one])
        place = 0
        opening = True
        for word, of_one in zip(found, parts, strict=True):
            new = [part for at, part in enumerate(of_one, place) if at not in known]
            place += len(of_one)
            if not _has_letters(word):
                spoken += 1
                continue
            spoken += len(of_one) - len(new) + sum(spelling.count(part) for part in new)
            hard += language == "en" and not _is_name(word, opening) and any(_is_hard(part) for part in new)
            opening = False
    return Score(words, filled, spoken, hard)


def _has_letters(word: str) -> bool:
    return any(sign.isalpha() for sign in word)


def _is_name(word: str, opening: bool) -> bool:
    return sum(sign.isupper() for sign in word) > opening


@cache
def _is_hard(part: str) -> bool:
    base = _POSSESSIVE.sub("", part)
    return syllables.count(base) - bool(_INFLECTION.search(base)) >= HARD


def _phrases(taught: Collection[str]) -> Mapping[str, set[tuple[str, ...]]]:
    """The taught phrases, part by part, each also with a plural at its end, by their first part."""
    phrases: dict[str, set[tuple[str, ...]]] = {}
    for phrase in taught:
        parts = [_key(part) for word in words_of(phrase) for part in _HYPHEN.split(word)]
        if not parts:
            continue
        *before, last = parts
        for form in (last, f"{last}s", f"{last}es", re.sub("y$", "ies", last)):
            whole = (*before, form)
            phrases.setdefault(whole[0], set()).add(whole)
    return phrases


def _places(phrases: Mapping[str, set[tuple[str, ...]]], parts: list[str]) -> set[int]:
    """Where in a sentence a taught phrase stands. Phrases may overlap."""
    if not phrases:
        return set()
    keys = [_key(part) for part in parts]
    places: set[int] = set()
    for start, key in enumerate(keys):
        for phrase in phrases.get(key, ()):
            if tuple(keys[start : start + len(phrase)]) == phrase:
                places.update(range(start, start + len(phrase)))
    return places


def _key(part: str) -> str:
    return _POSSESSIVE.sub("", part).casefold()
