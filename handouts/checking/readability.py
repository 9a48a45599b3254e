"""How many years of school a text asks of its reader, by formulas that count sentences, words and syllables.

`score` counts an English text, `Score` holds what was counted, and `FORMULAS` names the formulas of each language. A
formula that was made for English says nothing about Spanish: another language needs a row of its own there, and its own
way to count syllables.

The formulas see length and nothing else. They do not see whether a text is true, kind or in good order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from handouts.checking import syllables

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


# The formulas by language (a two-letter code as in ISO 639-1), each from what was counted to years of school.
FORMULAS: Mapping[str, Mapping[str, Callable[[Score], float]]] = {
    "en": {
        "Flesch-Kincaid": lambda score: score.flesch_kincaid,
        "Gunning Fog": lambda score: score.gunning_fog,
    },
}


def words_of(text: str) -> list[str]:
    """The words of a text as they are counted: “patient’s”, “long-term”, “988” and “1,000” are one each.

    Dashes and slashes part words, points part letters (“e.g.” is two words), and soft hyphens are taken out.
    """
    return _WORD.findall(unicodedata.normalize("NFC", text).replace("\N{SOFT HYPHEN}", ""))


def score(sentences: Iterable[str], taught: Collection[str] = ()) -> Score:
    """Count the words, sentences, syllables and hard words of an English text; a sentence without words is none.

    A word is hard if it, or a part of it between hyphens, has three or more syllables. The last one does not count if
    it is a mere ending, as in “creat-ed”, “process-es” and “consider-ing”. Names are not hard: a word is a name if it
    has a capital and is not the first of its sentence, or if it has two capitals (MRI). In a sentence that is all in
    capitals they mean nothing.

    `taught` are words and phrases that the text itself explains, so that they are no burden any more. Each word of
    them, and each part of it between hyphens, counts as one syllable and never as hard, be it large or small, plural
    or possessive. It still counts as a word: a long sentence stays long.
    """
    phrases = _phrases(taught)
    words = filled = spoken = hard = 0
    for sentence in sentences:
        found = words_of(sentence)
        if not found:
            continue
        filled += 1
        words += len(found)
        if sentence.isupper() and not all(syllables.is_abbreviation(word) for word in found if _has_letters(word)):
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
            spoken += len(of_one) - len(new) + sum(syllables.count(part) for part in new)
            hard += not _is_name(word, opening) and any(_is_hard(part) for part in new)
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
