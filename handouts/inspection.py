"""All checks of a library at once: what a machine can say about texts and settings, and about finished pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from html import escape
from pathlib import Path

from handouts.brochures import honesty
from handouts.brochures.content import brochure_names, load_brochure
from handouts.brochures.folding import FOLDS
from handouts.checking import brand, claims, freshness, plain_words, structure
from handouts.checking.explained import explain
from handouts.checking.finding import SEVERITIES, Finding, findings_from
from handouts.checking.instruments import ITEMS, Answer, Item
from handouts.checking.manuscript import Manuscript, Passage, loose_passages, manuscript
from handouts.checking.plain_words import Readability
from handouts.checking.words import load_words
from handouts.composing import compose
from handouts.content import handout_names, load_handout
from handouts.errors import ContentError, HandoutError, Origin, RequestError, raise_all
from handouts.evidence import load_lint
from handouts.formats import FULL, LETTER, SUMMARY
from handouts.handout import Handout, Section
from handouts.house import House
from handouts.library import SOURCE_LANGUAGE, Library
from handouts.pairing import differences
from handouts.protocol import looser_than_allowed
from handouts.reading import read_front_matter
from handouts.reviewing import Translator, review_of, sign
from handouts.translating import translations_of


@dataclass(frozen=True)
class Judged:
    """How the handouts did on one item of an instrument: those that met it, those that did not, and the rest."""

    item: Item
    answers: dict[str, Answer]

    def names(self, answer: Answer) -> list[str]:
        return [name for name, given in self.answers.items() if given == answer]


@dataclass
class Report:
    """Everything that was found, how hard each paper is to read, and the items of the instruments."""

    findings: list[Finding] = field(default_factory=list)
    readability: list[Readability] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    not_assessed: list[str] = field(default_factory=list)

    @property
    def has_errors(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)

    def count(self, severity: str, explained: bool = False) -> int:
        """How many findings of a severity there are, explained ones or the others."""
        return sum(1 for row in self.findings if row.severity == severity and bool(row.explained) == explained)


_LONGEST_NAME = 33  # letters
Pages = Callable[[House, tuple[str, ...]], Iterator[Finding]]


def inspect(house: House, asked: tuple[str, ...] = (), pages: Pages | None = None) -> Report:
    """Check the handouts that are asked for, or all of them.

    Reads words and settings; only `pages`, if it is given, lays out and measures. Raises RequestError for a handout
    that does not exist.
    """
    report = Report()
    library, language = house.clinic.library, house.language
    known = handout_names(library, language)
    slugs = asked or known
    found: list[Finding] = [*brand.contrast(house.clinic), *brand.fonts(house.clinic.brand)]
    found += freshness.lines_in_english(house.clinic)
    found += [row for error in looser_than_allowed(house.clinic, house.ledger) for row in findings_from(error, "floor")]
    papers: list[Manuscript] = []
    loose: list[Passage] = []
    refused: list[str] = []
    named: set[Path] = set()
    blocks: dict[str, Section] = {}
    for slug in slugs:
        try:
            handout = load_handout(library, slug, language, blocks)
        except HandoutError as error:
            if slug not in known:
                raise
            unreadable = findings_from(error, "cannot-be-read")
            found += unreadable
            named |= _named_by(slug, library, language)
            loose += _loose({row.where.path for row in unreadable if row.where})
            refused.append(slug)
            continue
        papers += [manuscript(handout, form, house) for form in (FULL, SUMMARY)]
        found += _printable(handout, house, refused)
    found += _on_words(papers, house, report)
    read = {section.origin.path for paper in papers for section in paper.handout.sections}
    loose += _loose(named - read)
    if not asked:
        idle = _blocks_that_nobody_uses(papers, house) - named
        loose += _loose(idle)
        found += [
            Finding("note", "idle-block", Origin(path), "No handout has this block", "Name it under `sections:`.")
            for path in sorted(idle)
        ]
        found += claims.unused(papers, house.ledger, library)
        found += _on_brochures(house)
    found += claims.phrases(loose, load_lint(library, language))
    found += claims.facts_without_a_claim(loose, language)
    if pages is not None:
        found += pages(house, tuple(slug for slug in slugs if slug not in refused))
    explained = explain(dict.fromkeys(found), library, language, whole_library=not asked and pages is None)
    report.findings = sorted(explained, key=_in_order)
    full = [paper for paper in papers if not paper.form.pages]
    report.judged = [Judged(item, {paper.handout.slug: item.answer(paper) for paper in full}) for item in ITEMS]
    return report


def _on_brochures(house: House) -> Iterator[Finding]:
    """The words of every brochure, however it is folded. Its pages are checked whenever it is made."""
    library, language = house.clinic.library, house.language
    for slug in brochure_names(library, language):
        try:
            brochure = load_brochure(library, slug, language)
        except HandoutError as error:
            yield from findings_from(error, "cannot-be-read")
            continue
        folds = {fold.panels: fold for fold in FOLDS.values()}
        yield from dict.fromkeys(row for fold in folds.values() for row in honesty.in_words(brochure, fold, house))


def _printable(handout: Handout, house: House, refused: list[str]) -> Iterator[Finding]:
    """Whether it is signed, and what `render` would refuse: unknown claims, blanks, pictures, no safety texts."""
    try:
        review = review_of(handout, house)
    except HandoutError as error:
        refused.append(handout.slug)
        yield from findings_from(error, "sign-off")
        return
    yield from freshness.signed_and_fresh(handout, review, house)
    try:
        yield from freshness.as_new_as_the_english(handout, translations_of(handout, house.clinic.library))
    except ContentError as error:  # a damaged record of translations
        yield from findings_from(error, "cannot-be-read")
    yield from _beside_the_english(handout, house)
    for form in (FULL, SUMMARY):
        try:
            compose(handout, house, form, LETTER, review)
        except HandoutError as error:
            refused.append(handout.slug)
            yield from findings_from(error, "cannot-be-printed")
            return


def _beside_the_english(handout: Handout, house: House) -> Iterator[Finding]:
    """Where a translation has not the parts of its English: the two cannot be set side by side."""
    if house.language == SOURCE_LANGUAGE:
        return
    try:
        english = load_handout(house.clinic.library, handout.slug, SOURCE_LANGUAGE)
    except HandoutError:
        return  # there is none, or the check of the English tells what is wrong with it
    for error in differences(english, handout):
        yield Finding("warning", "not-side-by-side", error.where, error.problem, error.remedy)


def _loose(paths: set[Path]) -> list[Passage]:
    """The words of texts that cannot be read as handouts: what is wrong with them is told all the same."""
    return [passage for path in sorted(paths) if path.suffix == ".md" for passage in loose_passages(path)]


def _named_by(slug: str, library: Library, language: str) -> set[Path]:
    """The blocks that a handout names which cannot be read as a whole."""
    path = library.find("content", f"{language}/handouts/{slug}.md")
    try:
        names = read_front_matter(path, ContentError)[0].values.get("sections") if path else None
    except HandoutError:
        return set()
    found = (library.find("content", f"{language}/blocks/{name}.md") for name in names or () if isinstance(name, str))
    return {path for path in found if path is not None}


def _blocks_that_nobody_uses(papers: list[Manuscript], house: House) -> set[Path]:
    library, room = house.clinic.library, f"{house.language}/blocks"
    used = {section.slug for paper in papers for section in paper.handout.sections}
    names = set(library.names("content", room, ".md")) - used
    found = (library.find("content", f"{room}/{name}.md") for name in names)
    return {path for path in found if path is not None}


def _on_words(papers: list[Manuscript], house: House, report: Report) -> Iterator[Finding]:
    """The rules about words. A block that many handouts share is read once."""
    passages = list(dict.fromkeys(passage for paper in papers for passage in paper.passages))
    lint = load_lint(house.clinic.library, house.language)
    words = load_words(house.clinic.library, house.language)
    yield from claims.phrases(passages, lint)
    yield from claims.facts_without_a_claim(passages, house.language)
    yield from brand.glyphs(passages, house.clinic.brand)
    yield from brand.emphasis(passages)
    if words is not None:
        taught = frozenset[str]().union(*(paper.taught for paper in papers))
        yield from plain_words.hard_words(passages, words, taught)
    for paper in papers:
        yield from claims.required_parts(paper, lint)
        yield from plain_words.too_long(paper)
        if words is not None:
            measured = plain_words.readability(paper, words)
            if measured is not None:
                report.readability.append(measured)
                yield from plain_words.too_hard(measured)
        if not paper.form.pages:
            yield from structure.built_for_readers(paper)
            yield from structure.a_number_to_call(paper, house.clinic.main.phone)
            yield from plain_words.words_explained(paper)
            if words is not None:
                yield from plain_words.capitals_explained(paper, words)
    if papers and (words is None or not report.readability):
        report.not_assessed.append(f"hard words and grades: there is no word list or formula for “{house.language}”")
    if papers and house.language != SOURCE_LANGUAGE:
        report.not_assessed.append(
            "comparisons and studies that cite no claim: they are known by English words only "
            f"(numbers are looked at in “{house.language}” too)"
        )
    missing = sorted(load_lint(house.clinic.library).ids - lint.ids)
    if missing:
        count = f"{len(missing)} rule{'s' if len(missing) > 1 else ''}"
        report.not_assessed.append(
            f"{count} for words, for want of a pattern in “{house.language}”: {', '.join(missing)}"
        )


def _in_order(finding: Finding) -> tuple[int, str, int]:
    where = finding.where
    return SEVERITIES.index(finding.severity), str(where.path) if where else "", (where.line if where else None) or 0


def sign_checked(slug: str, house: House, by: str, next_review: date, translator: Translator | None = None) -> Path:
    """Sign a text that could be printed: one with an error in it cannot be signed. Says in which file.

    Raises ContentError with every error that has to be mended first, RequestError for a name that no footer can hold,
    and what `reviewing.sign` raises.
    """
    handout = load_handout(house.clinic.library, slug, house.language)
    if len(by.strip()) > _LONGEST_NAME:
        raise RequestError(
            f"The name has {len(by.strip())} letters, and the footer in large print has room for {_LONGEST_NAME}",
            "Leave out the role, or write it shorter.",
        )
    report = inspect(house, (slug,))
    unprintable = brand.glyphs([Passage("page furniture", escape(by), handout.origin)], house.clinic.brand)
    report.findings += [
        Finding("error", row.rule, None, f"In the name: {row.problem}", row.remedy) for row in unprintable
    ]
    wrong = [finding for finding in report.findings if finding.severity == "error" and finding.rule != "review-due"]
    raise_all([finding.as_refusal() for finding in wrong])
    return sign(handout, house, by, next_review, translator)
