"""A clinician's note as HTML: paragraphs, bold type and lists. All else is printed as it was typed.

Not python-markdown: its other rules (links, code, quotes, entities, nested blocks) would have to be switched off one by
one, and a note is data from outside, of any length and depth. Here a rule that is not written does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup, escape

_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$")
_BULLET = re.compile(r"\s*[-*+•]\s+(.*)$")
_NUMBER = re.compile(r"\s*(\d{1,3})[.)]\s+(.*)$")
# Two stars or underscores, else one; never inside a word, so that 2*3*4 and a_file_name stay as they are.
_BOLD = re.compile(r"(?<!\w)(?P<mark>\*\*|__|\*|_)(?=[^\s*_])(?P<words>[^*_]+)(?<=\S)(?P=mark)(?!\w)")


@dataclass(frozen=True)
class _Line:
    """One line as typed: what kind of block it belongs to, its words, and the number before them if it has one."""

    kind: str
    words: str
    number: int | None = None


def note_as_html(note: str) -> Markup:
    """A note ready to print; empty for an empty one. Nothing in it is HTML, a blank, a citation or a picture.

    Bold and italic words are bold, headings too; lists have one level; each line stays a line.
    """
    return Markup("\n").join(_blocks([_read(line) for line in note.expandtabs(4).splitlines()]))


def _read(line: str) -> _Line:
    if not line.strip():
        return _Line("blank", "")
    if found := _HEADING.match(line):
        return _Line("heading", found[1])
    if found := _BULLET.match(line):
        return _Line("bullet", found[1])
    if found := _NUMBER.match(line):
        return _Line("number", found[2], int(found[1]))
    return _Line("text", line.strip())


def _blocks(lines: list[_Line]) -> Iterator[Markup]:
    for kind, run in groupby(lines, key=lambda line: line.kind):
        block = list(run)
        if kind == "heading":
            yield from (Markup("<p><b>{}</b></p>").format(_plain(line.words)) for line in block)
        elif kind == "bullet":
            yield Markup("<ul>{}</ul>").format(_items(block))
        elif kind == "number":
            # Each number as it was typed: a list of the reader's own would count from one.
            items = (Markup('<li value="{}">{}</li>').format(line.number, _inline(line.words)) for line in block)
            yield Markup("<ol>{}</ol>").format(Markup("").join(items))
        elif kind == "text":
            yield Markup("<p>{}</p>").format(Markup("<br>").join(_inline(line.words) for line in block))


def _items(block: list[_Line]) -> Markup:
    return Markup("").join(Markup("<li>{}</li>").format(_inline(line.words)) for line in block)


def _inline(words: str) -> Markup:
    """The words escaped, with bold type where it was asked for."""
    pieces, at = [], 0
    for found in _BOLD.finditer(words):
        pieces += [escape(words[at : found.start()]), Markup("<b>{}</b>").format(found["words"])]
        at = found.end()
    return Markup("").join([*pieces, escape(words[at:])])


def _plain(words: str) -> str:
    """A heading's words without marks of bold type: all of it is bold."""
    return _BOLD.sub(lambda found: found["words"], words)
