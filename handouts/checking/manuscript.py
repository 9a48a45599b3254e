"""The words of one paper as a reader meets them: passages with their role, their sentences, and their lines.

A manuscript is made from the text, not from laid-out pages, so that reading a whole library takes a second or two.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from handouts.clinic import SETTINGS
from handouts.errors import ClinicError, Origin
from handouts.formats import Format
from handouts.handout import Figure, Handout, Prose, Section
from handouts.house import House
from handouts.prose import CITATION, citations
from handouts.protocol import BLANKS, rule_in_words
from handouts.scribe import BLANK

Role = Literal[
    "title", "heading", "main message", "key point", "paragraph", "list item", "caption", "alternative text",
    "known", "still learning", "word", "step", "to tick", "short list", "safety text", "label", "page furniture",
]  # fmt: skip
# What is read as running text. Titles, labels and the like have no sentences to measure.
_RUNNING: frozenset[Role] = frozenset((
    "main message", "key point", "paragraph", "list item", "caption", "known", "still learning", "word", "step",
    "to tick", "short list", "safety text",
))  # fmt: skip
# A list item ends where a list inside it begins.
_BLOCK = re.compile(r"<(p|li|h[1-6])>(.*?)(?=</\1>|<[uo]l>)", re.DOTALL)
_FILLED_IN = re.compile(r'<span class="filled"[^>]*>[^<]*</span>')
_ABOVE_FLOOR = re.compile(r'<span class="filled" data-floor="([^"]*)">[^<]*</span>')
_ALONE = re.compile(r"\s*(?:#|[*•-]\s|\d+[.)]\s)")  # a headline or a line of a list
_TAG = re.compile(r"<[^>]+>")
_SENTENCE = re.compile(r".+?(?:[.!?]+[\"'”’)]*(?:\s?\[[^\]]*\])*(?=\s|$)|$)", re.DOTALL)
_ABBREVIATION = re.compile(r"\bEE\.\s?UU\.|\bU\.\s?S\.|\b(?:Dr|Dra|Mr|Ms|Sr|Sra)\.")
_NO_END = "\N{ONE DOT LEADER}"  # stands for a point that ends no sentence
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True)
class Passage:
    """A stretch of text that is read in one go. `html` holds its citations `[@…]` and blanks `((…))`."""

    role: Role
    html: str
    origin: Origin
    section: str | None = None
    backed: tuple[str, ...] = ()

    @cached_property
    def cites(self) -> tuple[str, ...]:
        """The ids that stand behind it: those it cites, and the safety text that it prints."""
        return (*citations(self.html), *self.backed)

    @cached_property
    def cited_text(self) -> str:
        """The words with `[cited]` for each citation, quotes and dashes straightened: what the ledger's patterns read.

        The ids themselves are left out: one that is called “rapid-and-robust” would be taken for a promise.
        """
        marked = _with_citations_marked(self.html)
        return straight(_plain(f"{marked}[cited]" if self.backed else marked))

    @cached_property
    def writers_text(self) -> str:
        """The same without what the clinic's settings put into blanks: nobody can cite for a clinic's own rules."""
        return straight(_plain(_FILLED_IN.sub("…", _with_citations_marked(self.html))))

    @property
    def text_html(self) -> str:
        """Its HTML without citations."""
        return CITATION.sub("", self.html)

    @cached_property
    def text(self) -> str:
        """The words alone."""
        return _plain(self.text_html)

    def text_from(self, at: int) -> str:
        """The words alone, from a place in its HTML on."""
        return _plain(CITATION.sub("", self.html[at:]))

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """Its sentences, without citations."""
        return sentences(self.text)

    @property
    def is_the_ledgers(self) -> bool:
        """Whether it is a safety text in the ledger's own words."""
        return self.role == "safety text" and self.origin.path.suffix == ".yaml"

    @property
    def is_running(self) -> bool:
        return self.role in _RUNNING

    def place(self, words: str = "") -> Origin:
        """Where these words stand: the file and the line on which the first of them is found."""
        return find_line(self.origin, words or self.text)


@dataclass(frozen=True)
class Manuscript:
    """The words of a handout in one format, in the order of reading."""

    handout: Handout
    form: Format
    passages: tuple[Passage, ...]

    @property
    def name(self) -> str:
        return f"{self.handout.slug} ({self.form.name})"

    @property
    def language(self) -> str:
        return self.handout.edition.language

    @cached_property
    def running(self) -> tuple[Passage, ...]:
        """The passages that are running text."""
        return tuple(passage for passage in self.passages if passage.is_running)

    @cached_property
    def whole(self) -> str:
        """All words in a row, for rules about a whole document.

        Where a clinic has a stricter rule than the ledger, the ledger’s stands here: “4 hours” says “2 hours” too.
        """
        return straight(" ".join(_plain(_ABOVE_FLOOR.sub(r"\1", passage.text_html)) for passage in self.passages))

    @cached_property
    def taught(self) -> frozenset[str]:
        """The words that the handout teaches under “Words to know”."""
        return frozenset(word for section in self.handout.sections for word in section.words)


