"""Whether a handout is built so that a tired reader can use it.

Sources: PEMAT-P (AHRQ), items 9, 11, 17, 20, 22, 23; CDC Clear Communication Index, items 1, 2, 5, 11, 14.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from handouts.checking.finding import Finding
from handouts.checking.manuscript import Manuscript, sentences

_MOST_MESSAGE_SENTENCES = 3
_LEAST_ALTERNATIVE, _LEAST_CAPTION = 5, 4  # words
_SAYS_NOTHING = re.compile(r"^(?:an?\s+)?(?:image|picture|photo|graphic|figure)\s+of\b", re.IGNORECASE)
_EMPTY_HEADINGS = {"introduction", "overview", "general", "other", "background", "conclusion", "summary", "more"}
_PHONE = re.compile(r"\d[\d\s().-]{5,}\d")


def built_for_readers(paper: Manuscript) -> Iterator[Finding]:
    """What a full handout has to have, and what its pictures and headings have to say."""
    handout = paper.handout
    message = next((passage for passage in paper.passages if passage.role == "main message"), None)
    if message is None:
        yield _finding("main-message", paper, "The main message has no words", "Say what a reader should take away.")
    elif len(sentences(message.text)) > _MOST_MESSAGE_SENTENCES:
        yield _finding(
            "main-message", paper, f"The main message has {len(sentences(message.text))} sentences",
            f"Say it in {_MOST_MESSAGE_SENTENCES} or fewer: it is what a reader takes away.",
        )  # fmt: skip
    if not any(section.steps or section.checklist for section in handout.sections):
        yield _finding(
            "no-action", paper, "Nothing tells the reader what to do, step by step",
            "Add `steps:` or a `checklist:` to one of its blocks.", "error",
        )  # fmt: skip
    for key, words in (("know", "what is known"), ("learning", "what is not known yet")):
        if not any(getattr(section, key) for section in handout.sections):
            yield _finding(
                f"no-{key}", paper, f"The handout does not say {words}",
                f"Add `{key}:` to one of its blocks.", "error",
            )  # fmt: skip
    if not any(section.kind == "help" for section in handout.sections):
        yield _finding("nobody-to-call", paper, "Nothing says who to call", "Add the block `help`.", "error")
    yield from _pictures_and_headings(paper)


def a_number_to_call(paper: Manuscript, phone: str) -> Iterator[Finding]:
    """The clinic's phone must be one: something that can be dialed."""
    if not _PHONE.search(phone):
        yield _finding("nobody-to-call", paper, f"“{phone}” is not a number to call", "Write the number.", "error")


def _pictures_and_headings(paper: Manuscript) -> Iterator[Finding]:
    for passage in paper.passages:
        words = passage.text.split()
        problem = None
        match passage.role:
            case "alternative text" if len(words) < _LEAST_ALTERNATIVE or _SAYS_NOTHING.match(passage.text):
                problem = "alternative-text", f"The alternative text “{passage.text}” says too little"
            case "caption" if len(words) < _LEAST_CAPTION:
                problem = "caption", f"The caption “{passage.text}” says too little"
            case "heading" | "title" if passage.text.strip(" .:?").lower() in _EMPTY_HEADINGS:
                problem = "empty-heading", f"The heading “{passage.text}” does not say what comes"
        if problem:
            yield Finding(
                "warning", problem[0], passage.place(), problem[1], "Say what there is to see, or what comes."
            )


def _finding(rule: str, paper: Manuscript, problem: str, remedy: str, severity: str = "warning") -> Finding:
    assert severity in ("error", "warning")
    return Finding("error" if severity == "error" else "warning", rule, paper.handout.origin, problem, remedy)
