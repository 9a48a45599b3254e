"""Handouts and building blocks: front matter and text become handouts with their sections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from handouts.errors import ContentError, HandoutError, Origin, RequestError, nearest, raise_all
from handouts.handout import (
    Choice,
    Condition,
    Edition,
    Figure,
    ForWhom,
    Handout,
    Must,
    PeopleGroup,
    Prose,
    SafetyGroup,
    Section,
    Step,
    WhichVisit,
)
from handouts.library import Library
from handouts.medicines import class_names
from handouts.patient import Route
from handouts.prose import FOREIGN, read_body, read_line
from handouts.reading import Written, read_front_matter, validated

_SAFETY = "safety"  # the one kind that gives a summary its short list instead of a key point

Text = Annotated[str, Field(min_length=1)]
Plain = Annotated[str, Field(min_length=1), AfterValidator(lambda text: _without_marks(text))]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


def _without_marks(text: str) -> str:
    """A text that is printed as it stands. Raises ValueError for a blank or a citation, which nothing would fill."""
    if not text.strip():
        raise ValueError("there are no words in it")
    if FOREIGN.search(text):
        raise ValueError("a phrase in another language {en:…} cannot stand here, for it is printed as it is")
    if "((" in text or "[@" in text:
        raise ValueError("a blank ((…)) or a citation [@…] cannot stand here, for it is printed as it is")
    return text


class _Front(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PeopleFront(_Front):
    """One group of little people in a picture: `count` of `of` are filled."""

    count: Annotated[int, Field(ge=0)]
    of: Annotated[int, Field(ge=1, le=100)]
    label: Annotated[Plain, Field(description="What happened to them; stands below the picture.")]


class StepFront(_Front):
    """One step of a treatment day."""

    title: Plain
    text: Text


class ForFront(_Front):
    """For whom a section or a choice is. A key that is not there asks nothing."""

    routes: Annotated[tuple[Route, ...] | None, Field(min_length=1, description="Ways to take the medicine.")] = None
    conditions: Annotated[
        tuple[Condition, ...] | None,
        Field(min_length=1, description="What the patient is treated for."),
    ] = None
    medicines: Annotated[
        tuple[Slug, ...] | None,
        Field(min_length=1, description="Classes of content/medicines.yaml that the patient takes one of."),
    ] = None
    visits: Annotated[
        tuple[WhichVisit, ...] | None, Field(min_length=1, description="The first visit, or a later one.")
    ] = None
    topic: Annotated[
        Slug | None, Field(description="What it is about, for patients who want to leave that out: spiritual.")
    ] = None

    @property
    def noun(self) -> ForWhom:
        return ForWhom(
            self.routes or (), self.conditions or (), self.medicines or (), self.visits or (), topic=self.topic
        )


class ChoiceFront(_Front):
    """One of several things that stand side by side."""

    title: Plain
    icon: Annotated[Slug, Field(description="The drawing content/figures/icon-NAME.svg.")]
    text: Text
    for_: Annotated[
        ForFront | None, Field(alias="for", description="For whom it is. Without this key, for everybody.")
    ] = None


class GroupFront(_Front):
    """Safety texts of the ledger under one heading."""

    title: Plain
    items: Annotated[tuple[str, ...], Field(min_length=1, description="Ids of ledger/safety.yaml.")]


class BlockFront(_Front):
    """The front matter of `content/LANGUAGE/blocks/NAME.md`."""

    title: Annotated[Plain, Field(description="The section's heading.")]
    kind: Annotated[
        Literal["mechanism", "text", "day", "safety", "help", "notes", "card", "diary", "glossary"],
        Field(description="Which template prints it: templates/sections/KIND.html."),
    ]
    icon: Annotated[Slug, Field(description="The drawing content/figures/icon-NAME.svg.")]
    for_: Annotated[
        ForFront | None, Field(alias="for", description="For whom it is. Without this key, for everybody.")
    ] = None
    key_point: Annotated[
        Text | None, Field(description="One to three short sentences: the head of the section, and its summary.")
    ] = None
    know: Annotated[tuple[Text, ...], Field(description="“What we know”. Each line cites the ledger: [@claim].")] = ()
    learning: Annotated[tuple[Text, ...], Field(description="“What we are still learning”. Each line cites.")] = ()
    words: Annotated[Mapping[str, Text], Field(description="“Words to know”: a word and what it means.")] = {}
    people: Annotated[
        Mapping[str, tuple[PeopleFront, ...]], Field(description="The numbers of each picture people:NAME.")
    ] = {}
    choices: Annotated[
        tuple[ChoiceFront, ...], Field(description="Things to compare, side by side, for the kinds text and day.")
    ] = ()
    steps: Annotated[
        tuple[StepFront, ...], Field(description="What to do, in order, for the kinds day, text and notes.")
    ] = ()
    checklist: Annotated[
        tuple[Text, ...], Field(description="Lines with a box to tick, for the kinds day, text and diary.")
    ] = ()
    fields: Annotated[
        tuple[Plain, ...], Field(description="Each with a ruled line to write on, for the kinds card and diary.")
    ] = ()
    words_from: Annotated[
        tuple[Slug, ...], Field(description="Blocks whose words are listed too, for the kind glossary.")
    ] = ()
    short: Annotated[
        tuple[Text, ...],
        Field(description="A short list for the summary. That of the kind safety stands on every summary."),
    ] = ()
    groups: Annotated[
        tuple[GroupFront, ...], Field(description="Safety texts under headings, for the kinds safety and text.")
    ] = ()
    safety_items: Annotated[tuple[str, ...], Field(description="Ids of safety texts, for the kind text.")] = ()
    safety_title: Annotated[Plain | None, Field(description="A heading above them.")] = None
    texts: Annotated[
        Mapping[str, Text], Field(description="Own wording for a safety text of the ledger, by its id.")
    ] = {}


class HandoutFront(_Front):
    """The front matter of `content/LANGUAGE/handouts/NAME.md`."""

    title: Plain
    code: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,6}$", description="Begins the edition code in the footer.")]
    order: Annotated[int, Field(description="Place in `handouts list`, lowest first.")] = 100
    purpose: Annotated[Plain, Field(description="What it is for, in one sentence. Shown in `handouts list`.")]
    main_message: Annotated[Text, Field(description="One to three short sentences: the first thing on the page.")]
    picture: Annotated[Slug, Field(description="The drawing beside the title: content/figures/NAME.svg.")]
    picture_alt: Annotated[Plain, Field(description="What it shows, for someone who cannot see it.")]
    picture_caption: Text
    version: Annotated[str, Field(pattern=r"^\d+\.\d+$", description="Such as “1.0”, in quotes.")]
    updated: Annotated[date, Field(description="The day the text was last changed, such as 2026-11-22.")]
    concerns: Annotated[
        tuple[Must, ...], Field(description="Which `must` safety texts it has to carry, besides `always`.")
    ] = ("ketamine", "esketamine")
    sections: Annotated[tuple[Slug, ...], Field(min_length=1, description="Names of building blocks, in order.")]
    summary: Annotated[
        tuple[Slug, ...], Field(min_length=1, description="Which of the sections the summary takes, in order.")
    ]


@dataclass(frozen=True)
class Listing:
    """What `handouts list` says about a handout."""

    slug: str
    title: str
    purpose: str
    order: int
    languages: tuple[str, ...]
    edition: Edition
    overridden: bool


def handout_names(library: Library, language: str) -> tuple[str, ...]:
    """The handouts there are in a language."""
    return library.names("content", f"{language}/handouts", ".md")


def list_handouts(library: Library) -> tuple[Listing, ...]:
    """Every handout, in the order its front matter gives; titles in English, or the first language it has."""
    languages = sorted(library.languages(), key=lambda language: (language != "en", language))
    by_slug: dict[str, list[str]] = {}
    for language in languages:
        for slug in handout_names(library, language):
            by_slug.setdefault(slug, []).append(language)
    listings, errors = [], []
    for slug, its_languages in by_slug.items():
        name = f"{its_languages[0]}/handouts/{slug}.md"
        path = library.find("content", name)
        assert path is not None
        try:
            written, _, _ = read_front_matter(path, ContentError)
            front = validated(written, HandoutFront, ContentError)
        except HandoutError as error:
            errors.append(error)
            continue
        edition = Edition(front.code, its_languages[0], front.version, front.updated)
        texts = [name, *(f"{its_languages[0]}/blocks/{block}.md" for block in front.sections)]
        overridden = any(library.is_overridden("content", text) for text in texts)
        listings.append(
            Listing(slug, front.title, front.purpose, front.order, tuple(its_languages), edition, overridden)
        )
    raise_all(errors)
    return tuple(sorted(listings, key=lambda listing: (listing.order, listing.slug)))


def load_handout(library: Library, slug: str, language: str, read: dict[str, Section] | None = None) -> Handout:
    """Read a handout and all its building blocks. Blocks that are in `read` already are taken from there.

    Raises RequestError if there is no such handout in that language, and ContentError, with file and line, for
    whatever a writer has to mend; all of it at once.
    """
    if language not in library.languages() or slug not in handout_names(library, language):
        raise _unknown(library, slug, language)
    path = library.find("content", f"{language}/handouts/{slug}.md")
    assert path is not None
    written, text, first_line = read_front_matter(path, ContentError)
    front = validated(written, HandoutFront, ContentError)
    errors: list[HandoutError] = []
    sections = []
    read = {} if read is None else read
    for number, name in enumerate(front.sections):
        try:
            if name not in read:
                read[name] = load_section(library, name, language, written.origin("sections", number))
            sections.append(read[name])
        except HandoutError as error:
            errors.append(error)
    errors.extend(
        ContentError(
            f"The summary names the section “{name}”, which is not in `sections`",
            nearest(name, front.sections),
            written.origin("summary", number),
        )
        for number, name in enumerate(front.summary)
        if name not in front.sections
    )
    welcome = read_body(text, path, first_line)
    errors.extend(
        ContentError(
            "A picture cannot stand in the opening words of a handout",
            "Put it into a building block, or name it under `picture:`.",
            part.origin,
        )
        for part in welcome
        if isinstance(part, Figure)
    )
    errors.extend(
        ContentError(
            f"The summary of “{front.title}” prints the key point of this block, and it has none",
            f"Add `key_point:` here, or take “{section.slug}” out of `summary:`.",
            section.origin,
        )
        for section in sections
        if section.slug in front.summary and section.kind != _SAFETY and section.key_point is None
    )
    raise_all(errors)
    return Handout(
        slug=slug,
        title=front.title,
        purpose=front.purpose,
        main_message=read_line(front.main_message, written.origin("main_message")),
        welcome=welcome,
        picture=Figure(
            "figure",
            front.picture,
            front.picture_alt,
            read_line(front.picture_caption, written.origin("picture_caption")),
            written.origin("picture"),
        ),
        edition=Edition(front.code, language, front.version, front.updated),
        concerns=front.concerns,
        sections=tuple(sections),
        summary=front.summary,
        origin=Origin(path),
    )


def load_section(library: Library, slug: str, language: str, asked_from: Origin) -> Section:
    """Read one building block. `asked_from` is where its name stands, for the message if there is no such block."""
    path = library.find("content", f"{language}/blocks/{slug}.md")
    if path is None:
        known = library.names("content", f"{language}/blocks", ".md")
        raise ContentError(f"There is no building block “{slug}”", nearest(slug, known), asked_from)
    written, text, first_line = read_front_matter(path, ContentError)
    front = validated(written, BlockFront, ContentError)

    def lines(key: str) -> tuple[Prose, ...]:
        return tuple(read_line(line, written.origin(key, at)) for at, line in enumerate(getattr(front, key)))

    def named(key: str) -> dict[str, Prose]:
        return {name: read_line(line, written.origin(key, name)) for name, line in getattr(front, key).items()}

    section = Section(
        slug=slug,
        title=front.title,
        kind=front.kind,
        icon=front.icon,
        origin=Origin(path),
        key_point=read_line(front.key_point, written.origin("key_point")) if front.key_point else None,
        know=lines("know"),
        learning=lines("learning"),
        words=_words_of(library, front.words_from, language, written) | named("words"),
        body=read_body(text, path, first_line),
        people={
            name: tuple(PeopleGroup(group.count, group.of, group.label) for group in groups)
            for name, groups in front.people.items()
        },
        steps=tuple(
            Step(step.title, read_line(step.text, written.origin("steps", at))) for at, step in enumerate(front.steps)
        ),
        choices=tuple(
            Choice(
                choice.title,
                choice.icon,
                read_line(choice.text, written.origin("choices", at)),
                choice.for_.noun if choice.for_ else None,
            )
            for at, choice in enumerate(front.choices)
        ),
        checklist=lines("checklist"),
        fields=front.fields,
        short=lines("short"),
        groups=tuple(SafetyGroup(group.title, group.items) for group in front.groups),
        safety_items=front.safety_items,
        safety_title=front.safety_title,
        texts=named("texts"),
        for_whom=front.for_.noun if front.for_ else None,
    )
    _people_are_there(section, written)
    _for_whom_is_right(section, library, written)
    return section


def _words_of(library: Library, blocks: tuple[str, ...], language: str, written: Written) -> dict[str, Prose]:
    """The words that other blocks teach, for a glossary. Raises ContentError if there is no such block."""
    found: dict[str, Prose] = {}
    for at, slug in enumerate(blocks):
        found |= load_section(library, slug, language, written.origin("words_from", at)).words
    return found


def _unknown(library: Library, slug: str, language: str) -> RequestError:
    languages = library.languages()
    if language not in languages:
        return RequestError(f"There is nothing in the language “{language}”", nearest(language, languages))
    if elsewhere := [other for other in languages if slug in handout_names(library, other)]:
        return RequestError(
            f"“{slug}” is not there in the language “{language}”", f"It is there in: {', '.join(elsewhere)}."
        )
    return RequestError(
        f"There is no handout “{slug}”",
        nearest(slug, handout_names(library, language)) + " `handouts list` shows them all.",
    )


def _for_whom_is_right(section: Section, library: Library, written: Written) -> None:
    """Raises ContentError for a class of medicines that there is not, and for a safety text that is not for all."""
    errors: list[HandoutError] = []
    if section.for_whom and section.always_stays:
        errors.append(
            ContentError(
                "Safety texts and whom to call are for everybody",
                "Take `for:` out, or put what is for some people only into a block of its own.",
                written.origin("for"),
            )
        )
    asked: list[tuple[ForWhom | None, tuple[str | int, ...]]] = [(section.for_whom, ("for",))]
    asked += [(choice.for_whom, ("choices", at, "for")) for at, choice in enumerate(section.choices)]
    if any(rule and rule.medicines for rule, _ in asked):
        known = class_names(library)
        errors.extend(
            ContentError(
                f"There is no class of medicines “{name}”",
                f"{nearest(name, known)} They stand in content/medicines.yaml.",
                written.origin(*key, "medicines", at),
            )
            for rule, key in asked
            for at, name in enumerate(rule.medicines if rule else ())
            if name not in known
        )
    raise_all(errors)


def _people_are_there(section: Section, written: Written) -> None:
    errors: list[HandoutError] = [
        ContentError(
            f"The picture people:{figure.name} has no numbers",
            f"Add them under `people: {figure.name}:` in the front matter.",
            figure.origin,
        )
        for figure in section.figures
        if figure.kind == "people" and figure.name not in section.people
    ]
    errors.extend(
        ContentError(
            f"{group.count} of {group.of} is more than all of them",
            "Mend the numbers.",
            written.origin("people", name, at, "count"),
        )
        for name, groups in section.people.items()
        for at, group in enumerate(groups)
        if group.count > group.of
    )
    raise_all(errors)
