"""The words of a brochure: front matter becomes six panels in story order.

Every panel stands alone: a person who opens the paper anywhere finds a heading and a whole thought. In a half fold two
panels share a page (`joined`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from handouts.content import PeopleFront, Plain, Slug, StepFront, Text
from handouts.errors import ContentError, HandoutError, Origin, RequestError, nearest, raise_all
from handouts.handout import Edition, Figure, Handout, PeopleGroup, Prose, Section, Step
from handouts.library import Library
from handouts.prose import read_line
from handouts.reading import Written, read_front_matter, validated

PANELS = 6
Kind = Literal["cover", "steps", "text", "back"]
Says = Literal["status", "benefit", "risk", "choice", "plain"]
Tone = Literal["plain", "box", "warning"]


@dataclass(frozen=True)
class Part:
    """A piece of a panel under a heading. `says` is what it tells a person who has to decide; `tone` how it looks."""

    heading: str
    text: Prose | None
    items: tuple[Prose, ...]
    says: Says
    tone: Tone
    people: tuple[PeopleGroup, ...] = ()

    @property
    def prose(self) -> tuple[Prose, ...]:
        return (*((self.text,) if self.text else ()), *self.items)


@dataclass(frozen=True)
class Panel:
    """One panel. A cover has a lead and a drawing; other panels may have a drawing at their foot."""

    slug: str
    kind: Kind
    title: str
    origin: Origin
    lead: Prose | None = None
    picture: str | None = None
    picture_alt: str = ""
    steps: tuple[Step, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def prose(self) -> tuple[Prose, ...]:
        """All its running text, in order."""
        found = [self.lead] if self.lead else []
        found += [step.text for step in self.steps]
        for part in self.parts:
            found += part.prose
        return tuple(found)

    @property
    def tells_benefits(self) -> bool:
        return any(part.says == "benefit" for part in self.parts)

    @property
    def people(self) -> tuple[PeopleGroup, ...]:
        return tuple(group for part in self.parts for group in part.people)


@dataclass(frozen=True)
class Brochure:
    """A brochure in one language: its panels in the order in which a person meets them."""

    slug: str
    title: str
    purpose: str
    edition: Edition
    panels: tuple[Panel, ...]
    origin: Origin

    def pages_of(self, panels: int) -> tuple[tuple[Panel, ...], ...]:
        """The panels on each panel of a fold: one each on six; on four, the second and third share one, and so on."""
        one, two, three, four, five, six = self.panels
        return ((one,), (two, three), (four, five), (six,)) if panels == 4 else tuple((one,) for one in self.panels)


class _Front(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PartFront(_Front):
    """A piece of a panel under a heading."""

    heading: Plain
    text: Text | None = None
    items: tuple[Text, ...] = ()
    people: Annotated[tuple[PeopleFront, ...], Field(description="Numbers as little people, below the text.")] = ()
    says: Annotated[Says, Field(description="What it tells a person who has to decide; the honesty check asks.")]
    tone: Annotated[Tone, Field(description="How it looks: plain, in a box, or as a warning.")] = "plain"

    @model_validator(mode="after")
    def _says_something(self) -> PartFront:
        if self.text is None and not self.items:
            raise ValueError("a part needs `text:` or `items:`")
        return self


class PanelFront(_Front):
    """One of the six panels."""

    slug: Slug
    kind: Annotated[Kind, Field(description="Which template prints it: templates/panels/KIND.html.")]
    title: Plain
    lead: Annotated[Text | None, Field(description="Below the title of a cover.")] = None
    picture: Annotated[Slug | None, Field(description="The drawing content/figures/NAME.svg, at its foot.")] = None
    picture_alt: Annotated[Plain | None, Field(description="What it shows, for someone who cannot see it.")] = None
    steps: tuple[StepFront, ...] = ()
    parts: tuple[PartFront, ...] = ()


class BrochureFront(_Front):
    """The front matter of `content/LANGUAGE/brochures/NAME.md`."""

    title: Plain
    code: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,6}$", description="Begins the edition code.")]
    purpose: Annotated[Plain, Field(description="What it is for, in one sentence.")]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+$", description="Such as “1.0”, in quotes.")]
    updated: Annotated[date, Field(description="The day the text was last changed, such as 2026-11-22.")]
    panels: Annotated[
        tuple[PanelFront, ...],
        Field(
            min_length=PANELS,
            max_length=PANELS,
            description="Cover, what the opened cover shows, the inside from left to right, the back.",
        ),
    ]


def brochure_names(library: Library, language: str) -> tuple[str, ...]:
    """The brochures there are in a language."""
    return library.names("content", f"{language}/brochures", ".md")


def load_brochure(library: Library, slug: str, language: str) -> Brochure:
    """Read a brochure. Raises RequestError if there is none of that name in that language, and ContentError, with file
    and line, for whatever a writer has to mend; all of it at once.
    """
    names = brochure_names(library, language)
    if slug not in names:
        raise RequestError(f"There is no brochure “{slug}” in the language “{language}”", nearest(slug, names))
    path = library.find("content", f"{language}/brochures/{slug}.md")
    assert path is not None
    written, text, first_line = read_front_matter(path, ContentError)
    front = validated(written, BrochureFront, ContentError)
    errors: list[HandoutError] = []
    if text.strip():
        errors.append(
            ContentError("A brochure has no text below its panels", "Put it into a panel.", Origin(path, first_line))
        )
    panels = tuple(_panel(panel, written, at, errors) for at, panel in enumerate(front.panels))
    for at, kind in ((0, "cover"), (PANELS - 1, "back")):
        if panels[at].kind != kind:
            errors.append(
                ContentError(
                    f"Panel {at + 1} is a “{panels[at].kind}”, and has to be the {kind}",
                    f"Write kind: {kind}.",
                    panels[at].origin,
                )
            )
    raise_all(errors)
    edition = Edition(front.code, language, front.version, front.updated)
    return Brochure(slug, front.title, front.purpose, edition, panels, Origin(path))


def as_handout(brochure: Brochure) -> Handout:
    """The same words as a handout with a section for each panel: what reads handouts reads brochures too."""
    cover = brochure.panels[0]
    assert cover.lead is not None and cover.picture is not None
    return Handout(
        slug=brochure.slug,
        title=brochure.title,
        purpose=brochure.purpose,
        main_message=cover.lead,
        welcome=(),
        picture=Figure("figure", cover.picture, cover.picture_alt, Prose("", cover.origin), cover.origin),
        edition=brochure.edition,
        concerns=(),
        sections=tuple(_section(panel) for panel in brochure.panels[1:]),
        summary=(),
        origin=brochure.origin,
    )


def _section(panel: Panel) -> Section:
    body: list[Prose | Figure] = []
    for part in panel.parts:
        where = part.prose[0].origin
        body.append(Prose(f"<h3>{escape(part.heading)}</h3>", where))
        if part.text:
            body.append(Prose(f"<p>{part.text.html}</p>", where))
        body += [Prose(f"<p>{group.count} / {group.of}: {escape(group.label)}</p>", where) for group in part.people]
        if part.items:
            body.append(Prose(f"<ul>{''.join(f'<li>{item.html}</li>' for item in part.items)}</ul>", where))
    return Section(panel.slug, panel.title, "text", "", panel.origin, body=tuple(body), steps=panel.steps)


def _panel(front: PanelFront, written: Written, at: int, errors: list[HandoutError]) -> Panel:
    where = written.origin("panels", at)
    wanted = {
        "cover": ("lead", "picture"),
        "steps": ("steps",),
        "text": ("parts",),
        "back": ("parts",),
    }[front.kind]
    if front.picture and not front.picture_alt:
        errors.append(
            ContentError(f"The picture of the panel “{front.slug}” has no `picture_alt:`", "Say what it shows.", where)
        )
    errors.extend(
        ContentError(
            f"{group.count} of {group.of} is more than all of them",
            "Mend the numbers.",
            written.origin("panels", at, "parts", number, "people"),
        )
        for number, part in enumerate(front.parts)
        for group in part.people
        if group.count > group.of
    )
    errors.extend(
        ContentError(f"The panel “{front.slug}” has no `{key}:`", "Add it.", where)
        for key in wanted
        if not getattr(front, key)
    )
    return Panel(
        slug=front.slug,
        kind=front.kind,
        title=front.title,
        origin=where,
        lead=read_line(front.lead, written.origin("panels", at, "lead")) if front.lead else None,
        picture=front.picture,
        picture_alt=front.picture_alt or "",
        steps=tuple(
            Step(step.title, read_line(step.text, written.origin("panels", at, "steps", number)))
            for number, step in enumerate(front.steps)
        ),
        parts=tuple(
            Part(
                part.heading,
                read_line(part.text, written.origin("panels", at, "parts", number)) if part.text else None,
                tuple(read_line(item, written.origin("panels", at, "parts", number)) for item in part.items),
                part.says,
                part.tone,
                tuple(PeopleGroup(group.count, group.of, group.label) for group in part.people),
            )
            for number, part in enumerate(front.parts)
        ),
    )
