"""Whether somebody has signed the text, whether it has to be read again, and whether all of it is in its language.

Source: field guide B.13 (governance fields that every sheet should show) and B.14 (machine-passed and person-passed are
two things).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from handouts.checking.finding import Finding
from handouts.clinic import Clinic
from handouts.handout import Handout, Review
from handouts.house import House
from handouts.reviewing import sign_off_command
from handouts.translating import Translation

_SOON = timedelta(days=30)


def signed_and_fresh(handout: Handout, review: Review, house: House) -> Iterator[Finding]:
    """Unsigned text is a note: drafts are printed as drafts. A review that is due is an error."""
    signed, where = review.signature, handout.origin
    how = f"A clinician reads it, then: {sign_off_command(handout)}"
    if review.state == "draft" or signed is None:
        yield Finding("note", "not-signed", where, f"Nobody has signed “{handout.title}”", f"{how}.")
    elif review.state == "changed":
        said = f"“{handout.title}” was changed since {signed.by} signed it on {signed.on}: it is a draft again"
        yield Finding("note", "changed-since-signed", where, said, f"{how}.")
    elif review.state == "overdue":
        said = f"The review of “{handout.title}” was due on {signed.next_review}"
        yield Finding("error", "review-due", where, said, f"{how}.")
    elif signed.next_review - house.today <= _SOON:
        said = f"The review of “{handout.title}” is due on {signed.next_review}"
        yield Finding("warning", "review-due-soon", where, said, f"{how}.")


def as_new_as_the_english(handout: Handout, translations: Iterable[Translation]) -> Iterator[Finding]:
    """Each text of a translation whose English has changed, with the sentences that are new."""
    for found in translations:
        if found.is_stale:
            remedy = (
                "Translate what changed, then: "
                f"handouts translated {handout.slug} --language {handout.edition.language}."
            )
            yield Finding("error", "stale-translation", found.where, found.problem, remedy)


def lines_in_english(clinic: Clinic) -> Iterator[Finding]:
    """Each line of clinic.toml that stands in English on a page in another language."""
    language = clinic.language
    for where in clinic.english_lines:
        yield Finding(
            "warning", "line-in-english", where, f"This line is printed in English on pages in “{language}”",
            f'Write it in both: {{ en = "…", {language} = "…" }}.',
        )  # fmt: skip
