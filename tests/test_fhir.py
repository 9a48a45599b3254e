"""What a hospital's system exports becomes bookings; a code that the standard does not have is a problem."""

import copy
import json
import time as clock
from collections.abc import Callable, Iterator
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handouts.errors import HandoutError, IntakeError
from handouts.intake import Intake, read_patients
from handouts.patient import Visit

BUNDLE = Path(__file__).parent.parent / "docs" / "examples" / "fhir-bundle.json"
MONDAY = date(2026, 11, 23)
Resources = dict[str, Any]


@pytest.fixture
def example() -> dict[str, Any]:
    """The bundle of the documentation, to be changed."""
    return dict(json.loads(BUNDLE.read_text(encoding="utf-8")))


def named(bundle: dict[str, Any]) -> Resources:
    """Its resources: patient, may, first, second, third, condition, medicine."""
    names = ("patient", "may", "first", "second", "third", "condition", "medicine")
    return dict(zip(names, (entry["resource"] for entry in bundle["entry"]), strict=True))


def read(folder: Path, value: object) -> Intake:
    path = folder / "day.json"
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")
    return read_patients(path)


def references(intake: Intake) -> list[str]:
    return [patient.reference for patient in intake.patients]


def test_bundle_of_the_documentation() -> None:
    intake = read_patients(BUNDLE)
    first, second = intake.patients
    assert (first.reference, first.name, first.preferred_name) == ("A-1001", "Sample Patient", "Sam")
    assert (first.born, first.language, first.visit_type) == (date(1980, 5, 31), "en", "first-infusion")
    assert first.visits == (Visit(MONDAY, time(9, 30), "Dr. Example"),)
    assert first.conditions == ("Major depressive disorder", "F33.2")
    assert first.medicines == ("Lorazepam 1 mg tablet",)
    assert first.note == "Bring the **blue folder**, please."
    assert (second.name, second.preferred_name, second.language) == ("May Example", "May", "es")
    assert (second.visit_type, second.visits) == ("later-infusion", (Visit(MONDAY, time(10, 15)),))
    assert intake.left_out == 1
    lines = BUNDLE.read_text(encoding="utf-8").splitlines()
    assert first.origin.line is not None
    assert '"resourceType": "Appointment"' in lines[first.origin.line]


def test_patient_alone_needs_no_visit(example: dict[str, Any], tmp_path: Path) -> None:
    intake = read(tmp_path, named(example)["may"])
    assert [(patient.name, patient.visits, patient.visit_type) for patient in intake.patients] == [
        ("May Example", (), None)
    ]


Change = Callable[[Resources], object]
CODES: dict[str, tuple[Change, str]] = {
    "gender": (lambda r: r["patient"].update(gender="banana"), "Patient.gender"),
    "use": (lambda r: r["patient"]["name"][0].update(use="stage"), "Patient.name.use"),
    "status": (lambda r: r["first"].update(status="nonsense"), "Appointment.status"),
    "status-case": (lambda r: r["first"].update(status="Booked"), "Appointment.status"),
    "status-none": (lambda r: r["first"].pop("status"), "Appointment.status"),
    "participant": (lambda r: r["first"]["participant"][0].update(status="yes"), "Appointment.participant.status"),
    "participant-none": (lambda r: r["first"]["participant"][0].pop("status"), "Appointment.participant.status"),
    "no-participant": (lambda r: r["first"].pop("participant"), "Appointment.participant"),
    "medicine": (lambda r: r["medicine"].update(status="current"), "MedicationRequest.status"),
    "intent": (lambda r: r["medicine"].update(intent="wish"), "MedicationRequest.intent"),
    "intent-none": (lambda r: r["medicine"].pop("intent"), "MedicationRequest.intent"),
    "two-medicines": (lambda r: r["medicine"].update(medicationReference={"display": "x"}), "medication"),
    "clinical": (
        lambda r: r["condition"]["clinicalStatus"]["coding"][0].update(code="bad"),
        "Condition.clinicalStatus.coding.code",
    ),
    "clinical-text": (lambda r: r["condition"].update(clinicalStatus={"text": "active"}), "Condition.clinicalStatus"),
    "verification": (
        lambda r: r["condition"].update(verificationStatus={"coding": [{"code": "sure"}]}),
        "Condition.verificationStatus",
    ),
    "born": (lambda r: r["patient"].update(birthDate="1980-02-30"), "Patient.birthDate"),
    "born-us": (lambda r: r["patient"].update(birthDate="5/31/1980"), "Patient.birthDate"),
    "start": (lambda r: r["first"].update(start="2026-11-31T09:30:00-05:00"), "Appointment.start"),
    "start-zone": (lambda r: r["first"].update(start="2026-11-23T09:30:00"), "Appointment.start"),
    "no-end": (lambda r: r["first"].pop("end"), "Appointment.end"),
    "end-first": (lambda r: r["first"].update(end="2026-11-23T08:00:00-05:00"), "Appointment.end"),
    "authored": (lambda r: r["medicine"].update(authoredOn="2026-13-01"), "MedicationRequest.authoredOn"),
    "onset": (lambda r: r["condition"].update(onsetDateTime="last year"), "Condition.onsetDateTime"),
    "died": (lambda r: r["patient"].update(deceasedDateTime="2026-11-01"), "Patient.deceased"),
    "name": (lambda r: r["patient"].update(name={"text": "Sample Patient"}), "Patient.name"),
    "given": (lambda r: r["patient"]["name"][0].update(given="Sample"), "name.given"),
    "language": (lambda r: r["patient"].update(communication=[{"preferred": True}]), "Patient.communication.language"),
}


