"""Who signed a text, and whether it is still the text they signed. Signatures stand in the clinic folder.

A signature holds a hash of the words that patients read: the handout with its building blocks, the safety texts and
sources of the ledger that it prints, and the words of the page itself. The clinic's own rules and contact lines are not
in it: `[protocol]` names who approved those. Drawings are not in it either, only what is said about them.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from handouts.clinic import SIGN_OFFS, Clinic, load_clinic
from handouts.content import Listing, load_handout
from handouts.delivery import write_whole
from handouts.errors import ClinicError, DeliveryError, Origin, RequestError
from handouts.handout import Handout, Review, Signature, said
from handouts.house import House, load_house
from handouts.library import SOURCE_LANGUAGE, is_file, sample_clinic
from handouts.prose import citations
from handouts.reading import read_toml, validated

_HEAD = """\
# Written by `handouts sign-off`. Each entry is one signature under exactly the text with that hash.
# To take a signature back, delete its entry.
"""
# Words about the review itself, and patterns that are filled with numbers and dates.
_NOT_SIGNED = {
    *("draft", "translation_draft", "translation_stale", "reviewed", "review_was_due"),
    *("updated", "months", "page_of", "day", "language_name", "two_languages"),
    *("together", "personal"),  # no words of a handout
}


@dataclass(frozen=True)
class Translator:
    """Who compared a translation with the English, and what makes them able to."""

    name: str
    qualification: str

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.qualification.strip():
            raise RequestError("The translator's name or qualification is empty", "Write both.")
        if not _can_be_written(self.name + self.qualification):
            raise RequestError(
                "The translator's name or qualification holds a sign that no file can hold", "Type it again."
            )


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Annotated[str, Field(min_length=1)]
    on: date
    next_review: date
    language: str
    edition: str
    text_sha256: str
    translator: Annotated[str | None, Field(min_length=1)] = None
    qualification: Annotated[str | None, Field(min_length=1)] = None


class _SignOffFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    signed: tuple[_Entry, ...] = ()  # none is left where the last signature was taken back


def review_of(handout: Handout, house: House) -> Review:
    """Whether somebody has signed exactly this text, and whether its next review is due.

    Raises ClinicError, with file and line, for a file of signatures that cannot be read.
    """
    path = _path(house.clinic, handout)
    if not is_file(path):
        return Review("draft")
    entries = validated(read_toml(path, ClinicError), _SignOffFile, ClinicError).signed
    if not entries:
        return Review("draft")
    words = words_hash(handout, house)
    latest = next((entry for entry in reversed(entries) if entry.text_sha256 == words), None)
    if latest is None:
        return Review("changed", _signature(entries[-1]))
    return Review("overdue" if latest.next_review < house.today else "signed", _signature(latest))


def reviews_of(folder: Path, listings: tuple[Listing, ...], today: date) -> tuple[Mapping[str, Review], ...]:
    """The reviews of listed handouts, by language. Reads a text only if there is a signature for it."""
    houses: dict[str, House] = {}

    def review(slug: str, language: str) -> Review:
        if not is_file(_file(folder, slug, language)):
            return Review("draft")
        if language not in houses:
            houses[language] = load_house(load_clinic(folder, language), language, today)
        house = houses[language]
        return review_of(load_handout(house.clinic.library, slug, language), house)

    return tuple({language: review(row.slug, language) for language in row.languages} for row in listings)


def sign_off_command(handout: Handout) -> str:
    """What to type to sign a handout, for messages."""
    language = handout.edition.language
    if language == SOURCE_LANGUAGE:
        return f"handouts sign-off {handout.slug} --by NAME"
    return f"handouts sign-off {handout.slug} --language {language} --by NAME --translator NAME --qualification TEXT"


def sign(handout: Handout, house: House, by: str, next_review: date, translator: Translator | None = None) -> Path:
    """Add a signature under the text as it is today, and say in which file.

    A translation is signed by whoever answers for the text, and names the qualified `translator` who compared it.

    Raises RequestError if it makes no sense, ClinicError for the sample clinic, DeliveryError if the file cannot be
    written; earlier signatures are then still there.
    """
    clinic, on, name = house.clinic, house.today, " ".join(by.split())
    if not name:
        raise RequestError("The name of who signs is empty", 'Write it: --by "Name, role".')
    if not _can_be_written(name):
        raise RequestError("The name of who signs holds a sign that no file can hold", "Type it again.")
    if next_review <= on:
        raise RequestError(f"The next review ({next_review}) is not after {on}", "Choose a later day.")
    if clinic.folder.resolve() == sample_clinic().resolve():
        raise ClinicError(
            "The sample clinic is invented, and nobody can sign for it",
            f"Copy it (cp -r {sample_clinic()} my-clinic), make it yours, and add --clinic my-clinic.",
            Origin(clinic.folder),
        )
    if (translator is None) != (handout.edition.language == SOURCE_LANGUAGE):
        raise RequestError(
            "A translation is signed with its translator, and only a translation",
            'For example: --translator NAME --qualification "certified medical translator".',
        )
    path = _path(clinic, handout)
    if is_file(path):
        validated(read_toml(path, ClinicError), _SignOffFile, ClinicError)
        before = path.read_text(encoding="utf-8").rstrip() + "\n"
    else:
        before = _HEAD
    entry: dict[str, str | date] = {
        "by": name,
        "on": on,
        "next_review": next_review,
        "language": handout.edition.language,
        "edition": f"{handout.edition.code} {handout.edition.version}",
        "text_sha256": words_hash(handout, house),
    }
    if translator is not None:
        entry |= {"translator": translator.name, "qualification": translator.qualification}
    lines = "".join(f"{key} = {_toml(value)}\n" for key, value in entry.items())
    try:
        path.parent.mkdir(exist_ok=True)
        write_whole(path, f"{before}\n[[signed]]\n{lines}".encode())
    except OSError as problem:
        raise DeliveryError(
            f"The signature cannot be written ({problem.strerror})", "Mend the folder's rights.", Origin(path)
        ) from None
    return path


def words_hash(handout: Handout, house: House) -> str:
    """A hash (SHA-256) of the words that a patient reads in a handout, all forms of it alike."""
    digest = hashlib.sha256()
    for words in _words(handout, house):
        digest.update(words.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def _words(handout: Handout, house: House) -> Iterator[str]:
    ledger = house.ledger
    yield handout.edition.language
    spoken = list(said(handout))
    yield from spoken
    carried = {item for section in handout.sections for item in section.carried}
    for item in sorted(carried & ledger.safety.keys()):
        yield ledger.safety[item].text
    # The marks of strength and the list of sources are words on the page too.
    cited = {reference for words in spoken for reference in citations(words)} | carried
    for reference in sorted(cited):
        evidence = ledger.look_up(reference)
        if evidence is not None:
            yield f"{reference} {evidence.strength} {evidence.contested}"
            for source in evidence.sources:
                yield " ".join(str(part) for part in (source.names, source.heading, source.journal, source.year))
    yield json.dumps(house.furniture.model_dump(exclude=_NOT_SIGNED), ensure_ascii=False, sort_keys=True)


def _signature(entry: _Entry) -> Signature:
    return Signature(
        entry.by,
        entry.on,
        entry.next_review,
        entry.language,
        entry.text_sha256,
        entry.translator,
        entry.qualification,
    )


def _path(clinic: Clinic, handout: Handout) -> Path:
    return _file(clinic.folder, handout.slug, handout.edition.language)


def _can_be_written(name: str) -> bool:
    return not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in name)


def _file(folder: Path, slug: str, language: str) -> Path:
    return folder / SIGN_OFFS / f"{slug}-{language}.toml"


def _toml(value: str | date) -> str:
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)
