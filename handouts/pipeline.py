"""The road from an order to a paper: `prepare` is words, `produce` is pages. Read this first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from handouts.checking.claims import misleading_words_of_the_clinic
from handouts.clinic import Clinic
from handouts.composing import Composition, Reviewed, compose, compose_side_by_side
from handouts.content import load_handout
from handouts.errors import ClinicError, ContentError, MachineError, RequestError, raise_all
from handouts.formats import Format, Paper
from handouts.house import House, load_house
from handouts.interpreter import with_room
from handouts.pdf import Pdf
from handouts.protocol import looser_than_allowed
from handouts.reviewing import review_of, sign_off_command
from handouts.translating import translations_of

if TYPE_CHECKING:
    from handouts.typesetting import Rendering as Rendering

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
    def languages(self) -> tuple[str, ...]:
        """One, or two that stand side by side. Raises RequestError for anything else."""
        return languages_asked(self.language)

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
    houses = [load_house(clinic, language, today or date.today()) for language in order.languages]
    return prepare_in(houses, order, past_review)


def prepare_in(houses: Sequence[House], order: Order, past_review: bool = False, stale: bool = False) -> Composition:
    """The same, for one of several papers of a house, or of two houses whose languages stand side by side.

    A translation whose English has changed raises ContentError, unless `stale` says to go on; the page then says so.
    It is never set beside another text. Raises ClinicError for a text whose review is due, unless `past_review` says to
    go on; the page then says so.
    """
    texts = [_read(house, order, past_review) for house in houses]
    refused = not stale or len(texts) > 1
    old = False
    for text in texts:
        found = [row for row in translations_of(text.handout, text.house.clinic.library) if row.is_stale]
        old = old or bool(found)
        if refused:
            remedy = _TRANSLATE.format(slug=order.handout, language=text.house.language)
            remedy += "" if len(texts) > 1 else f" {_PRINT_STALE}"
            raise_all([ContentError(row.problem, remedy, row.where) for row in found])
    if len(texts) > 1:
        left, right = texts
        return compose_side_by_side(left, right, order.format, order.paper)
    (text,) = texts
    return compose(text.handout, text.house, order.format, order.paper, text.review, stale=old)


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


def produce(composition: Composition, series: bool = False) -> Pdf:
    """Pages: lay out and write. `series`: many of the same kind follow, and are to share styles and fonts."""
    return write(lay_out(composition, series))


@with_room
def lay_out(composition: Composition, series: bool = False, proof: bool = False) -> Rendering:
    """Pages that can be asked before they are written. Imports WeasyPrint, which takes most of a second.

    `proof`: words that are cut off are to be seen, not refused.
    """
    try:
        from handouts.typesetting import typeset
    except OSError as problem:  # WeasyPrint cannot load Pango
        missing = str(problem).splitlines()[0]
        raise MachineError(f"The text engine Pango cannot be loaded ({missing})", "Run `handouts doctor`.") from None
    return typeset(composition, series, proof)


@with_room
def write(rendering: Rendering) -> Pdf:
    """Laid-out pages as a finished PDF."""
    from handouts.finishing import finish

    return finish(rendering)