@pytest.mark.parametrize("case", CODES)
def test_what_the_standard_does_not_allow(case: str, example: dict[str, Any], tmp_path: Path) -> None:
    """The person of that resource gets no paper; the others do, and the message tells no fact of a person."""
    change, element = CODES[case]
    change(named(example))
    intake = read(tmp_path, example)
    assert references(intake) == ["A-1002"]
    said = str(intake.problems[0])
    assert element in said
    assert not any(word in said for word in ("banana", "nonsense", "1980", "Sample", "Major", "F33", "Lorazepam"))


@pytest.mark.parametrize("status", ["cancelled", "noshow", "entered-in-error"])
def test_appointments_that_are_left_out(status: str, example: dict[str, Any], tmp_path: Path) -> None:
    named(example)["first"]["status"] = status
    intake = read(tmp_path, example)
    assert (references(intake), intake.left_out) == (["A-1002"], 2)
    assert intake.told == ("Patients of the file without an appointment in it: 1.",) or not intake.told


def test_who_declined_is_left_out(example: dict[str, Any], tmp_path: Path) -> None:
    named(example)["first"]["participant"][0]["status"] = "declined"
    intake = read(tmp_path, example)
    assert (references(intake), intake.left_out) == (["A-1002"], 2)


@pytest.mark.parametrize("status", ["stopped", "completed", "cancelled", "entered-in-error", "draft"])
def test_medicines_not_taken(status: str, example: dict[str, Any], tmp_path: Path) -> None:
    named(example)["medicine"]["status"] = status
    assert read(tmp_path, example).patients[0].medicines == ()


@pytest.mark.parametrize(("status", "kept"), [("resolved", 0), ("inactive", 0), ("remission", 2), ("relapse", 2)])
def test_conditions_that_are_over(status: str, kept: int, example: dict[str, Any], tmp_path: Path) -> None:
    named(example)["condition"]["clinicalStatus"]["coding"][0]["code"] = status
    assert len(read(tmp_path, example).patients[0].conditions) == kept


@pytest.mark.parametrize("status", ["refuted", "entered-in-error"])
def test_conditions_that_never_were(status: str, example: dict[str, Any], tmp_path: Path) -> None:
    named(example)["condition"]["verificationStatus"] = {"coding": [{"code": status}]}
    assert read(tmp_path, example).patients[0].conditions == ()


def test_medicine_by_reference(example: dict[str, Any], tmp_path: Path) -> None:
    medicine = named(example)["medicine"]
    del medicine["medicationCodeableConcept"]
    medicine["medicationReference"] = {"reference": "#m"}
    medicine["contained"] = [{"resourceType": "Medication", "id": "m", "code": {"coding": [{"display": "Example"}]}}]
    assert read(tmp_path, example).patients[0].medicines == ("Example",)
    medicine["medicationReference"] = {"reference": "Medication/none"}
    assert "names no medicine" in str(read(tmp_path, example).problems[0])


# References


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/may",
        "https://records.example.org/fhir/Patient/may",
        "https://records.example.org/fhir/Patient/may/_history/3",
        "Patient/may/_history/3",
    ],
)
def test_references(reference: str, example: dict[str, Any], tmp_path: Path) -> None:
    named(example)["second"]["participant"][0]["actor"]["reference"] = reference
    assert references(read(tmp_path, example)) == ["A-1001", "A-1002"]


@pytest.mark.parametrize("reference", ["Patient/none", "https://other.example.org/fhir/Patient/may", "#x", "Group/1"])
def test_references_to_nobody(reference: str, example: dict[str, Any], tmp_path: Path) -> None:
    named(example)["second"]["participant"][0]["actor"]["reference"] = reference
    intake = read(tmp_path, example)
    assert references(intake) == ["A-1001"]
    assert "Patient" in str(intake.problems[0])


def test_same_number_on_two_servers(example: dict[str, Any], tmp_path: Path) -> None:
    """A relative reference means the server of who points; the namesake there is another person."""
    other = copy.deepcopy(example["entry"][1])
    other["fullUrl"] = "https://other.example.org/fhir/Patient/may"
    other["resource"]["identifier"][0]["value"] = "B-1"
    example["entry"].insert(0, other)
    assert references(read(tmp_path, example)) == ["A-1001", "A-1002"]
    del example["entry"][4]["fullUrl"]  # now nobody knows which of the two is meant
    intake = read(tmp_path, example)
    assert references(intake) == ["A-1001"]
    assert "is no Patient of the file" in str(intake.problems[0])


