"""The road from an order to a paper: `prepare` is words, `produce` is pages. Read this first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from handouts.checking.claims import misleading_words_of_the_clinic
from handouts.clinic import Clinic
from handouts.composing import Composition, Reviewed, compose, compose_side_by_side
from handouts.content import load_handout
from handouts.errors import ClinicError, ContentError, MachineError, RequestError, raise_all
from handouts.formats import Format, Paper
from handouts.house import House, load_house
from handouts.pdf import Pdf
from handouts.protocol import looser_than_allowed
from handouts.reviewing import review_of, sign_off_command
from handouts.translating import Translation, translations_of

_TRANSLATE = "Translate what changed, then: handouts translated {slug} --language {language}."
_PRINT_STALE = "To print it all the same, add --stale; the page then says that it is older than the English."


@dataclass(frozen=True)
class Order:
    """What is asked for: a handout in a language, or in two side by side (`en+es`), in one format, on one paper."""

    handout: str
    format: Format
    language: str
    paper: Paper

    @property
    def file_name(self) -> str:
        """The name of its file, such as `how-ketamine-works-summary-large-print-en.pdf`."""
        large = "-large-print" if self.format.large else ""
        paper = "" if self.paper.name == "letter" else f"-{self.paper.name}"
        return f"{self.handout}-{self.format.name}{large}-{self.language.replace('+', '-')}{paper}.pdf"


def languages_asked(written: str) -> tuple[str, ...]:
    """One language, or two that are to stand side by side: `es`, `en+es`. Raises RequestError for anything else."""
    languages = tuple(part.strip().lower() for part in written.split("+"))
    if len(languages) > 2 or len(set(languages)) < len(languages) or not all(languages):
        raise RequestError(f"“{written}” is neither one language nor two", "Write one (es), or two as en+es.")
    return languages


def prepare(order: Order, clinic: Clinic, today: date | None = None, past_review: bool = False) -> Composition:
    """Words: read the handout and merge it with the clinic's brand and contact lines.

    `today` decides whether a review is due and the clinic's rules are in force.
    """
    return prepare_in(load_house(clinic, order.language, today or date.today()), order, past_review)


def prepare_in(house: House, order: Order, past_review: bool = False, stale: bool = False) -> Composition:
    """The same, for one of several papers of a house.

    A translation whose English has changed raises ContentError, unless `stale` says to go on; the page then says so.
    Raises ClinicError for a text whose review is due, unless `past_review` says to go on; the page then says so.
    """
    text = _read(house, order, past_review)
    old = _stale(text)
    if not stale:
        remedy = _TRANSLATE.format(slug=order.handout, language=house.language)
        raise_all([ContentError(found.problem, f"{remedy} {_PRINT_STALE}", found.where) for found in old])
    return compose(text.handout, house, order.format, order.paper, text.review, stale=bool(old))


def prepare_side_by_side(left: House, right: House, order: Order, past_review: bool = False) -> Composition:
    """Words of one handout in two languages, paragraph beside paragraph.

    A translation whose English has changed is never set beside another text: ContentError.
    """
    texts = [_read(house, order, past_review) for house in (left, right)]
    for text in texts:
        remedy = _TRANSLATE.format(slug=order.handout, language=text.house.language)
        raise_all([ContentError(found.problem, remedy, found.where) for found in _stale(text)])
    return compose_side_by_side(texts[0], texts[1], order.format, order.paper)


def _read(house: House, order: Order, past_review: bool) -> Reviewed:
    """A handout that may be printed. Raises ContentError and ClinicError for all that stands against it."""
    handout = load_handout(house.clinic.library, order.handout, house.language)
    raise_all(list(looser_than_allowed(house.clinic, house.ledger)))
    raise_all([finding.as_refusal() for finding in misleading_words_of_the_clinic(handout, house)])
    review = review_of(handout, house)
    if review.state == "overdue" and review.signature and not past_review:
        raise ClinicError(
            f"The review of “{handout.title}” was due on {review.signature.next_review}",
            f"Have it read again and sign it: {sign_off_command(handout)}. "
            "To print it all the same, add --past-review; the page then says that its review was due.",
            handout.origin,
        )
    return Reviewed(handout, house, review)


def _stale(text: Reviewed) -> list[Translation]:
    return [found for found in translations_of(text.handout, text.house.clinic.library) if found.is_stale]


def produce(composition: Composition) -> Pdf:
    """Pages: lay out and write. Imports WeasyPrint, which takes most of a second."""
    try:
        from handouts.finishing import finish
        from handouts.typesetting import typeset
    except OSError as problem:  # WeasyPrint cannot load Pango
        missing = str(problem).splitlines()[0]
        raise MachineError(f"The text engine Pango cannot be loaded ({missing})", "Run `handouts doctor`.") from None
    return finish(typeset(composition))