def manuscript(handout: Handout, form: Format, house: House) -> Manuscript:
    """The words of a handout in a format: what the full handout or its summary prints."""
    reader = _Reader(handout, house)
    pieces = reader.summary() if form.pages else reader.full()
    return Manuscript(handout, form, tuple(piece for piece in pieces if piece.text))


def loose_passages(path: Path) -> tuple[Passage, ...]:
    """The paragraphs of a text file as they stand: for a file that cannot be read as a handout or a block."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return ()
    found: list[Passage] = []
    begins, paragraph, in_front, ended = 1, list[str](), False, False
    for number, line in enumerate([*lines, ""], start=1):
        in_front = in_front != (line.startswith("---") and (number == 1 or in_front))
        alone = bool(_ALONE.match(line)) or in_front
        if paragraph and (alone or ended or not line.strip() or line.startswith("---")):
            found.append(Passage("paragraph", html.escape(" ".join(paragraph)), Origin(path, begins)))
            paragraph = []
        if line.strip() and not line.startswith("---"):
            begins = begins if paragraph else number
            paragraph.append(line.strip().lstrip("#>*-• "))
        ended = line.lstrip().startswith("#")
    return tuple(found)


def sentences(text: str) -> tuple[str, ...]:
    """A text cut after each full stop, question mark or exclamation mark, with the citations that follow it."""
    whole = _ABBREVIATION.sub(lambda found: found[0].replace(".", _NO_END), text)
    found = (sentence[0].strip().replace(_NO_END, ".") for sentence in _SENTENCE.finditer(whole))
    return tuple(sentence for sentence in found if sentence)


def straight(text: str) -> str:
    """A text with straight quotes and plain dashes."""
    return text.translate(_STRAIGHT)


_ROUND = str.maketrans("[]", "()")
_STRAIGHT = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "\xa0": " "})


def find_line(origin: Origin, words: str) -> Origin:
    """The line of a file, from `origin` on, on which these words begin; `origin` itself if they are not found."""
    wanted = [word.lower() for word in _WORD.findall(straight(words))]
    # The words that fill a blank are not in the file: any few words of the sentence are then enough.
    fewer = [wanted[at : at + 3] for at in range(len(wanted) - 2)]
    for some in (wanted[:7], *fewer, wanted[:2]):
        found = _line_of(origin, some)
        if found is not None:
            return found
    return origin


def _line_of(origin: Origin, wanted: list[str]) -> Origin | None:
    if not wanted:
        return None
    tokens = _tokens(origin.path, _changed(origin.path))
    first = next((at for at, (_, line) in enumerate(tokens) if line >= (origin.line or 1)), 0)
    spoken = [token for token, _ in tokens]
    for at in range(first, len(spoken) - len(wanted) + 1):
        if spoken[at] == wanted[0] and spoken[at : at + len(wanted)] == wanted:
            return Origin(origin.path, tokens[at][1])
    return None


def _changed(path: Path) -> tuple[int, int]:
    """When a file was changed last, and its size: it may be mended while we run."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=256)
