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


def load_house(clinic: Clinic, language: str, today: date) -> House:
    """Read what papers in a language share. Raises ContentError with file and line."""
    library = clinic.library
    furniture = load_furniture(library, language)
    clinic = clinic.speaking(language)
    if clinic.names.crisis is None:
        clinic = replace(clinic, names=clinic.names.model_copy(update={"crisis": furniture.crisis_line}))
    return House(clinic, language, load_ledger(library), furniture, Templates(library), today)
