"""The ledger: what may be said about ketamine therapy, how sure it is, and where it comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from handouts.errors import ContentError, HandoutError, Origin, nearest, raise_all
from handouts.handout import Must
from handouts.library import SOURCE_LANGUAGE, Library
from handouts.reading import read_yaml, validated

Strength = Literal["strong", "moderate", "early", "anecdotal"]
STRENGTHS: tuple[Strength, ...] = ("anecdotal", "early", "moderate", "strong")
Verdict = Literal[
    "supported",
    "partly supported",
    "preliminary",
    "contested",
    "not supported",
    "wrong",
    "opinion-or-experience",
    "promotional",
]
Level = Literal["A", "B", "C", "D"]
CORRECTION = "correction:"
# Working notes of the ledger's authors, such as “(from memory)”.
_NOTE = re.compile(r"\s*\([^)]*(?:from memory|not shown|partly shown)[^)]*\)")
# Volume and pages, a report of the US government, a number of PubMed or Cochrane, or a date.
_PLACE = re.compile(r"\d+[:(]|\d+ (?:FR|CFR) |PM(?:C|ID)|CD\d|\d{4}-\d\d-\d\d")
_SURNAME = re.compile(
    r"^((?:[a-z]+ )*[A-Z][\w’'-]*[a-z][\w’'-]*(?: [A-Z][a-z][\w’'-]*)*) [A-Z]{1,3}(?: Jr)?(?:,| \(|$)"
)
File = TypeVar("File", bound="_Row")
_TEXT_ID = re.compile(r"[a-z0-9-]+")
_TEXT_IDS = re.compile(r"[a-z0-9-]+(?: / [a-z0-9-]+)*")
ALWAYS = "always"  # instead of a pattern: every document needs this part
Pattern = Annotated[str, AfterValidator(lambda pattern: _that_can_be_tried(pattern))]


def _that_can_be_tried(pattern: str) -> str:
    """A regular expression. Raises ValueError if it is none."""
    try:
        re.compile(pattern)
    except re.error as problem:
        raise ValueError(f"this is not a regular expression ({problem})") from None
    return pattern


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Row):
    """A paper, a label, a law or a page that claims rest on, and how it was read (`checked_level`)."""

    key: Annotated[str, Field(description="The name by which claims and safety texts point here.")]
    kind: str
    authors: Annotated[str | None, Field(description="As printed. A note such as “(from memory)” earns it a star.")]
    title: str
    venue: Annotated[str, Field(description="The journal, publisher or agency.")]
    year: int | None
    cite: Annotated[str | None, Field(description="Where to find it if it has no DOI; printed in its place.")]
    doi: str | None
    verified: Annotated[str, Field(description="How it was seen. For people; not printed.")]
    checked_level: Annotated[
        Level,
        Field(description="A: read at the source. B: in a copy. C: second hand. D: not seen. C and D print a star."),
    ]
    seen_kind: Annotated[str, Field(description="What was seen of it. For people; not printed.")]
    seen: Annotated[tuple[str, ...], Field(description="Addresses that were read. Not printed.")] = ()
    not_seen: Annotated[tuple[str, ...], Field(description="What could not be read. Not printed.")] = ()

    @property
    def names(self) -> str | None:
        """The authors without the ledger's working notes; None where they are not known."""
        if self.authors is None or self.authors.startswith("not shown"):
            return None
        return _NOTE.sub("", self.authors)

    @property
    def heading(self) -> str:
        """The title without the ledger's working notes."""
        return _NOTE.sub("", self.title)

    @property
    def journal(self) -> str | None:
        """Where it was published; None where the ledger did not see it."""
        journal = _NOTE.sub("", self.venue).partition(" reported by ")[0]
        return None if "not shown" in journal else journal

    @property
    def place(self) -> str | None:
        """Its DOI, or else its volume and pages or its number; None if the ledger only has remarks there."""
        if self.doi:
            return f"doi:{self.doi}"
        return self.cite if self.cite and _PLACE.match(self.cite) and self.cite not in self.venue else None

    @property
    def needs_checking(self) -> bool:
        """Whether it was seen only second hand, or some of its details are not confirmed."""
        printed = (self.names, self.heading, self.journal)
        noted = self.authors is None or printed != (self.authors, self.title, self.venue)
        return noted or self.checked_level in ("C", "D")

    @property
    def short(self) -> str:
        """The source in a few words, such as “Dean 2021”."""
        names = self.names or self.heading
        surname = _SURNAME.match(names)
        name = surname.group(1) if surname else re.split(r"[,;/(]| and ", names)[0].strip()
        return f"{name} {self.year}" if self.year else name


