"""Markdown becomes pieces of HTML with pictures between them. The only module that knows Markdown."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from handouts.errors import ContentError, HandoutError, Origin, raise_all
from handouts.handout import Figure, Prose

if TYPE_CHECKING:
    import markdown

_FIGURE = re.compile(r'^!\[(?P<alt>.*)\]\((?P<kind>figure|people):(?P<name>[\w-]+)(?:\s+"(?P<caption>.*)")?\)\s*$')
CITATION = re.compile(r"\[(@[^\]]*)\]")
_MARK = re.compile(r"\(\([^()]*\)\)|\[@[^\[\]]*\]")
FOREIGN = re.compile(r"\{([a-z]{2}):([^{}<>]+)\}")
_LOOSE = re.compile(r"\{[a-z]{2}:")
_HEADING = re.compile(r"^[\s>]*(?:[-*+]\s+|\d+\.\s+)?(#{1,6})")


def read_body(text: str, path: Path, first_line: int) -> tuple[Prose | Figure, ...]:
    """The text below the front matter, cut where pictures stand in it.

    `first_line` is the line of the file on which it begins. Raises ContentError, for all that is wrong at once.
    """
    parts: list[Prose | Figure] = []
    errors: list[HandoutError] = []
    pending: list[str] = []
    depth = 2

    def end_prose(next_line: int) -> None:
        if "".join(pending).strip():
            blanks = next(at for at, line in enumerate(pending) if line.strip())
            origin = Origin(path, next_line - len(pending) + blanks)
            try:
                whole = _with_whole_marks("\n".join(pending), origin)
                parts.append(Prose(_with_languages(_converter().reset().convert(whole), origin), origin))
            except ContentError as error:
                errors.append(error)
        pending.clear()

    lines = text.split("\n")
    for number, line in enumerate(lines, start=first_line):
        where = Origin(path, number)
        try:
            if "![" in line:
                end_prose(number)
                parts.append(_figure(line, where))
                continue
            depth = _heading_level(line, depth, where)
        except ContentError as error:
            errors.append(error)
            continue
        pending.append(line)
    end_prose(first_line + len(lines))
    raise_all(errors)
    return tuple(parts)


def citations(html: str) -> list[str]:
    """The ids that a text cites, in order: `[@one; @two]` are two."""
    return [
        part.strip().removeprefix("@")
        for found in CITATION.finditer(html)
        for part in found[1].split(";")
        if part.strip()
    ]


def _figure(line: str, where: Origin) -> Figure:
    """The picture that a line holds. Raises ContentError if it is not written as one."""
    found = _FIGURE.match(line)
    if found is None:
        raise ContentError(
            "This picture cannot be read",
            'A picture stands on a line of its own: ![what it shows](figure:name "caption").',
            where,
        )
    alternative, caption = found["alt"], found["caption"] or ""
    if "((" in alternative or "[@" in alternative or FOREIGN.search(alternative):
        raise ContentError(
            "Alternative text is read aloud as it stands",
            "Put the blank, the citation or the phrase in another language into the caption.",
            where,
        )
    if not alternative.strip() or not caption.strip():
        missing = "caption" if alternative.strip() else "alternative text"
        raise ContentError(
            f"The picture “{found['name']}” has no {missing}",
            'Write ![what it shows](figure:name "caption").',
            where,
        )
    return Figure(found["kind"], found["name"], alternative, read_line(caption, where), where)


def _heading_level(line: str, above: int, where: Origin) -> int:
    """The level of a heading, or `above`, the last one, for any other line. Raises ContentError if it cannot follow."""
    heading = _HEADING.match(line)
    if heading is None:
        return above
    level = len(heading.group(1))
    if level < 3 or level > above + 1:
        raise ContentError(
            f"A heading of level {level} cannot stand here",
            "The title is level 1 and the section's title level 2: begin with ### and leave no level out.",
            where,
        )
    return level


def read_line(text: str, origin: Origin) -> Prose:
    """A piece of text without paragraphs of its own."""
    html = _converter().reset().convert(" ".join(_with_whole_marks(text, origin).split()))
    line = html.removeprefix("<p>").removesuffix("</p>")
    if html != f"<p>{line}</p>":
        raise ContentError(
            f"“{text.strip()[:40]}” is read as a heading, a list or nothing at all, and a sentence is wanted here",
            "Write a sentence. For a sign that stands for itself, put a backslash before it: 1986\\. or \\#",
            origin,
        )
    return Prose(_with_languages(line, origin), origin)


def _with_languages(text: str, origin: Origin) -> str:
    """Phrases in another language, written `{en:off-label}`, as HTML that says so to a reader's voice."""
    marked = FOREIGN.sub(r'<span lang="\1">\2</span>', text)
    if found := _LOOSE.search(marked):
        raise ContentError(
            f"“{found[0]}” begins a phrase in another language that has no words, no end, or bold type in it",
            "Write {en:off-label}, with ** around the whole of it for bold type.",
            origin,
        )
    return marked


def _with_whole_marks(text: str, origin: Origin) -> str:
    """A text whose blanks and citations all have an end."""
    rest = _MARK.sub("", text)
    if found := next((sign for sign in ("((", "))", "[@") if sign in rest), None):
        raise ContentError(
            f"“{found}” stands alone here", "A blank is written ((clinic phone)), a citation [@claim].", origin
        )
    return text


@lru_cache(maxsize=1)
def _converter() -> markdown.Markdown:
    """Markdown to HTML. Raw HTML in a text is printed as text: nothing slips past the tags a PDF reader needs."""
    import markdown  # only where a text is converted: `list` does without

    converter = markdown.Markdown(extensions=["smarty", "sane_lists"], output_format="xhtml")
    converter.preprocessors.deregister("html_block")
    converter.inlinePatterns.deregister("html")
    # Links to elsewhere are printed as text; `[@claim]` and `![…]` are ours.
    for name in ("link", "image_link", "reference", "image_reference", "short_reference", "short_image_ref"):
        converter.inlinePatterns.deregister(name)
    for name in ("autolink", "automail"):
        converter.inlinePatterns.deregister(name)
    # Code needs a font that no handout brings. A line of === or --- below a line is not a heading: ### is.
    converter.inlinePatterns.deregister("backtick")
    for name in ("reference", "code", "setextheader"):
        converter.parser.blockprocessors.deregister(name)
    return converter
