"""The nouns that every stage shares: a handout, its sections, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from typing import ClassVar, Literal, get_args

from handouts.errors import Origin
from handouts.patient import Route

# Which full handouts have to carry a safety text of the ledger.
Must = Literal["always", "ketamine", "esketamine", "compounded", "take-home"]
Condition = Literal["depression", "ptsd", "pain", "anxiety", "alcohol"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
WhichVisit = Literal["first", "later"]


@dataclass(frozen=True)
class ForWhom:
    """For whom a section or a choice is. What is empty asks nothing; `topic` is a word that a patient may leave out."""

    routes: tuple[Route, ...] = ()
    conditions: tuple[Condition, ...] = ()
    medicines: tuple[str, ...] = ()
    visits: tuple[WhichVisit, ...] = ()
    topic: str | None = None


@dataclass(frozen=True)
class Prose:
    """A piece of text as HTML, with its citations `[@…]` and blanks `((…))` still to be filled in."""

    html: str
    origin: Origin
    is_picture: ClassVar[bool] = False


@dataclass(frozen=True)
class Figure:
    """A picture in the text: a drawing (`figure`) or little people (`people`), with caption and alternative text."""

    kind: str
    name: str
    alternative: str
    caption: Prose
    origin: Origin
    is_picture: ClassVar[bool] = True


@dataclass(frozen=True)
class PeopleGroup:
    """A group of little people: so many of so many, and what happened to them."""

    count: int
    of: int
    label: str


@dataclass(frozen=True)
class Step:
    """One step of a treatment day."""

    title: str
    text: Prose


@dataclass(frozen=True)
class Choice:
    """One of several things that stand side by side, such as the ways to take a medicine."""

    title: str
    icon: str
    text: Prose
    for_whom: ForWhom | None = None


@dataclass(frozen=True)
class SafetyGroup:
    """Safety texts that belong together, as ids of the ledger."""

    title: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A building block as it stands in a handout. `kind` names the template that prints it.

    Without `for_whom` it is for everybody.
    """

    slug: str
    title: str
    kind: str
    icon: str
    origin: Origin
    key_point: Prose | None = None
    know: tuple[Prose, ...] = ()
    learning: tuple[Prose, ...] = ()
    words: Mapping[str, Prose] = field(default_factory=dict)
    body: tuple[Prose | Figure, ...] = ()
    people: Mapping[str, tuple[PeopleGroup, ...]] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    steps: tuple[Step, ...] = ()
    checklist: tuple[Prose, ...] = ()
    fields: tuple[str, ...] = ()
    short: tuple[Prose, ...] = ()
    groups: tuple[SafetyGroup, ...] = ()
    safety_items: tuple[str, ...] = ()
    safety_title: str | None = None
    texts: Mapping[str, Prose] = field(default_factory=dict)
    for_whom: ForWhom | None = None

    @property
    def figures(self) -> tuple[Figure, ...]:
        return tuple(part for part in self.body if isinstance(part, Figure))

    @property
    def carried(self) -> frozenset[str]:
        """The ids of all safety texts of the ledger that this section prints."""
        return frozenset(self.safety_items).union(*(group.items for group in self.groups))

    @property
    def always_stays(self) -> bool:
        """Whether nobody's paper goes without it: what is dangerous, whom to call, and safety texts of the ledger."""
        return self.kind in ("safety", "help") or bool(self.carried)


@dataclass(frozen=True)
class Edition:
    """Which text this is: its code, language, version, and the day it was last changed."""

    code: str
    language: str
    version: str
    updated: date

    def code_for(self, format_code: str) -> str:
        """The edition code in the footer, such as `HKW-F-en 1.0`."""
        return f"{self.code}-{format_code}-{self.language} {self.version}"


@dataclass(frozen=True)
class Signature:
    """A clinician's name under a text: who, when, in which language, until when, and under exactly which words."""

    by: str
    on: date
    next_review: date
    language: str
    text_sha256: str
    translator: str | None = None
    qualification: str | None = None


@dataclass(frozen=True)
class Review:
    """What became of the review of a text.

    draft: nobody has signed it. changed: somebody has, and it was edited since. signed: somebody signed exactly
    this. overdue: likewise, and the day of the next review has passed.
    """

    state: Literal["draft", "changed", "signed", "overdue"]
    signature: Signature | None = None


@dataclass(frozen=True)
class Handout:
    """A handout as it is written: its title, its main message, and its sections in order."""

    slug: str
    title: str
    purpose: str
    main_message: Prose
    welcome: tuple[Prose | Figure, ...]
    picture: Figure
    edition: Edition
    concerns: tuple[Must, ...]
    sections: tuple[Section, ...]
    summary: tuple[str, ...]
    origin: Origin

    @property
    def summary_sections(self) -> tuple[Section, ...]:
        """The sections that the one-page summary takes its key points from."""
        by_slug = {section.slug: section for section in self.sections}
        return tuple(by_slug[slug] for slug in self.summary)


def said(value: object) -> Iterator[str]:
    """Every text in a noun, in order, and what it is: a line that moves from “still learning” to “what we know” is
    another text. Where it was written, which icon stands beside it and for whom it is are not text.
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, held in value.items():
            yield str(name)
            yield from said(held)
    elif isinstance(value, tuple):
        for held in value:
            yield from said(held)
    elif isinstance(value, int):
        yield str(value)
    elif is_dataclass(value) and not isinstance(value, Origin | Edition | ForWhom):
        for part in fields(value):
            if part.name == "icon" or (isinstance(value, Section) and part.name == "slug"):
                continue
            held = list(said(getattr(value, part.name)))
            # An empty field stays silent, or a new version with a new field would take back every signature.
            yield from (part.name, *held) if held else ()