class Claim(_Row):
    """A popular claim, what the evidence says about it, and whether it may be taught."""

    id: Annotated[str, Field(description="What a text cites: [@id].")]
    topic: str
    claim: Annotated[str, Field(description="What people say. Never printed.")]
    verdict: Annotated[Verdict, Field(description="What became of the claim. “contested” is printed with the mark.")]
    evidence_says: Annotated[str, Field(description="What may be said instead, in plain words.")]
    strength: Annotated[Strength, Field(description="How strong the evidence behind `evidence_says` is.")]
    sources: Annotated[tuple[str, ...], Field(description="Keys of sources.yaml.")]
    weakest_check: Annotated[Level | None, Field(description="The worst checked_level of its sources.")] = None
    best_check: Annotated[Level | None, Field(description="The best checked_level of its sources.")] = None
    use: Annotated[
        Literal["ok", "limits", "omit"],
        Field(description="ok: may be taught. limits: only with its limits. omit: a text that cites it stops."),
    ]
    grade: Annotated[float | None, Field(description="A rough school grade of `evidence_says`.")] = None
    note: Annotated[str | None, Field(description="For reviewers. Never printed.")] = None


class SafetyText(_Row):
    """A safety text in cautious wording; `must` says which full handouts have to carry it."""

    id: Annotated[str, Field(description="What a text cites, and what a safety block lists: [@id].")]
    group: str
    must: Annotated[Must, Field(description="Which full handouts have to carry it; see `concerns` of a handout.")]
    text: Annotated[str, Field(description="What is printed, unless the block has its own wording under `texts:`.")]
    sources: Annotated[tuple[str, ...], Field(description="Keys of sources.yaml.")]
    strength: Strength
    note: Annotated[str | None, Field(description="For reviewers. Never printed.")] = None


class Correction(_Row):
    """What to say instead of a popular claim that is not right."""

    claim: Annotated[str, Field(description="The id of the claim. A text cites it as [@correction:id].")]
    correction: Annotated[str, Field(description="What to say instead.")]


class LintRule(_Row):
    """A phrase that misleads: where `pattern` matches and `unless` does not, `why` and what to `suggest`."""

    id: str
    severity: Literal["error", "warn"]
    scope: Annotated[Literal["sentence", "block"], Field(description="What the pattern is tried on at a time.")]
    pattern: Annotated[Pattern, Field(description="A regular expression, tried without regard to case.")]
    unless: Annotated[Pattern | None, Field(description="Where this matches too, the rule keeps still.")] = None
    why: str
    basis: Annotated[tuple[str, ...], Field(description="Keys of sources.yaml.")]
    suggest: Annotated[str, Field(description="What to write instead.")]
    bad: Annotated[tuple[str, ...], Field(description="Examples that the rule must catch.")]
    good: Annotated[tuple[str, ...], Field(description="Examples that it must let pass.")]
    related_claims: tuple[str, ...] = ()


class Phrase(_Row):
    """A rule of the ledger in another language: its pattern there, with examples of its own."""

    id: Annotated[str, Field(description="The id of a rule of ledger/lint.yaml.")]
    pattern: Annotated[Pattern, Field(description="A regular expression, tried without regard to case.")]
    unless: Annotated[Pattern | None, Field(description="Where this matches too, the rule keeps still.")] = None
    suggest: Annotated[str, Field(description="What to write instead, in English or in that language.")]
    bad: Annotated[tuple[str, ...], Field(min_length=1, description="Examples that the rule must catch.")]
    good: Annotated[tuple[str, ...], Field(min_length=1, description="Examples that it must let pass.")]


class RequiredPart(_Row):
    """Something that a whole document must say when `when` matches it."""

    id: str
    severity: Literal["error", "warn"]
    scope: Literal["document"]
    when: Annotated[Pattern, Field(description="A regular expression, or “always”: which documents it is for.")]
    require: Annotated[Pattern, Field(description="A regular expression that such a document must match.")]
    why: str
    basis: Annotated[tuple[str, ...], Field(description="Keys of sources.yaml.")]
    suggest: Annotated[str, Field(description="What to add: ids of safety texts, with / between them, or in words.")]

    @property
    def texts(self) -> tuple[str, ...]:
        """The safety texts or claims of which any one is the part; none if it is said in words only."""
        return tuple(_TEXT_ID.findall(self.suggest)) if _TEXT_IDS.fullmatch(self.suggest) else ()


