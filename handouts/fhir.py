"""What a hospital's system exports: a Patient of FHIR R4, or a Bundle with the day's appointments, as bookings.

Read by hand. The usual models accept any word where the standard has a list of codes, so the lists are here; each is
from the required bindings of FHIR R4 (4.0.1). A message says where and which element; it tells nothing of a person.
"""

from __future__ import annotations

import json
import json.scanner
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from handouts.errors import HandoutError, IntakeError, Origin, nearest

_GENDER = ("male", "female", "other", "unknown")
_NAME_USE = ("usual", "official", "temp", "nickname", "anonymous", "old", "maiden")
_APPOINTMENT = (
    *("proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow", "entered-in-error"),
    *("checked-in", "waitlist"),
)
_NO_VISIT = {"cancelled", "noshow", "entered-in-error"}
_NOT_BOOKED = {"proposed", "pending", "waitlist"}
_PARTICIPANT = ("accepted", "declined", "tentative", "needs-action")
_CLINICAL = ("active", "recurrence", "relapse", "inactive", "remission", "resolved")
# A depression in remission is still what somebody is treated for: it stays.
_NO_CONDITION = {"inactive", "resolved"}
_VERIFICATION = ("unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error")
_NOT_TRUE = {"refuted", "entered-in-error"}
_REQUEST = ("active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown")
# On hold and unknown stay: what somebody may be taking is told rather than forgotten.
_NOT_TAKEN = {"cancelled", "completed", "entered-in-error", "stopped", "draft"}
_INTENT = (
    *("proposal", "plan", "order", "original-order", "reflex-order", "filler-order", "instance-order", "option"),
)
_BUNDLE = (
    *("document", "message", "transaction", "transaction-response", "batch", "batch-response", "history"),
    *("searchset", "collection"),
)
_BUNDLES_READ = ("searchset", "collection")
_READ = ("Patient", "Appointment", "Condition", "MedicationRequest")
# These are looked up when another resource points to them.
_POINTED_TO = {"Medication", "Practitioner", "PractitionerRole"}

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])"
_INSTANT = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:\.[0-9]+)?{_ZONE}")
_TYPE = re.compile(r"[A-Z][A-Za-z]{2,40}")
_VERSION = re.compile(r"/_history/[^/]+$")
_UTC = "Times in UTC (ending in Z) are shown on this computer's clock: see on one paper that they are right."
_ICD_10 = re.compile(r"http://hl7\.org/fhir/sid/icd-10(-[a-z]+)?")


class Located(dict[str, Any]):
    """An object of a JSON file, with the line on which it begins."""

    line: int = 1
    key_twice: bool = False


@dataclass(frozen=True, repr=False)
class Booking:
    """One visit of one person, under the names of a schedule's columns. The `repr` shows only the place."""

    origin: Origin
    facts: Mapping[str, object]

    def __repr__(self) -> str:
        return f"<the booking of {self.origin}>"


@dataclass(frozen=True)
class Bookings:
    """What a file of FHIR holds. `scheduled` says whether it has appointments, and so can say what the visit is."""

    bookings: tuple[Booking, ...]
    problems: tuple[HandoutError, ...]
    told: tuple[str, ...]
    left_out: int
    scheduled: bool


def read_json(text: str, path: Path) -> Any:
    """The value of a JSON text; its objects are `Located`, its numbers are texts as written (007 and 1.50 stay).

    Raises IntakeError for a text that is not JSON, and for an object that has a key twice: one would be lost.
    """
    try:
        return _Decoder(text).decode(text)
    except json.JSONDecodeError as problem:
        raise IntakeError(
            f"This is not valid JSON: {problem.msg}", "Export the file again.", Origin(path, problem.lineno)
        ) from None
    except RecursionError:
        raise IntakeError(
            "This is not valid JSON: it is nested too deeply", "Export the file again.", Origin(path, 1)
        ) from None


def read_fhir(resource: Located, path: Path) -> Bookings:
    """The bookings of a Patient or a Bundle. Raises IntakeError for any other resource, or any other bundle."""
    reading = _Reading(path)
    match resource.get("resourceType"):
        case "Patient":
            entries: list[tuple[str | None, Located]] = [(None, resource)]
        case "Bundle":
            entries = reading.entries(resource)
        case _:
            raise IntakeError(
                "“resourceType” is neither Patient nor Bundle",
                "Export a Patient, or a Bundle of type collection or searchset.",
                Origin(path, resource.line),
            )
    return reading.bookings(entries)


