"""What all papers of a clinic in one language share: read once, however many papers are made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from handouts.clinic import Clinic
from handouts.evidence import Ledger, load_ledger
from handouts.furniture import Furniture, load_furniture
from handouts.templating import Templates


@dataclass(frozen=True)
class House:
    """A clinic with the ledger, the words of the page in one language, the templates, and the day it is."""

    clinic: Clinic
    language: str
    ledger: Ledger
    furniture: Furniture
    templates: Templates
    today: date


class Houses:
    """The houses of one clinic on one day, each language read once. They may travel to another process, and are read
    again there: templates do not travel.
    """

    def __init__(self, clinic: Clinic, today: date) -> None:
        self.clinic = clinic
        self.today = today
        self._houses: dict[str, House] = {}

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_houses": {}}

    def speaking(self, language: str) -> House:
        """Raises ContentError with file and line, if what papers in a language share is not right."""
        if language not in self._houses:
            templates = next((house.templates for house in self._houses.values()), None)
            self._houses[language] = load_house(self.clinic, language, self.today, templates)
        return self._houses[language]


def load_house(clinic: Clinic, language: str, today: date, templates: Templates | None = None) -> House:
    """Read what papers in a language share. `templates` are the clinic's, if some were compiled before.

    Raises ContentError with file and line.
    """
    library = clinic.library
    furniture = load_furniture(library, language)
    clinic = clinic.speaking(language)
    if clinic.names.crisis is None:
        clinic = replace(clinic, names=clinic.names.model_copy(update={"crisis": furniture.crisis_line}))
    return House(clinic, language, load_ledger(library), furniture, templates or Templates(library), today)