class RequiredPhrase(_Row):
    """Which documents in another language need a part that the ledger does not always ask for."""

    id: Annotated[str, Field(description="The id of a required part of ledger/lint.yaml.")]
    when: Annotated[Pattern, Field(description="A regular expression: a document that it matches needs the part.")]


class Lint(_Row):
    """The word rules of the ledger."""

    rules: tuple[LintRule, ...]
    required: tuple[RequiredPart, ...]

    @property
    def ids(self) -> frozenset[str]:
        return frozenset({rule.id for rule in self.rules} | {part.id for part in self.required})


class Floor(_Row):
    """What one rule of a clinic may not fall short of: a least number of hours, or the words it may be."""

    key: Annotated[str, Field(description="The key below [protocol] in clinic.toml, such as ketamine.stay_hours.")]
    at_least: Annotated[float | None, Field(description="The least number of hours.")] = None
    one_of: Annotated[tuple[str, ...], Field(description="The words that are strict enough.")] = ()
    safety: Annotated[str, Field(description="The safety text that says so; its sources are named in the message.")]

    @model_validator(mode="after")
    def _says_one_thing(self) -> Floor:
        if (self.at_least is None) == (not self.one_of):
            raise ValueError("a floor has either at_least or one_of")
        return self


class ClaimsFile(_Row):
    """`content/ledger/claims.yaml`."""

    claims: tuple[Claim, ...]


class SafetyFile(_Row):
    """`content/ledger/safety.yaml`."""

    safety: tuple[SafetyText, ...]


class SourcesFile(_Row):
    """`content/ledger/sources.yaml`."""

    sources: tuple[Source, ...]


class LintFile(_Row):
    """`content/ledger/lint.yaml`."""

    lint: Lint


class PhrasesFile(_Row):
    """`content/LANGUAGE/lint.yaml`: the ledger's word rules in another language."""

    phrases: tuple[Phrase, ...]
    required: tuple[RequiredPhrase, ...] = ()


class FloorsFile(_Row):
    """`content/ledger/floors.yaml`."""

    floors: tuple[Floor, ...]


class AboutFile(_Row):
    """`content/ledger/about.yaml`: only the corrections are used by the program; the rest is for people."""

    meta: Annotated[Mapping[str, object], Field(description="Counts, scales and who is bound by which rule.")]
    corrections: tuple[Correction, ...]
    unverified: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """What a citation stands for: how strong, whether studies disagree, and the sources behind it."""

    id: str
    strength: Strength
    contested: bool
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Ledger:
    """All claims, safety texts, corrections and sources, by their ids."""

    claims: Mapping[str, Claim]
    safety: Mapping[str, SafetyText]
    corrections: Mapping[str, str]
    sources: Mapping[str, Source]
    floors: tuple[Floor, ...] = ()

    @cached_property
    def citable(self) -> tuple[str, ...]:
        """Every id that a text may cite."""
        taught = [claim.id for claim in self.claims.values() if claim.use != "omit"]
        return (*taught, *self.safety, *(CORRECTION + claim for claim in self.corrections))

    def cited(self, reference: str, where: Origin) -> Evidence:
        """The evidence behind a citation such as `bladder` or `correction:eeg-like-meditation`.

        Raises ContentError if the ledger does not know it, or does not allow it to be printed.
        """
        name = reference.removeprefix(CORRECTION)
        correcting = reference != name
        claim = self.claims.get(name)
        if correcting and claim and name in self.corrections:
            return self._evidence(reference, claim, contested=False)
        if not correcting and name in self.safety:
            return self._evidence(reference, self.safety[name], contested=False)
        if correcting or claim is None:
            raise ContentError(
                f"The text cites “{reference}”, which the ledger does not know",
                f"{nearest(reference, self.citable)} The ledger is in content/ledger/.",
                where,
            )
        if claim.use == "omit":
            raise ContentError(
                f"The text cites “{name}”, which the ledger says to leave out ({claim.verdict})",
                f"Take the claim out. What the evidence says: {claim.evidence_says}",
                where,
            )
        return self._evidence(reference, claim, contested=claim.verdict == "contested")

    def look_up(self, reference: str) -> Evidence | None:
        """The same; None where `cited` raises."""
        try:
            return self.cited(reference, Origin(Path()))
        except ContentError:
            return None

    def must_carry(self, concerns: tuple[Must, ...]) -> tuple[str, ...]:
        """The ids of the safety texts that a full handout has to carry."""
        return tuple(text.id for text in self.safety.values() if text.must in ("always", *concerns))

    def _evidence(self, reference: str, entry: Claim | SafetyText, contested: bool) -> Evidence:
        sources = tuple(self.sources[key] for key in entry.sources)
        return Evidence(reference, entry.strength, contested, sources)


