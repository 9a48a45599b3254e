"""A clinic's own rules in words: what fills a blank such as `((stay after ketamine))`, and what may not be looser.

What differs from clinic to clinic is never written into a text. It stands in `clinic.toml` with the person who approved
it; the ledger says what it may not fall short of (`ledger/floors.yaml`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from handouts.clinic import Clinic
from handouts.errors import ClinicError, ContentError, HandoutError, Origin, nearest
from handouts.evidence import Floor, Ledger
from handouts.furniture import Furniture

TABLE = "protocol"
# Where a text speaks of both medicines at once: the longer of the two times.
_LONGER_OF_BOTH = {"no driving": "no_driving_hours", "stay": "stay_hours"}
_MEDICINE_RULES = {
    "no food before": "no_food_hours",
    "no drink before": "no_drink_hours",
    "stay after": "stay_hours",
    "no driving after": "no_driving_hours",
}
# Each blank and the key below [protocol] that fills it.
BLANKS = {
    f"{words} {medicine}": f"{medicine}.{key}"
    for medicine in ("ketamine", "esketamine")
    for words, key in _MEDICINE_RULES.items()
} | {
    **{blank: f"ketamine.{key}" for blank, key in _LONGER_OF_BOTH.items()},
    "after hours": "after_hours",
    "who takes you home": "leaves_with",
    "protocol approved by": "approved_by",
    "protocol in force from": "in_force_from",
}


def rule_in_words(clinic: Clinic, furniture: Furniture, blank: str, today: date) -> str:
    """What a blank of the protocol is filled with, such as “8 hours”.

    Raises ClinicError, naming the key, if the clinic has no such rule, or if its rules are not in force yet.
    """
    key = BLANKS[blank]
    protocol = clinic.protocol
    if protocol is not None and protocol.in_force_from > today:
        raise ClinicError(
            f"The clinic's rules are in force only from {protocol.in_force_from}, and this handout prints them",
            f"Wait until then, or mend `in_force_from` under [{TABLE}].",
            clinic.where(TABLE, "in_force_from"),
        )
    value = None if protocol is None else protocol.value(key)
    if blank in _LONGER_OF_BOTH and isinstance(value, float) and protocol is not None:
        key = f"esketamine.{_LONGER_OF_BOTH[blank]}"
        other = protocol.value(key)
        value = max(value, other) if isinstance(other, float) else None
    if value is None:
        raise ClinicError(
            f"The handout needs the clinic's rule `{TABLE}.{key}`, and there is none",
            "Add the key to clinic.toml, with the value that your medical director approved. There is no default.",
            clinic.where(TABLE, *key.split(".")),
        )
    if isinstance(value, date):
        return furniture.whole_date(value)
    if isinstance(value, float):
        return furniture.duration(value)
    return furniture.leaves_with[value] if key == "leaves_with" else value


def looser_than_allowed(clinic: Clinic, ledger: Ledger) -> Iterator[HandoutError]:
    """Each rule of the clinic that falls short of a safety text of the ledger, and each floor for no rule there is."""
    if clinic.protocol is None:
        return
    for floor in ledger.floors:
        if floor.key not in BLANKS.values():
            path = clinic.library.find("content", "ledger/floors.yaml")
            yield ContentError(
                f"There is no rule `{TABLE}.{floor.key}` that could have a floor",
                nearest(floor.key, BLANKS.values()),
                Origin(path) if path else None,
            )
            continue
        value = clinic.protocol.value(floor.key)
        if value is not None and _falls_short(value, floor):
            yield ClinicError(
                f"`{TABLE}.{floor.key}` is {_plain(value)}, looser than the ledger allows ({_wanted(floor)}): "
                f"{_source(floor, ledger)}",
                f"Write {_wanted(floor)}, or stricter.",
                clinic.where(TABLE, *floor.key.split(".")),
            )


def _falls_short(value: object, floor: Floor) -> bool:
    if floor.at_least is not None:
        return isinstance(value, float) and value < floor.at_least
    return value not in floor.one_of


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else f"“{value}”"


def _wanted(floor: Floor) -> str:
    if floor.at_least is not None:
        return f"{floor.at_least:g} or more"
    return " or ".join(f"“{word}”" for word in floor.one_of)


def _source(floor: Floor, ledger: Ledger) -> str:
    text = ledger.safety.get(floor.safety)
    if text is None:
        return f"safety text {floor.safety}"
    sources = ", ".join(ledger.sources[key].short for key in text.sources)
    return f"“{text.text}” (safety text {floor.safety}; {sources})"