def _tokens(path: Path, changed: tuple[int, int]) -> list[tuple[str, int]]:
    """Every word of a file with its line. Citations are no words."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return []
    return [
        (word.lower(), number)
        for number, line in enumerate(lines, start=1)
        for word in _WORD.findall(straight(CITATION.sub(" ", line)))
    ]


def _with_citations_marked(text: str) -> str:
    """`[cited]` for each citation; other brackets, such as a pasted footnote [1], become round ones."""
    pieces = (piece.translate(_ROUND) for piece in CITATION.split(text)[::2])
    return "[cited]".join(pieces)


def _plain(marked: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", marked)).split())


class _Reader:
    """Reads a handout aloud, as the templates print it."""

    def __init__(self, handout: Handout, house: House) -> None:
        self._handout = handout
        self._house = house
        self._clinic = house.clinic
        self._ledger = house.ledger
        self._furniture = house.furniture
        self._floors = {
            floor.key: self._furniture.duration(floor.at_least) for floor in house.ledger.floors if floor.at_least
        }

    def full(self) -> Iterator[Passage]:
        handout = self._handout
        yield Passage("title", handout.title, handout.origin)
        yield self._one("main message", handout.main_message)
        yield from self._parts(handout.welcome, None)
        yield from self._figure(handout.picture, None)
        for section in handout.sections:
            yield from self._section(section)
        helps = any(section.kind == "help" for section in handout.sections)
        hours = (place.hours for place in self._clinic.locations)
        yield from self._page((self._clinic.names.crisis or "", *hours) if helps else ())

    def summary(self) -> Iterator[Passage]:
        handout = self._handout
        yield Passage("title", handout.title, handout.origin)
        yield self._one("main message", handout.main_message)
        ways = [section for section in handout.summary_sections if not section.people and section.kind != "safety"]
        alone = len(ways) == 1 and bool(ways[0].know)
        if len(ways) <= 3 or not any(section.people for section in handout.summary_sections):
            yield from self._figure(handout.picture, None)
        for section in handout.summary_sections:
            yield Passage("title", section.title, section.origin, section.slug)
            if alone and section in ways:
                yield from self._sureness(section)
            elif section.kind != "safety" and section.key_point:
                yield self._one("key point", section.key_point, section.slug)
            people = [figure for figure in section.figures if figure.kind == "people"]
            for figure in people[:1]:
                yield from self._figure(figure, section)
            if not section.people and not (alone and section in ways):
                yield from (self._one("short list", line, section.slug) for line in section.short)
        yield from self._page((self._clinic.main.hours,))

    def _section(self, section: Section) -> Iterator[Passage]:
        slug = section.slug
        yield Passage("title", section.title, section.origin, slug)
        if section.key_point:
            yield self._one("key point", section.key_point, slug)
        yield from self._parts(section.body, section)
        for choice in section.choices:
            yield Passage("heading", choice.title, section.origin, slug)
            yield self._one("paragraph", choice.text, slug)
        for step in section.steps:
            yield Passage("label", step.title, step.text.origin, slug)
            yield self._one("step", step.text, slug)
        yield from (self._one("to tick", line, slug) for line in section.checklist)
        yield from (Passage("label", label, section.origin, slug) for label in section.fields)
        for word, meaning in section.words.items():
            yield Passage("word", f"{html.escape(word)}: {self._filled(meaning.html)}", meaning.origin, slug)
        yield from self._sureness(section)
        if section.kind == "safety":
            yield from (self._one("short list", line, slug) for line in section.short)
        for group in section.groups:
            yield Passage("heading", group.title, section.origin, slug)
            yield from (self._safety(section, item) for item in group.items if item in self._ledger.safety)
        if section.safety_title:
            yield Passage("heading", section.safety_title, section.origin, slug)
        yield from (self._safety(section, item) for item in section.safety_items if item in self._ledger.safety)

    def _sureness(self, section: Section) -> Iterator[Passage]:
        yield from (self._one("known", line, section.slug) for line in section.know)
        yield from (self._one("still learning", line, section.slug) for line in section.learning)

    def _safety(self, section: Section, item: str) -> Passage:
        own = section.texts.get(item)
        if own is not None:
            return Passage("safety text", self._filled(own.html), own.origin, section.slug, (item,))
        text = self._ledger.safety[item].text
        ledger = self._clinic.library.find("content", "ledger/safety.yaml")
        return Passage("safety text", html.escape(text), Origin(ledger or Path()), section.slug, (item,))

    def _parts(self, parts: tuple[Prose | Figure, ...], section: Section | None) -> Iterator[Passage]:
        for part in parts:
            if isinstance(part, Figure):
                yield from self._figure(part, section)
                continue
            for kind, inner in _BLOCK.findall(part.html):
                role: Role = "paragraph" if kind == "p" else "list item" if kind == "li" else "heading"
                yield Passage(role, self._filled(inner), part.origin, section.slug if section else None)

    def _figure(self, figure: Figure, section: Section | None) -> Iterator[Passage]:
        slug = section.slug if section else None
        yield Passage("alternative text", html.escape(figure.alternative), figure.origin, slug)
        yield self._one("caption", figure.caption, slug)
        if section is None:
            return
        backed = tuple(citations(figure.caption.html))
        for group in section.people.get(figure.name, ()):
            said = self._furniture.people.format(count=group.count, of=group.of)
            yield Passage("label", html.escape(f"{said} {group.label}"), section.origin, slug, backed)

    def _page(self, lines: tuple[str, ...]) -> Iterator[Passage]:
        """The words of the page itself, and the clinic's own lines."""
        furniture, names = self._furniture, self._clinic.names
        path = self._clinic.library.find("content", f"{self._handout.edition.language}/furniture.yaml")
        where = Origin(path or Path())
        updated = furniture.updated.format(date=furniture.month(self._handout.edition.updated))
        backed = {furniture.call_us: ("call-clinic",), furniture.not_a_substitute: ("not-a-substitute",)}
        for words in (updated, furniture.sources, furniture.call_us, furniture.not_a_substitute):
            yield Passage("page furniture", html.escape(words), where, None, backed.get(words, ()))
        for words in (names.name, names.legal or "", *lines):
            yield Passage("page furniture", html.escape(words), Origin(self._clinic.library.clinic / SETTINGS))

    def _one(self, role: Role, prose: Prose, section: str | None = None) -> Passage:
        return Passage(role, self._filled(prose.html), prose.origin, section)

    def _filled(self, text: str) -> str:
        """A text with its blanks filled in. One that nothing fills shows as “…”: to compose the paper tells why."""

        def filled(found: re.Match[str]) -> str:
            name = " ".join(found[1].split()).lower()
            floor = self._floors.get(BLANKS.get(name, ""))
            least = f' data-floor="{html.escape(floor)}"' if floor else ""
            return f'<span class="filled"{least}>{html.escape(self._blank(name))}</span>'

        return BLANK.sub(filled, text)

    def _blank(self, name: str) -> str:
        if name in BLANKS:
            try:
                return rule_in_words(self._clinic, self._furniture, name, self._house.today)
            except ClinicError:
                return "…"
        return self._clinic.blanks.get(name) or "…"