def test_two_people_under_one_address(example: dict[str, Any], tmp_path: Path) -> None:
    example["entry"].append(copy.deepcopy(example["entry"][1]))
    assert references(read(tmp_path, example)) == ["A-1001", "A-1002"], "the very same resource twice is no harm"
    example["entry"][-1]["resource"]["name"][0]["given"] = ["Hope"]
    assert "have the same fullUrl" in str(read(tmp_path, example).problems[0])


def test_later_visits_come_along(example: dict[str, Any], tmp_path: Path) -> None:
    later = copy.deepcopy(example["entry"][3])
    later["fullUrl"] += "-later"
    later["resource"] |= {"id": "9", "start": "2026-11-26T08:00:00-05:00", "end": "2026-11-26T09:00:00-05:00"}
    example["entry"].insert(0, later)
    _, second = (patient for patient in read(tmp_path, example).patients if patient.reference == "A-1002")
    assert second.visits == (Visit(MONDAY, time(10, 15)), Visit(date(2026, 11, 26), time(8)))


def test_same_person_twice_a_day_is_a_problem(example: dict[str, Any], tmp_path: Path) -> None:
    named(example)["third"].update(status="booked", serviceType=[{"text": "Nasal"}])
    named(example)["third"]["participant"][0]["status"] = "accepted"
    intake = read(tmp_path, example)
    assert references(intake) == ["A-1001"]
    assert ["The same reference stands on line" in str(problem) for problem in intake.problems] == [True, True]


# Names, languages, times


def test_names_in_parts(example: dict[str, Any], tmp_path: Path) -> None:
    may = named(example)["may"]
    may["name"] = [
        {"use": "old", "text": "Former Example"},
        {"use": "official", "family": "Example", "given": ["Maybelle", "Q."]},
        {"use": "usual", "family": "Example", "given": ["May"]},
        {"use": "nickname", "text": "Gone", "period": {"end": "2020-01-01"}},
    ]
    patient = read(tmp_path, example).patients[1]
    assert (patient.name, patient.preferred_name) == ("Maybelle Q. Example", "May")


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/New_York")
    clock.tzset()
    yield
    monkeypatch.undo()
    clock.tzset()


@pytest.mark.usefixtures("in_new_york")
def test_times_in_utc_are_shown_on_our_clock(example: dict[str, Any], tmp_path: Path) -> None:
    named(example)["first"].update(start="2026-11-24T02:30:00Z", end="2026-11-24T03:30:00Z")
    intake = read(tmp_path, example)
    assert intake.patients[0].visits[0] == Visit(MONDAY, time(21, 30), "Dr. Example")
    assert "UTC" in intake.told[0]


def test_what_is_not_read_is_told(example: dict[str, Any], tmp_path: Path) -> None:
    example["entry"] += [{"resource": {"resourceType": "Encounter"}}, {"resource": {"resourceType": "Practitioner"}}]
    named_before = example["entry"][0]["resource"]
    named_before["birthDate"] = "1980"
    intake = read(tmp_path, example)
    assert intake.patients[0].born is None
    assert "“Patient.birthDate” is not a whole date" in intake.told[0]
    assert intake.told[1] == "Not read: Encounter (1)."


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"resourceType": "Observation"}, "neither Patient nor Bundle"),
        ({"resourceType": "Bundle"}, "none of the codes"),
        ({"resourceType": "Bundle", "type": "banana"}, "none of the codes"),
        ({"resourceType": "Bundle", "type": "transaction"}, "not read here"),
        ({"resourceType": "Bundle", "type": "searchset"}, "holds no Patient"),
    ],
)
def test_other_resources(value: dict[str, object], said: str, tmp_path: Path) -> None:
    with pytest.raises(IntakeError) as caught:
        read(tmp_path, value)
    assert said in str(caught.value)


# Whatever stands in it

wild = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats()
values = st.recursive(
    scalars | st.sampled_from(["Patient/may", "#x", "2026-11-23", "0001-01-01T00:00:00Z", "cancelled"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


def places(value: object) -> Iterator[tuple[Any, Any]]:
    """Everything inside a value that can be replaced."""
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(rows):
        yield value, key
        yield from places(inner)


@wild
@given(st.data())
def test_any_element_may_be_anything(tmp_path: Path, data: st.DataObject) -> None:
    """Nothing but our own errors, and each appointment is a booking, a problem, or left out."""
    bundle = json.loads(BUNDLE.read_text(encoding="utf-8"))
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(list(places(bundle))))
        holder[key] = data.draw(values)
    try:
        intake = read(tmp_path, bundle)
    except HandoutError as error:
        assert str(error)
    else:
        entries = bundle["entry"] if isinstance(bundle["entry"], list) else []
        booked = [row for row in entries if "Appointment" in str(row)]
        assert intake.problems or len(intake.patients) + intake.left_out >= len(booked)
        assert all(problem.where and problem.where.line for problem in intake.problems)
