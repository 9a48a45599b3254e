"""Two languages side by side: the same handout twice, part beside part.

A translation has the parts of its English, in the same order. Where one has a paragraph more than the other, a reader
would look across at another sentence: the texts are then not set side by side, and `handouts check` says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import pairwise

from handouts.errors import ContentError, HandoutError, Origin, raise_all
from handouts.handout import Figure, Handout, PeopleGroup, Prose, Section
from handouts.library import SOURCE_LANGUAGE
from handouts.prose import citations

Pairs = tuple[tuple[Prose | Figure, Prose | Figure], ...]
GOES_ON = "goes-on"  # the class of a list that continues the one before it: finishing makes one list of them
_TAG = re.compile(r"<(p|h[1-6]|ul|ol|blockquote)\b")
_START = re.compile(r'<ol[^>]*\bstart="(\d+)"')
_LIST = re.compile(r"<[uo]l\b")
_VOID = frozenset({"br", "hr", "img"})


@dataclass(frozen=True)
class PairedSection:
    """A section in both languages. `body` are its paragraphs and pictures, each beside its counterpart."""

    left: Section
    right: Section
    body: Pairs

    def rows(self, part: str) -> list[tuple[object, object]]:
        """A part that has several lines, such as `know`, line beside line."""
        left, right = getattr(self.left, part), getattr(self.right, part)
        if isinstance(left, dict):
            left, right = left.items(), right.items()
        return list(zip(left, right, strict=True))

    def people(self, figure: Figure) -> list[tuple[PeopleGroup, PeopleGroup]]:
        """The groups of a picture of little people."""
        return list(zip(self.left.people[figure.name], self.right.people[figure.name], strict=True))


@dataclass(frozen=True)
class PairedHandout:
    """A handout in two languages, part beside part."""

    left: Handout
    right: Handout
    welcome: Pairs
    sections: tuple[PairedSection, ...]

    @property
    def summary_sections(self) -> tuple[PairedSection, ...]:
        """The sections that the summary takes its key points from."""
        by_slug = {section.left.slug: section for section in self.sections}
        return tuple(by_slug[slug] for slug in self.left.summary)


def paired(left: Handout, right: Handout) -> PairedHandout:
    """The two, part beside part. Raises ContentError for each place where they have not the same parts."""
    # What is wrong is told of the translation, whichever side it is on.
    swapped = right.edition.language == SOURCE_LANGUAGE != left.edition.language
    raise_all(list(differences(right, left) if swapped else differences(left, right)))
    return PairedHandout(
        left,
        right,
        tuple(zip(_cut(left.welcome), _cut(right.welcome), strict=True)),
        tuple(
            PairedSection(one, other, tuple(zip(_cut(one.body), _cut(other.body), strict=True)))
            for one, other in zip(left.sections, right.sections, strict=True)
        ),
    )


def differences(left: Handout, right: Handout) -> Iterator[HandoutError]:
    """Each place where one has a part that the other has not; told of the second, which is the translation."""
    yield from _in_step("pictures beside the title", [left.picture], [right.picture], right.origin)
    yield from _in_step("main messages", [left.main_message], [right.main_message], right.origin)
    yield from _in_step("paragraphs of the opening words", _cut(left.welcome), _cut(right.welcome), right.origin)
    slugs = [section.slug for section in left.sections]
    if slugs != [section.slug for section in right.sections] or left.summary != right.summary:
        remedy = "Name the same sections in the same order, under `sections:` and `summary:`."
        yield ContentError("It has not the same sections as the other language", remedy, right.origin)
        return
    for one, other in zip(left.sections, right.sections, strict=True):
        yield from _different_parts(one, other)


def _different_parts(left: Section, right: Section) -> Iterator[HandoutError]:
    where = right.origin
    if left.kind != right.kind:
        yield ContentError(f"Its kind is {right.kind}, in the other language {left.kind}", "Make them alike.", where)
    for part in ("key_point", "safety_title"):
        one, other = ([found] if (found := getattr(section, part)) else [] for section in (left, right))
        yield from _in_step(f"lines under `{part}:`", one, other, where)
    yield from _in_step("paragraphs and pictures below its front matter", _cut(left.body), _cut(right.body), where)
    lines = ("know", "learning", "choices", "steps", "checklist", "fields", "short", "words")
    for part in lines:
        yield from _in_step(f"lines of `{part}:`", _lines(left, part), _lines(right, part), where)
    for part in ("groups", "safety_items"):
        named = [[getattr(row, "items", row) for row in getattr(section, part)] for section in (left, right)]
        if named[0] != named[1]:
            yield ContentError(f"`{part}:` does not name the same safety texts", "Take them over.", where)
    for name, groups in left.people.items():
        numbers = [(group.count, group.of) for group in groups]
        if numbers != [(group.count, group.of) for group in right.people.get(name, ())]:
            yield ContentError(f"`people: {name}:` has not the same numbers", "Take them over.", where)


def _in_step(what: str, left: Sequence[object], right: Sequence[object], where: Origin) -> Iterator[HandoutError]:
    """Whether there are as many on both sides, and each is of the same kind and cites the same as its counterpart."""
    if len(left) != len(right):
        yield ContentError(
            f"It has {len(right)} {what}, and the other language {len(left)}",
            "Give it the same parts in the same order.",
            where,
        )
        return
    for number, (one, other) in enumerate(zip(map(_sign, left), map(_sign, right), strict=True), start=1):
        if one != other:
            yield ContentError(
                f"Number {number} of its {what} is “{other}”, in the other language “{one}”",
                "Bring them into the same order, with the same citations.",
                where,
            )
            return


def _lines(section: Section, part: str) -> list[object]:
    lines = getattr(section, part)
    return list(lines.values() if isinstance(lines, dict) else lines)


def _sign(part: object) -> str:
    """What a part is and what it cites, such as `p @claim` or `figure:synapse`: alike where two say the same."""
    if isinstance(part, Figure):
        return f"{part.kind}:{part.name}"
    text = getattr(part, "text", part)
    if not isinstance(text, Prose):
        return "line"
    tag = _TAG.match(text.html)
    return " ".join([tag[1] if tag else "line", *(f"@{name}" for name in sorted(set(citations(text.html))))])


def _cut(parts: tuple[Prose | Figure, ...]) -> list[Prose | Figure]:
    """Texts cut into their paragraphs, headings and the lines of their lists; pictures as they are."""
    found: list[Prose | Figure] = []
    for part in parts:
        if isinstance(part, Figure):
            found.append(part)
            continue
        for piece in _Cut(part.html).pieces:
            found += [Prose(html, part.origin) for html in (_lines_of_list(piece) if _LIST.match(piece) else [piece])]
    return found


def _lines_of_list(html: str) -> Iterator[str]:
    """A list as lists of one line each, which count on."""
    tag, begins = html[1:3], _START.match(html)
    first = int(begins[1]) if begins else 1
    for number, line in enumerate(_Cut(html[html.index(">") + 1 : html.rindex("<")]).pieces, start=first):
        # WeasyPrint does not count from `start`: the style does.
        counted = f' start="{number}" style="counter-reset: list-item {number - 1}"' if tag == "ol" else ""
        goes_on = f' class="{GOES_ON}"' if number > first else ""
        yield f"<{tag}{goes_on}{counted}>{line}</{tag}>"


class _Cut(HTMLParser):
    """Cuts HTML between its outermost elements."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self._html = html
        self._lines = [0]
        for line in html.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._depth = 0
        self._ends = [0]
        self.feed(html)
        self.close()
        ends = [*self._ends, len(html)]
        cut = [html[start:end].strip() for start, end in pairwise(ends)]
        self.pieces = [piece for piece in cut if piece]

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in _VOID:
            self._depth += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        self._depth -= 1
        if self._depth == 0:
            line, column = self.getpos()
            at = self._lines[line - 1] + column
            self._ends.append(self._html.index(">", at) + 1)