class _Decoder(json.JSONDecoder):
    """Python's own decoder, in its version that is written in Python: that one can be asked for places."""

    def __init__(self, text: str) -> None:
        super().__init__(strict=False, parse_int=str, parse_float=str, object_pairs_hook=_located)
        ends = [at for at, letter in enumerate(text) if letter == "\n"]
        whole: Any = json.decoder.JSONObject  # type: ignore[attr-defined]

        def placed(start: tuple[str, int], *more: Any) -> tuple[Located, int]:
            value, end = whole(start, *more)
            value.line = bisect_right(ends, start[1] - 1) + 1
            if value.key_twice:
                raise json.JSONDecodeError("an object has the same key twice", text, start[1])
            return value, end

        self.parse_object = placed
        self.scan_once = json.scanner.py_make_scanner(self)  # type: ignore[attr-defined]


def _located(pairs: list[tuple[str, Any]]) -> Located:
    value = Located(pairs)
    value.key_twice = len(value) < len(pairs)
    return value


class _Reading:
    """One file while it is read: what was found wrong so far, and which resource is where."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[HandoutError] = []
        self.told: list[str] = []
        self.by_url: dict[str, Located] = {}
        self.by_id: dict[str, list[Located]] = defaultdict(list)
        self.url_of: dict[int, str] = {}
        self.patients: set[int] = set()
        self.seen: set[int] = set()

    # What stands in an element, or a problem

    def fault(self, at: Located, problem: str, remedy: str = "Mend it in the record, and export again.") -> None:
        self.problems.append(IntakeError(problem, remedy, Origin(self.path, at.line)))

    def objects(self, at: Located, key: str, name: str) -> list[Located]:
        """The objects of a list; none if the key is missing."""
        value = at.get(key)
        if value is None:
            return []
        if isinstance(value, list) and all(isinstance(item, Located) for item in value):
            return value
        self.fault(at, f"“{name}.{key}” is not a list of objects")
        return []

    def member(self, at: Located, key: str, name: str) -> Located:
        """One object; an empty one if the key is missing."""
        value = at.get(key)
        if value is None or isinstance(value, Located):
            return Located() if value is None else value
        self.fault(at, f"“{name}.{key}” is not an object")
        return Located()

    def text(self, at: Located, key: str, name: str) -> str:
        """A text; empty if the key is missing."""
        value = at.get(key)
        if value is None or isinstance(value, str):
            return (value or "").strip()
        self.fault(at, f"“{name}.{key}” is not a text")
        return ""

    def code(self, at: Located, key: str, name: str, known: Collection[str], needed: bool = True) -> str:
        """A code that the standard requires to be one of a list. What is not in the list comes back as empty."""
        if at.get(key) is None:
            if needed:
                self.fault(at, f"“{name}.{key}” is missing", f"It is one of: {', '.join(known)}.")
            return ""
        value = self.text(at, key, name)
        if value in known:
            return value
        if isinstance(at[key], str):
            self.fault(at, f"“{name}.{key}” is none of the codes of FHIR R4", nearest(value, known))
        return ""

    def concept_code(self, at: Located, key: str, name: str, known: Collection[str]) -> str:
        """The same, for a code inside a CodeableConcept that need not be there at all."""
        if at.get(key) is None:
            return ""
        concept = self.member(at, key, name)
        codings = [row for row in self.objects(concept, "coding", f"{name}.{key}") if row.get("code") is not None]
        if not codings:
            self.fault(concept if concept else at, f"“{name}.{key}” has no code", f"It is one of: {', '.join(known)}.")
            return ""
        return self.code(codings[0], "code", f"{name}.{key}.coding", known)

    def concept(self, at: Located, name: str) -> list[str]:
        """What a CodeableConcept says, the best first: its text, then the words and codes of its codings."""
        codings = self.objects(at, "coding", name)
        found = [self.text(at, "text", name)]
        found += [self.text(coding, "display", f"{name}.coding") for coding in codings]
        found += [self.text(coding, "code", f"{name}.coding") for coding in codings]
        return [word for word in found if word]

    def day(self, at: Located, key: str, name: str) -> date | None:
        """A whole day. A year, or a year and a month, are allowed by the standard, but no day: None."""
        written = self.text(at, key, name)
        found = _DATE.fullmatch(written)
        try:
            if written and found is None:
                raise ValueError
            if found is None:
                return None
            year, month, day = (int(part or 1) for part in found.groups())
            whole = date(year, month, day)
        except ValueError:
            self.fault(at, f"“{name}.{key}” is not a date of FHIR", "It is written as 2026-11-22.")
            return None
        return whole if found[3] else None

    def moment(self, at: Located, key: str, name: str) -> datetime | None:
        """A moment, on the clock of the place where it was written. The standard wants the seconds and the zone."""
        written = self.text(at, key, name)
        if not written:
            return None
        try:
            if not _INSTANT.fullmatch(written):
                raise ValueError
            return datetime.fromisoformat(written)
        except ValueError:
            self.fault(at, f"“{name}.{key}” is not a moment of FHIR", "It is written as 2026-11-22T09:30:00-05:00.")
            return None

    def on_our_clock(self, at: Located, key: str, name: str) -> datetime | None:
        """The same as people read it: as written, or on this computer's clock if it is written in UTC."""
        moment = self.moment(at, key, name)
        if moment is None or not str(at[key]).strip().endswith("Z"):
            return moment
        if _UTC not in self.told:
            self.told.append(_UTC)
        try:
            return moment.astimezone()
        except (OverflowError, OSError, ValueError):  # the first day of the year 1, west of Greenwich
            self.fault(at, f"“{name}.{key}” is not a moment of our time", "See the date in the record.")
            return None

    # Which resource is meant

    def entries(self, bundle: Located) -> list[tuple[str | None, Located]]:
        """The resources of a bundle with their addresses. Raises IntakeError for a bundle that is not of our kinds."""
        kind = bundle.get("type")
        if kind not in _BUNDLES_READ:
            known = isinstance(kind, str) and kind in _BUNDLE
            raise IntakeError(
                f"“Bundle.type” is {'a kind that is not read here' if known else 'none of the codes of FHIR R4'}",
                "Export a Bundle of type collection or searchset.",
                Origin(self.path, bundle.line),
            )
        found: list[tuple[str | None, Located]] = []
        for entry in self.objects(bundle, "entry", "Bundle"):
            resource = entry.get("resource")
            kind = resource.get("resourceType") if isinstance(resource, Located) else None
            if not isinstance(resource, Located) or not isinstance(kind, str) or not _TYPE.fullmatch(kind):
                self.fault(entry, "An entry of the Bundle holds no resource with a resourceType")
                continue
            found.append((self.text(entry, "fullUrl", "Bundle.entry") or None, resource))
        return found

    def index(self, entries: list[tuple[str | None, Located]]) -> list[Located]:
        """The resources, each once, so that references find them. Two that differ must not share an address."""
        resources = []
        for url, resource in entries:
            identity = self.text(resource, "id", str(resource["resourceType"]))
            if url and url in self.by_url:
                if self.by_url[url] != resource:
                    self.fault(resource, "Two different resources of the Bundle have the same fullUrl")
                continue
            name = f"{resource['resourceType']}/{identity}"
            if not url and identity and resource in self.by_id[name]:
                continue
            if url:
                self.by_url[url] = resource
                self.url_of[id(resource)] = url
            if identity:
                self.by_id[name].append(resource)
            resources.append(resource)
        return resources

    def target(self, reference: Located, holder: Located) -> Located | None:
        """The resource that a Reference points to, if it is in the file and there is no doubt which it is."""
        written = _VERSION.sub("", self.text(reference, "reference", "Reference"))
        if not written:
            return None
        if written.startswith("#"):
            inside = self.objects(holder, "contained", str(holder["resourceType"]))
            return next((one for one in inside if one.get("id") == written[1:]), None)
        if written in self.by_url:
            return self.by_url[written]
        if ":" not in written:
            # Relative to the server that the pointing resource came from.
            own = self.url_of.get(id(holder), "")
            base = own.removesuffix(f"{holder['resourceType']}/{holder.get('id')}")
            if base != own and base + written in self.by_url:
                return self.by_url[base + written]
            found = self.by_id.get(written, [])
        else:
            # The same number on another server may be another person: only resources without an address of their own.
            short = "/".join(written.split("/")[-2:])
            found = [one for one in self.by_id.get(short, []) if id(one) not in self.url_of]
        return found[0] if len(found) == 1 else None

    # What the resources say

    def bookings(self, entries: list[tuple[str | None, Located]]) -> Bookings:
        resources = self.index(entries)
        by_type: dict[str, list[Located]] = defaultdict(list)
        for resource in resources:
            by_type[resource["resourceType"]].append(resource)
        people: dict[int, dict[str, object]] = {}
        bad: set[int] = set()
        for person in by_type["Patient"]:
            before = len(self.problems)
            self.patients.add(id(person))
            people[id(person)] = self.person(person)
            if len(self.problems) > before:
                bad.add(id(person))
        for kind, column, read in (
            ("Condition", "condition", self.condition),
            ("MedicationRequest", "medicines", self.medicine),
        ):
            for resource in by_type[kind]:
                before = len(self.problems)
                words = read(resource)
                who = self.subject(resource)
                if who is not None:
                    people[id(who)][column] = (*_words(people[id(who)].get(column)), *words)
                if who is not None and len(self.problems) > before:
                    bad.add(id(who))  # a paper that forgets a medicine is worse than none
        appointments = by_type["Appointment"]
        visits, left_out = self.visits(appointments)
        found = [
            Booking(Origin(self.path, visit.line), {**people[visit.who], **visit.facts, "visits": whens})
            for visit, whens in _with_later_ones(visits)
            if visit.who not in bad
        ]
        if not appointments:
            found = [
                Booking(Origin(self.path, person.line), people[id(person)])
                for person in by_type["Patient"]
                if id(person) not in bad
            ]
        elif idle := len(self.patients - self.seen):
            self.told.append(f"Patients of the file without an appointment in it: {idle}.")
        others = Counter(
            kind for kind in (one["resourceType"] for one in resources) if kind not in {*_READ, *_POINTED_TO}
        )
        if others:
            self.told.append(f"Not read: {', '.join(f'{kind} ({count})' for kind, count in sorted(others.items()))}.")
        if not by_type["Patient"] and not appointments and not self.problems:
            raise IntakeError("The Bundle holds no Patient", "Export the patients with it.", Origin(self.path, 1))
        return Bookings(tuple(found), tuple(self.problems), tuple(self.told), left_out, bool(appointments))

    def person(self, at: Located) -> dict[str, object]:
        """The columns that a Patient fills."""
        self.code(at, "gender", "Patient", _GENDER, needed=False)
        if at.get("deceasedDateTime") is not None or at.get("deceasedBoolean") is True:
            self.fault(at, "“Patient.deceased” is set", "See in the record whether a paper is wanted at all.")
        born = self.day(at, "birthDate", "Patient")
        if at.get("birthDate") is not None and born is None:
            self.told.append(f"{Origin(self.path, at.line)}: “Patient.birthDate” is not a whole date; it is left out.")
        facts: dict[str, object] = {"reference": self.reference_of(at), "born": born, **self.names(at)}
        spoken = self.objects(at, "communication", "Patient")
        chosen = next((row for row in spoken if row.get("preferred") is True), spoken[0] if spoken else None)
        if chosen is not None:
            concept = self.member(chosen, "language", "Patient.communication")
            codes = [
                self.text(row, "code", "Patient.communication.language.coding")
                for row in self.objects(concept, "coding", "Patient.communication.language")
            ]
            words = [code for code in codes if code] or self.concept(concept, "Patient.communication.language")
            if not words:
                self.fault(chosen, "“Patient.communication.language” is missing", "It has a code such as en or es.")
            facts["language"] = words[0] if words else None
        return facts

    def reference_of(self, at: Located) -> str:
        """The medical record number; else the first identifier with a value; else the resource's own id."""
        rows = [
            row for row in self.objects(at, "identifier", "Patient") if self.text(row, "value", "Patient.identifier")
        ]
        rows = [row for row in rows if row.get("use") != "old"]

        def is_record_number(row: Located) -> bool:
            codings = self.objects(self.member(row, "type", "Patient.identifier"), "coding", "Patient.identifier.type")
            return any(coding.get("code") == "MR" for coding in codings)

        rows.sort(key=lambda row: not is_record_number(row))
        return self.text(rows[0], "value", "Patient.identifier") if rows else self.text(at, "id", "Patient")

    def names(self, at: Located) -> dict[str, object]:
        """The official or usual name, and what the person is called: the nickname, or the given name of the usual."""
        rows = self.objects(at, "name", "Patient")
        by_use: dict[str, list[Located]] = defaultdict(list)
        for row in rows:
            use = self.code(row, "use", "Patient.name", _NAME_USE, needed=False)
            ended = self.member(row, "period", "Patient.name").get("end") is not None
            if not ended:
                by_use[use].append(row)
        named = [*by_use["official"], *by_use["usual"], *by_use[""], *by_use["temp"]]
        facts: dict[str, object] = {"name": self.name(named[0]) if named else ""}
        if nick := by_use["nickname"]:
            facts["preferred_name"] = self.text(nick[0], "text", "Patient.name") or " ".join(self.given(nick[0]))
        elif usual := by_use["usual"]:
            facts["preferred_name"] = next(iter(self.given(usual[0])), "")
        return facts

    def name(self, row: Located) -> str:
        """A name in full: its text, else the given names and the family name."""
        parts = [*self.given(row), self.text(row, "family", "name")]
        return self.text(row, "text", "name") or " ".join(filter(None, parts))

    def given(self, row: Located) -> list[str]:
        value = row.get("given", [])
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return [part.strip() for part in value if part.strip()]
        self.fault(row, "“name.given” is not a list of texts")
        return []

    def subject(self, at: Located) -> Located | None:
        name = at["resourceType"]
        who = self.target(self.member(at, "subject", name), at)
        if who is None or id(who) not in self.patients:
            self.fault(at, f"“{name}.subject” points to no Patient of the file", "Export the patient with it.")
            return None
        return who

    def condition(self, at: Located) -> list[str]:
        """A condition in words, and its ICD-10 code; nothing for one that is over, or never was."""
        clinical = self.concept_code(at, "clinicalStatus", "Condition", _CLINICAL)
        verified = self.concept_code(at, "verificationStatus", "Condition", _VERIFICATION)
        for key in ("onsetDateTime", "abatementDateTime", "recordedDate"):
            self.dated(at, key, "Condition")
        if clinical in _NO_CONDITION or verified in _NOT_TRUE:
            return []
        concept = self.member(at, "code", "Condition")
        words = self.concept(concept, "Condition.code")
        icd = [
            self.text(coding, "code", "Condition.code.coding")
            for coding in self.objects(concept, "coding", "Condition.code")
            if _ICD_10.fullmatch(str(coding.get("system")))
        ]
        if not words:
            self.fault(at, "“Condition.code” is missing")
        return list(dict.fromkeys([*words[:1], *filter(None, icd)]))

    def medicine(self, at: Located) -> list[str]:
        """A medicine in words; nothing for one that is not taken, or not to be given."""
        status = self.code(at, "status", "MedicationRequest", _REQUEST)
        self.code(at, "intent", "MedicationRequest", _INTENT)
        self.dated(at, "authoredOn", "MedicationRequest")
        if status in _NOT_TAKEN or at.get("doNotPerform") is True:
            return []
        ways = [key for key in ("medicationCodeableConcept", "medicationReference") if at.get(key) is not None]
        if len(ways) != 1:
            self.fault(at, "“MedicationRequest.medication” is needed, in one of its two forms")
            return []
        value = self.member(at, ways[0], "MedicationRequest")
        words = self.concept(value, "MedicationRequest.medicationCodeableConcept") if "Concept" in ways[0] else []
        if "Reference" in ways[0]:
            medicine = self.target(value, at)
            if medicine is not None and medicine.get("resourceType") == "Medication":
                words = self.concept(self.member(medicine, "code", "Medication"), "Medication.code")
            words = words or [word for word in (self.text(value, "display", "Reference"),) if word]
        if not words:
            self.fault(at, "“MedicationRequest.medication” names no medicine of the file")
        return words[:1]

    def dated(self, at: Located, key: str, name: str) -> None:
        """See that a date, or a date with a time, is one."""
        read = self.moment if "T" in str(at.get(key)) else self.day
        read(at, key, name)

    def visits(self, appointments: list[Located]) -> tuple[list[_Visit], int]:
        """Each visit that takes place, and how many appointments are left out."""
        left_out = 0
        not_booked = 0
        found: list[_Visit] = []
        for at in appointments:
            before = len(self.problems)
            status = self.code(at, "status", "Appointment", _APPOINTMENT)
            people, clinician, declined = self.participants(at)
            self.seen.update(id(person) for person in (*people, *declined))
            if status in _NO_VISIT:
                left_out += 1
                del self.problems[before:]  # nothing is printed for it
                continue
            start = self.on_our_clock(at, "start", "Appointment")
            end = self.moment(at, "end", "Appointment")
            if (at.get("start") is None) != (at.get("end") is None):
                self.fault(at, "“Appointment.start” and “Appointment.end” go together")
            elif start is None and at.get("start") is None and status not in {"proposed", "waitlist"}:
                self.fault(at, "“Appointment.start” is missing")
            elif start is not None and end is not None and end < start:
                self.fault(at, "“Appointment.end” is before its start")
            if not people and not declined and len(self.problems) == before:
                self.fault(at, "“Appointment.participant” has no Patient", "Export the patient with it.")
            facts = {"visit_type": self.visit_type(at), "note": self.text(at, "patientInstruction", "Appointment")}
            if len(self.problems) > before:
                continue
            left_out += not people
            not_booked += status in _NOT_BOOKED
            when: dict[str, object] = {"clinician": clinician}
            if start is not None:
                when |= {"date": start.date(), "time": start.time().replace(second=0, microsecond=0)}
            found += [_Visit(id(person), at.line, facts, when, start) for person in people]
        if not_booked:
            self.told.append(f"Appointments that are not booked yet (proposed, pending, waitlist), kept: {not_booked}.")
        return found, left_out

    def participants(self, at: Located) -> tuple[list[Located], str, list[Located]]:
        """Who comes, whom they see, and who has declined."""
        rows = self.objects(at, "participant", "Appointment")
        if not rows and at.get("participant") in (None, []):
            self.fault(at, "“Appointment.participant” is missing")
        people: list[Located] = []
        declined: list[Located] = []
        clinicians: list[str] = []
        for row in rows:
            status = self.code(row, "status", "Appointment.participant", _PARTICIPANT)
            if row.get("actor") is None:
                if row.get("type") is None:
                    self.fault(row, "“Appointment.participant” has neither an actor nor a type")
                continue
            actor = self.member(row, "actor", "Appointment.participant")
            target = self.target(actor, at)
            kind = target["resourceType"] if target is not None and "resourceType" in target else self.kind(actor)
            if kind == "Patient":
                if target is None or id(target) not in self.patients:
                    self.fault(
                        row, "“Appointment.participant.actor” is no Patient of the file", "Export the patient with it."
                    )
                else:
                    chosen = declined if status == "declined" else people
                    chosen.extend([target] if all(target is not other for other in chosen) else [])
            elif kind == "Practitioner" and status != "declined":
                shown = self.text(actor, "display", "Reference")
                names = self.objects(target, "name", "Practitioner") if target is not None else []
                clinicians.append(shown or (self.name(names[0]) if names else ""))
        return people, next(filter(None, clinicians), ""), declined

    def kind(self, actor: Located) -> str:
        """The type that a Reference says itself."""
        said = self.text(actor, "type", "Reference")
        parts = _VERSION.sub("", self.text(actor, "reference", "Reference")).split("/")
        return said or (parts[-2] if len(parts) > 1 else "")

    def visit_type(self, at: Located) -> str:
        """What kind of visit it is, in the words or the code of the appointment: its service, else its type."""
        services = self.objects(at, "serviceType", "Appointment")
        concepts = [self.concept(row, "Appointment.serviceType") for row in services]
        concepts.append(self.concept(self.member(at, "appointmentType", "Appointment"), "Appointment.appointmentType"))
        return next((words[0] for words in concepts if words), "")


@dataclass(frozen=True, repr=False)
class _Visit:
    """One person's appointment: whose (by identity), its line, the columns it fills, and when it is."""

    who: int
    line: int
    facts: Mapping[str, object]
    when: Mapping[str, object]
    start: datetime | None


def _with_later_ones(visits: list[_Visit]) -> Iterator[tuple[_Visit, tuple[Mapping[str, object], ...]]]:
    """Each visit in the order of the file, with when it is, and when the later ones of the same person are."""
    of_person: dict[int, list[_Visit]] = defaultdict(list)
    for visit in visits:
        of_person[visit.who].append(visit)
    for visit in visits:
        later = [
            (other.start, other.when)
            for other in of_person[visit.who]
            if visit.start is not None and other.start is not None and other.start > visit.start
        ]
        yield visit, (visit.when, *(when for _, when in sorted(later, key=lambda pair: pair[0])))


def _words(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()