def load_ledger(library: Library) -> Ledger:
    """Read the ledger. A clinic may replace a whole file of it. Raises ContentError with file and line."""
    claims = _read(library, "claims", ClaimsFile).claims
    safety = _read(library, "safety", SafetyFile).safety
    sources = _read(library, "sources", SourcesFile).sources
    corrections = _read(library, "about", AboutFile).corrections
    floors = _read(library, "floors", FloorsFile).floors
    ledger = Ledger(
        {row.id: row for row in claims},
        {row.id: row for row in safety},
        {row.claim: row.correction for row in corrections},
        {row.key: row for row in sources},
        floors,
    )
    _no_loose_ends(ledger, library)
    return ledger


def load_lint(library: Library, language: str = SOURCE_LANGUAGE) -> Lint:
    """The word rules, which only checks need. In another language only those that can be tried there.

    Raises ContentError with file and line, also for a pattern to a rule that the ledger does not have.
    """
    lint = _read(library, "lint", LintFile).lint
    if language == SOURCE_LANGUAGE:
        return lint
    path = library.find("content", f"{language}/lint.yaml")
    if path is None:
        return lint.model_copy(update={"rules": (), "required": _known_by_text(lint)})
    written = read_yaml(path, ContentError)
    patterns = validated(written, PhrasesFile, ContentError)
    known = {rule.id: rule for rule in lint.rules}
    # What is always asked for is not made conditional in any language.
    parts = {part.id: part for part in lint.required if part.texts and part.when != ALWAYS}
    named = [("phrases", at, row.id, list(known)) for at, row in enumerate(patterns.phrases)]
    named += [("required", at, row.id, list(parts)) for at, row in enumerate(patterns.required)]
    raise_all(
        [
            ContentError(f"There is no rule “{name}”", nearest(name, names), written.origin(key, at))
            for key, at, name, names in named
            if name not in names
        ]
    )
    rules = tuple(known[row.id].model_copy(update=row.model_dump()) for row in patterns.phrases)
    needed = {row.id: parts[row.id].model_copy(update=row.model_dump()) for row in patterns.required}
    return lint.model_copy(update={"rules": rules, "required": _known_by_text(lint, needed)})


def _known_by_text(lint: Lint, needed: Mapping[str, RequiredPart] = MappingProxyType({})) -> tuple[RequiredPart, ...]:
    """The required parts that can be looked for in another language: by a text that is cited, where they are due."""
    found = (needed.get(part.id, part) for part in lint.required if part.texts)
    return tuple(part for part in found if part.when == ALWAYS or part.id in needed)


def _read(library: Library, name: str, model: type[File]) -> File:
    path = library.find("content", f"ledger/{name}.yaml")
    if path is None:
        raise ContentError(
            f"The ledger's file ledger/{name}.yaml is missing",
            "Install handouts again; it comes with it.",
            Origin(library.bundled_file("content", f"ledger/{name}.yaml")),
        )
    return validated(read_yaml(path, ContentError), model, ContentError)


def _no_loose_ends(ledger: Ledger, library: Library) -> None:
    """Every source that a claim or a safety text names must be there."""
    errors: list[HandoutError] = []
    rooms: tuple[tuple[str, Mapping[str, Claim | SafetyText]], ...] = (
        ("claims", ledger.claims),
        ("safety", ledger.safety),
    )
    for room, rows in rooms:
        path = library.find("content", f"ledger/{room}.yaml")
        assert path is not None
        for number, row in enumerate(rows.values()):
            for source in row.sources:
                if source not in ledger.sources:
                    line = read_yaml(path, ContentError).line((room, number, "sources"))
                    errors.append(
                        ContentError(
                            f"“{row.id}” names the source “{source}”, which sources.yaml does not have",
                            nearest(source, ledger.sources),
                            Origin(path, line),
                        )
                    )
    raise_all(errors)
