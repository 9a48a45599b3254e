"""Whether somebody who reads at sixth grade can read it.

Sources: AMA and NIH (grade 6 to 7), field guide B.4 (Flesch-Kincaid 6, Gunning Fog 8, no sentence over 25 words);
INFLESZ (65 or more, “bastante fácil”, for papers in Spanish);
PEMAT-P items 3, 4 and 8 (everyday words, terms explained, short chunks); CDC Clear Communication Index items 7 and 8.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from handouts.checking.finding import Finding
from handouts.checking.manuscript import Manuscript, Passage
from handouts.checking.readability import FORMULAS, Formula, Score, score, words_of
from handouts.checking.words import WordList
from handouts.errors import Origin
from handouts.handout import Prose, Section

MOST_SENTENCE_WORDS = 25
MOST_PARAGRAPH_WORDS = 75
MOST_LIST_LINES = 7
_CAPITALS = re.compile(r"\b(?![IVX]+\b)[A-Z][A-Z/]*[A-Z]s?\b")
# How a text says what a short form, or a word, is.
_EXPLAINED_NEARBY = {
    "en": (
        r"{short}s?\s*\(|\([^)]*\b{short}|called (?:the |an? )?{short}"
        r"|{short}s? (?:is|are|means|stands|records)|{short}, (?:an?|the)\b"
    ),
    "es": (
        r"{short}s?\s*\(|\([^)]*\b{short}|\bllam\w+ (?:el |la |los |las |una? )?{short}"
        r"|{short}s? (?:es|son|significan?|quieren? decir|registran?)\b|{short}, (?:una?|el|la|los|las)\b"
    ),
}
_CALLED = {"en": "called ", "es": r"\bllam\w+ (?:el |la |los |las |una? )?"}
_NOT_READ_ALOUD = {"alternative text", "label", "title", "heading", "page furniture"}


@dataclass(frozen=True)
class Limits:
    """The highest grades a paper may have, or the lowest one where a higher grade is easier."""

    flesch_kincaid: float
    gunning_fog: float
    szigriszt: float = 65


SUMMARY_LIMITS, FULL_LIMITS = Limits(6, 8), Limits(7, 9)


@dataclass(frozen=True)
class Readability:
    """How hard a paper is to read: all words counted, and without the words that it teaches."""

    paper: Manuscript
    limits: Limits
    everything: Score
    without_taught: Score

    @property
    def grades(self) -> Iterator[Grade]:
        """Its grade by each formula of its language."""
        for formula in FORMULAS[self.paper.language].values():
            limit: float = getattr(self.limits, formula.key)
            yield Grade(formula, formula(self.without_taught), formula(self.everything), limit)


@dataclass(frozen=True)
class Grade:
    """A paper by one formula: without the words that it teaches, with them, and how hard it may be."""

    formula: Formula
    bare: float
    whole: float
    limit: float


def readability(paper: Manuscript, words: WordList) -> Readability | None:
    """The scores of a paper; None for a language that has no formula here."""
    if paper.language not in FORMULAS:
        return None
    read = [sentence for passage in paper.running for sentence in passage.sentences]
    limits = SUMMARY_LIMITS if paper.form.pages else FULL_LIMITS
    taught = (*words.taught, *paper.taught)
    return Readability(
        paper, limits, score(read, language=paper.language), score(read, taught, language=paper.language)
    )


def too_hard(measured: Readability) -> Iterator[Finding]:
    """A paper that is too hard to read. With the words that it teaches counted in, that is only a warning."""
    paper = measured.paper
    for grade in measured.grades:
        formula = grade.formula
        fits = formula.allows(grade.bare, grade.limit)
        if fits and formula.allows(grade.whole, grade.limit):
            continue
        yield Finding(
            "warning" if fits else "error",
            "grade",
            paper.handout.origin,
            f"{paper.name} reads at {formula.name} {grade.bare:.1f} without the words it teaches, "
            f"{grade.whole:.1f} with them; {grade.limit:g} is {formula.limit_is}",
            "Shorten its sentences and use shorter words.",
        )


def too_long(paper: Manuscript) -> Iterator[Finding]:
    """Sentences over 25 words, paragraphs over 75, lists over 7 lines."""
    for passage in paper.running:
        for sentence in passage.sentences:
            count = len(words_of(sentence))
            if count > MOST_SENTENCE_WORDS:
                yield _finding(
                    "long-sentence", passage.place(sentence), f"A sentence of {count} words", "Cut it in two"
                )
        count = len(words_of(passage.text))
        if count > MOST_PARAGRAPH_WORDS:
            yield _finding("long-paragraph", passage.place(), f"A paragraph of {count} words", "Cut it in two")
    for section in paper.handout.sections:
        for name, length in _lists(section):
            if length > MOST_LIST_LINES:
                yield _finding(
                    "long-list", section.origin, f"{name} has {length} lines", "Cut it, or group it under headings"
                )


def words_explained(paper: Manuscript) -> Iterator[Finding]:
    """Each taught word is explained where it is first used, or before."""
    # A glossary is for looking up, not for teaching: its words are met before it on purpose.
    teaching = [section for section in paper.handout.sections if section.kind != "glossary"]
    taught_in = {word: section.slug for section in reversed(teaching) for word in section.words}
    meaning = {word: text.html for section in teaching for word, text in section.words.items()}
    order = [None, *(section.slug for section in paper.handout.sections)]
    for word, slug in taught_in.items():
        first = next((passage for passage in _read(paper) if _names(word).search(passage.text)), None)
        if first is None or order.index(first.section) >= order.index(slug):
            continue
        if not _explains(first, word, meaning[word], paper.language):
            yield _finding(
                "word-before-its-meaning",
                first.place(),
                f"“{word}” is used here, and explained only later, in “{slug}”",
                "Explain it here in a few words, or say it without the word",
            )


def capitals_explained(paper: Manuscript, words: WordList) -> Iterator[Finding]:
    """Short forms in capitals are spelled out or explained where they are first used."""
    known = {*words.capitals, *words.taught, *paper.taught}
    seen: set[str] = set()
    for passage in _read(paper):
        for found in _CAPITALS.finditer(passage.text):
            short = found[0].removesuffix("s")
            if short in seen or any(_names(short).search(word) for word in known):
                continue
            seen.add(short)
            nearby = _EXPLAINED_NEARBY.get(paper.language, _EXPLAINED_NEARBY["en"])
            if not re.search(nearby.format(short=re.escape(short)), passage.text):
                yield _finding(
                    "unexplained-capitals",
                    passage.place(passage.text[found.start() :]),
                    f"“{short}” is not explained where it is first used",
                    "Spell it out, or explain it in brackets",
                )


def hard_words(passages: Iterable[Passage], words: WordList, taught: Collection[str]) -> Iterator[Finding]:
    """Words for which there is a plainer one, unless a text teaches them."""
    known = {word.lower() for word in (*words.taught, *taught)}
    plain = {hard.lower(): plainer for hard, plainer in words.hard.items() if hard.lower() not in known}
    if not plain:
        return
    any_of_them = re.compile(rf"\b({'|'.join(map(re.escape, plain))})(?:s|es|d|ed)?\b", re.IGNORECASE)
    for passage in passages:
        for found in any_of_them.finditer(passage.text) if passage.is_running else ():
            yield _finding(
                "hard-word", passage.place(passage.text[found.start() :]), f"“{found[0]}” is a hard word",
                f"Plainer: {plain[found[1].lower()]}",
            )  # fmt: skip


def _lists(section: Section) -> Iterator[tuple[str, int]]:
    yield "The list of steps", len(section.steps)
    yield "The checklist", len(section.checklist)
    yield "The short list", len(section.short)
    yield "The list of safety texts", len(section.safety_items)
    yield from ((f"The list “{group.title}”", len(group.items)) for group in section.groups)
    for part in section.body:
        if isinstance(part, Prose):
            yield from (("A list", inner.count("<li>")) for inner in re.split(r"</?[ou]l>", part.html))


def _read(paper: Manuscript) -> Iterator[Passage]:
    return (passage for passage in paper.passages if passage.role not in _NOT_READ_ALOUD)


def _explains(passage: Passage, word: str, meaning: str, language: str) -> bool:
    """Whether a passage that uses a word says what it is: in words of its meaning, or in brackets beside it."""
    name, called = _names(word).pattern, _CALLED.get(language, _CALLED["en"])
    if re.search(rf"{name}\s*\(|{called}{name}", passage.text, re.IGNORECASE):
        return True
    told = {part.lower() for part in words_of(re.sub(r"<[^>]+>|\[@[^\]]*\]", " ", meaning)) if len(part) > 4}
    own = {part.lower() for part in words_of(word)}
    found = (told - own) & {part.lower() for part in words_of(passage.text)}
    return len(found) >= min(2, len(told - own))


@lru_cache(maxsize=2048)
def _names(word: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(word)}(?:s|es|d|ed)?\b", 0 if word.isupper() else re.IGNORECASE)


def _finding(rule: str, where: Origin, problem: str, remedy: str) -> Finding:
    return Finding("warning", rule, where, problem, f"{remedy}.")
