"""The road from an order to a paper: `prepare` is words, `produce` is pages. Read this first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from handouts.checking.claims import misleading_words_of_the_clinic
from handouts.clinic import Clinic
from handouts.composing import Composition, compose
from handouts.content import load_handout
from handouts.errors import ClinicError, ContentError, MachineError, raise_all
from handouts.formats import Format, Paper
from handouts.house import House, load_house
from handouts.pdf import Pdf
from handouts.protocol import looser_than_allowed
from handouts.reviewing import review_of
from handouts.translating import translations_of

_TRANSLATE = (
    "Translate what changed, then: handouts translated {slug} --language CODE. "
    "To print it all the same, add --stale; the page then says that it is older than the English."
)


@dataclass(frozen=True)
class Order:
    """What is asked for: a handout in a language, in one format, on one paper."""

    handout: str
    format: Format
    language: str
    paper: Paper

    @property
    def file_name(self) -> str:
        """The name of its file, such as `how-ketamine-works-summary-large-print-en.pdf`."""
        large = "-large-print" if self.format.large else ""
        paper = "" if self.paper.name == "letter" else f"-{self.paper.name}"
        return f"{self.handout}-{self.format.name}{large}-{self.language}{paper}.pdf"


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
    handout = load_handout(house.clinic.library, order.handout, house.language)
    raise_all(list(looser_than_allowed(house.clinic, house.ledger)))
    raise_all([finding.as_refusal() for finding in misleading_words_of_the_clinic(handout, house)])
    review = review_of(handout, house)
    if review.state == "overdue" and review.signature and not past_review:
        raise ClinicError(
            f"The review of “{handout.title}” was due on {review.signature.next_review}",
            f"Have it read again and sign it: handouts sign-off {order.handout} --by NAME. "
            "To print it all the same, add --past-review; the page then says that its review was due.",
            handout.origin,
        )
    old = [found for found in translations_of(handout, house.clinic.library) if found.is_stale]
    if not stale:
        raise_all([ContentError(found.problem, _TRANSLATE.format(slug=order.handout), found.where) for found in old])
    return compose(handout, house, order.format, order.paper, review, stale=bool(old))


def produce(composition: Composition) -> Pdf:
    """Pages: lay out and write. Imports WeasyPrint, which takes most of a second."""
    try:
        from handouts.finishing import finish
        from handouts.typesetting import typeset
    except OSError as problem:  # WeasyPrint cannot load Pango
        missing = str(problem).splitlines()[0]
        raise MachineError(f"The text engine Pango cannot be loaded ({missing})", "Run `handouts doctor`.") from None
    return finish(typeset(composition))
