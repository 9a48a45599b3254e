"""What can go wrong, told to the person who can mend it.

Every error holds the problem, the place and the remedy as fields; the command line turns them into words once.
Anything that is not a `HandoutError` is a bug and keeps its traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Origin:
    """Where a thing was written: a file, and the line in it if it is known (the first line is 1)."""

    path: Path
    line: int | None = None

    def __str__(self) -> str:
        shown = self.path
        if shown.is_absolute() and shown.is_relative_to(Path.cwd()):
            shown = shown.relative_to(Path.cwd())
        return f"{shown}:{self.line}" if self.line else str(shown)


class HandoutError(Exception):
    """Something a person must mend: what is wrong, what to do about it, and where."""

    def __init__(self, problem: str, remedy: str, where: Origin | None = None) -> None:
        super().__init__(problem, remedy, where)
        self.problem = problem
        self.remedy = remedy
        self.where = where

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.problem}. {self.remedy}".replace("\n", " ")


class RequestError(HandoutError):
    """For the front desk: what was asked for does not exist."""


class IntakeError(HandoutError):
    """For the front desk: a row of the schedule, or a patient's file, is not right. It tells no name."""


class ContentError(HandoutError):
    """For the writer: a text, a citation, a picture or a ledger entry is not right."""


class ClinicError(HandoutError):
    """For whoever keeps the clinic folder: settings, brand, logo."""


class DesignError(HandoutError):
    """For the designer: a template or a stylesheet is not right, or the page has a hole in it."""


class MachineError(HandoutError):
    """For whoever keeps the machine: something that must be installed is not there."""


class DeliveryError(HandoutError):
    """For whoever waits for the paper: the finished file cannot be put where it should go."""


class SeveralErrors(HandoutError):  # noqa: N818 - it is what it says
    """All problems of one file or one request at once, so that they can be mended in one go."""

    def __init__(self, errors: Iterable[HandoutError]) -> None:
        self.errors = tuple(errors)
        first = self.errors[0]
        super().__init__(first.problem, first.remedy, first.where)

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)

    def __reduce__(self) -> tuple[type[SeveralErrors], tuple[tuple[HandoutError, ...]]]:
        """What it is made from: a process that lays out pages hands it back whole."""
        return SeveralErrors, (self.errors,)


def raise_all(errors: list[HandoutError]) -> None:
    """Raise what was collected: nothing, the one error, or all of them together."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise SeveralErrors(errors)


def nearest(word: str, known: Iterable[str]) -> str:
    """A sentence that helps after a mistyped name: the nearest known one, or those there are."""
    names = sorted(known)
    by_lower = {name.lower(): name for name in names}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.5)
    if not names:
        return "There are none here."
    shown = ", ".join(names[:12])
    there_is = f"There is: {shown}{' …' if len(names) > 12 else ''}."
    if not close:
        return there_is
    guess = f"Did you mean “{by_lower[close[0]]}”?"
    # Among few names the guess may be a bad one, and the list is no trouble to read.
    return f"{guess} {there_is}" if len(names) <= 3 else guess
