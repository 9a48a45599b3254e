"""PEMAT-P and the CDC Clear Communication Index, item by item: what a machine can decide, and what is for a person.

Sources: AHRQ, Patient Education Materials Assessment Tool for printable materials (24 items); CDC Clear Communication
Index (20 items); both in our own words after the field guide, B.1 and B.2. An item that a person has to judge is listed
as such and never guessed, and there is no score: a paper with one bad answer among forty is not "97 % good".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from handouts.checking.manuscript import Manuscript, sentences
from handouts.checking.plain_words import MOST_LIST_LINES, MOST_PARAGRAPH_WORDS, too_long, words_explained
from handouts.library import SOURCE_LANGUAGE

_WRITTEN_ON = frozenset({"card", "diary", "notes"})
Answer = Literal["met", "not met", "does not apply", "for a person"]
_YOU = re.compile(r"\byou(?:r|rs|rself)?\b", re.IGNORECASE)
_PHONE = re.compile(r"\b911\b|\b988\b|\d{3}-\d{4}")
_IN_WORDS = re.compile(r"\b(?:\d+|one|two|half|most|many|some|few|about)\b", re.IGNORECASE)
_PERCENT = re.compile(r"\d+(?:[.,]\d+)?\s?(?:%|percent\b)|\bpercent\b", re.IGNORECASE)
_BENEFIT = re.compile(r"\b(?:better|(?:may|can|could) help|helps|helped|benefits?|relief|responded)\b", re.IGNORECASE)
_RISK = re.compile(r"\b(?:risks?|side effects?|harms?|warning)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Item:
    """One item of an instrument: its number, what it asks, and how a machine decides it (None: a person does)."""

    instrument: str
    number: int
    asks: str
    decide: Callable[[Manuscript], Answer] | None = None
    by_english_words: bool = False

    def answer(self, paper: Manuscript) -> Answer:
        if self.decide is None or (self.by_english_words and paper.language != SOURCE_LANGUAGE):
            return "for a person"
        return self.decide(paper)


def _met(truth: bool) -> Answer:
    return "met" if truth else "not met"


def _terms_are_defined(paper: Manuscript) -> Answer:
    return _met(not any(words_explained(paper))) if paper.taught else "does not apply"


def _short_chunks(paper: Manuscript) -> Answer:
    broken = {finding.rule for finding in too_long(paper)}
    return _met(broken.isdisjoint({"long-paragraph", "long-list"}))


def _lists_are_short(paper: Manuscript) -> Answer:
    return _met("long-list" not in {finding.rule for finding in too_long(paper)})


def _has_a_summary(paper: Manuscript) -> Answer:
    # The main message on page one, and a one-page summary made from the same text.
    return _met(bool(paper.handout.main_message.html) and len(paper.handout.summary) > 1)


def _has_visual_cues(paper: Manuscript) -> Answer:
    # A key point in bold type, boxes to tick, or lines to write on at the head of every section.
    sections = paper.handout.sections
    return _met(all(section.key_point or section.checklist or section.kind in _WRITTEN_ON for section in sections))


def _pictures_have_captions(paper: Manuscript) -> Answer:
    pictures = [paper.handout.picture, *(figure for section in paper.handout.sections for figure in section.figures)]
    return _met(all(picture.caption.html and picture.alternative for picture in pictures))


def _tables_are_simple(paper: Manuscript) -> Answer:
    ruled = re.compile(r"\|\s*:?[-–—]")
    return "not met" if any(ruled.search(passage.text) for passage in paper.passages) else "does not apply"


def _has_an_action(paper: Manuscript) -> Answer:
    return _met(any(section.steps or section.checklist for section in paper.handout.sections))


def _speaks_to_the_reader(paper: Manuscript) -> Answer:
    told = [passage for passage in paper.running if passage.role in ("step", "to tick", "key point", "paragraph")]
    speaking = [passage for passage in told if _YOU.search(passage.text)]
    return _met(len(speaking) * 4 >= len(told))


def _has_a_tool(paper: Manuscript) -> Answer:
    kinds = {section.kind for section in paper.handout.sections}
    checklist = any(section.checklist for section in paper.handout.sections)
    return _met(checklist or bool(kinds & _WRITTEN_ON))


def _message_comes_first(paper: Manuscript) -> Answer:
    running = [passage.role for passage in paper.running]
    return _met(bool(running) and running[0] == "main message")


def _message_stands_out(paper: Manuscript) -> Answer:
    return _met(len(sentences(paper.running[0].text)) <= 3)


def _known_and_not_known(paper: Manuscript) -> Answer:
    sections = paper.handout.sections
    return _met(any(section.know for section in sections) and any(section.learning for section in sections))


def _who_to_call(paper: Manuscript) -> Answer:
    helping = [passage for passage in paper.passages if _PHONE.search(passage.text)]
    return _met(any(section.kind == "help" for section in paper.handout.sections) and bool(helping))


def _risks_and_benefits(paper: Manuscript) -> Answer:
    return _met(bool(_BENEFIT.search(paper.whole) and _RISK.search(paper.whole)))


def _chances_in_words_or_pictures(paper: Manuscript) -> Answer:
    with_percent = [passage for passage in paper.running if _PERCENT.search(passage.text)]
    if not with_percent and not any(section.people for section in paper.handout.sections):
        return "does not apply"
    return _met(all(_IN_WORDS.search(_PERCENT.sub("", passage.text)) for passage in with_percent))


_P, _C = "PEMAT-P", "CDC CCI"
ITEMS = (
    Item(_P, 4, "Medical terms only to teach them, and explained", _terms_are_defined),
    Item(_P, 8, f"Short chunks: {MOST_PARAGRAPH_WORDS} words, {MOST_LIST_LINES} lines in a list", _short_chunks),
    Item(_P, 11, "A summary of the main points", _has_a_summary),
    Item(_P, 12, "Visual cues draw the eye to key points", _has_visual_cues),
    Item(_P, 17, "Pictures have captions", _pictures_have_captions),
    Item(_P, 19, "Tables are simple, with short headings", _tables_are_simple),
    Item(_P, 20, "At least one action", _has_an_action),
    Item(_P, 21, "Speaks to the reader", _speaks_to_the_reader, True),
    Item(_P, 23, "A tool to act with: checklist, card or page to write on", _has_a_tool),
    Item(_C, 2, "The main message is in the first part", _message_comes_first),
    Item(_C, 3, "The main message stands out: one to three sentences", _message_stands_out),
    Item(_C, 5, "A call to action", _has_an_action),
    Item(_C, 8, f"Lists, none over {MOST_LIST_LINES} lines", _lists_are_short),
    Item(_C, 11, "Says what is known and what is not", _known_and_not_known),
    Item(_C, 12, "Recommends something to do", _has_an_action),
    Item(_C, 14, "Says how and when to reach a clinician", _who_to_call),
    Item(_C, 19, "Names both risks and benefits", _risks_and_benefits, True),
    Item(_C, 20, "A chance in numbers stands in words or a picture too", _chances_in_words_or_pictures, True),
    Item(_P, 1, "The purpose is plain"),
    Item(_P, 2, "Nothing distracts from the purpose"),
    Item(_P, 3, "Everyday words"),
    Item(_P, 5, "Active voice"),
    Item(_P, 6, "Numbers are clear"),
    Item(_P, 7, "The reader does no sums"),
    Item(_P, 9, "Headings say something"),
    Item(_P, 10, "A logical order"),
    Item(_P, 15, "Pictures where they help"),
    Item(_P, 16, "Pictures support, and do not distract"),
    Item(_P, 18, "Pictures are clear and uncluttered"),
    Item(_P, 22, "Actions in explicit steps"),
    Item(_P, 24, "Help with sums"),
    Item(_P, 25, "Charts are explained so that one can act"),
    Item(_P, 26, "Pictures make it easier to act"),
    Item(_C, 1, "One main message"),
    Item(_C, 4, "A picture supports the main message"),
    Item(_C, 6, "Main message and action in the active voice"),
    Item(_C, 7, "The readers' own words"),
    Item(_C, 9, "One idea in each chunk, with a heading that fits"),
    Item(_C, 10, "The most important comes first"),
    Item(_C, 13, "Says why it matters"),
    Item(_C, 15, "Only numbers that the readers use"),
    Item(_C, 16, "Says what the numbers mean"),
    Item(_C, 17, "No sums asked for"),
    Item(_C, 18, "Says what the risk is: what, how, why"),
)
