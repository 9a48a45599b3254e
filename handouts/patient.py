"""The person a paper is for: what tailoring and the personal page need, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import Literal, get_args

from handouts.errors import Origin

Route = Literal["infusion", "injection", "nasal", "lozenge"]
ROUTES: tuple[Route, ...] = get_args(Route)
Drug = Literal["ketamine", "esketamine"]


@dataclass(frozen=True)
class Visit:
    """One appointment: the day, the time of day, and whom the patient sees. What is not known is None."""

    day: date | None = None
    at: time | None = None
    clinician: str | None = None


@dataclass(frozen=True, repr=False)
class Patient:
    """One row of a schedule, or one file. `reference` is the clinic's own number for the person or the visit.

    All texts are as given, never interpreted. `origin` says which row it was. The `repr` shows only that place: a
    traceback or a log must not tell a name.
    """

    reference: str
    name: str
    origin: Origin
    preferred_name: str | None = None
    born: date | None = None
    language: str = "en"
    large_print: bool = False
    route: Route | None = None
    conditions: tuple[str, ...] = ()
    visit_type: str | None = None
    handouts: tuple[str, ...] = ()
    visits: tuple[Visit, ...] = ()
    medicines: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    note: str = ""

    def __repr__(self) -> str:
        return f"<the patient of {self.origin}>"

    @property
    def called(self) -> str:
        """The name to greet them by."""
        return self.preferred_name or self.name

    @property
    def drug(self) -> Drug | None:
        """Which medicine the route means: the nasal spray is esketamine, all other ways are ketamine."""
        if self.route is None:
            return None
        return "esketamine" if self.route == "nasal" else "ketamine"
