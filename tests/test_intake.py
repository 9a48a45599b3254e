"""A schedule becomes patients, or problems with their lines; nobody is lost, and no message tells who somebody is."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handouts.errors import HandoutError, IntakeError, RequestError, SeveralErrors
from handouts.intake import COLUMNS, Intake, on_day, read_patients
from handouts.patient import Patient, Visit

EXAMPLES = Path(__file__).parent.parent / "docs" / "examples"
HEAD = "reference,name,visit_type"
MAY = "reference: 1\nname: May Example\nvisit_type: x\n"
TODAY = date(2026, 11, 22)
MONDAY = date(2026, 11, 23)
wild = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)


def read(folder: Path, text: str | bytes, name: str = "day.csv", **options: bool) -> Intake:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_patients(path, **options)


def table(folder: Path, rows: Sequence[Sequence[object]], name: str = "day.xlsx") -> Intake:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    book.save(folder / name)
    return read_patients(folder / name)


def one(folder: Path, column: str, cell: str) -> Patient:
    """The patient of a row with one more cell."""
    intake = with_cell(folder, column, cell)
    assert not intake.problems, str(intake.problems[0])
    return intake.patients[0]


def with_cell(folder: Path, column: str, cell: str) -> Intake:
    cells = {"reference": "A-1", "name": "Sample Patient", "visit_type": "nasal", column: cell}
    written = io.StringIO()
    csv.writer(written).writerows([cells.keys(), cells.values()])
    return read(folder, written.getvalue())


def fault(folder: Path, column: str, cell: str) -> str:
    """The one problem of that row; nobody is made of it."""
    intake = with_cell(folder, column, cell)
    (problem,) = intake.problems
    assert not intake.patients
    assert isinstance(problem, IntakeError)
    assert problem.where is not None
    assert problem.where.line == 2
    return str(problem)


# The examples of the documentation


def facts(patient: Patient) -> dict[str, object]:
    return {key: value for key, value in vars(patient).items() if key != "origin"}


def test_examples_are_read_without_a_problem() -> None:
    files = sorted(EXAMPLES.iterdir())
    assert len(files) == 6
    for path in files:
        intake = read_patients(path)
        assert intake.patients, path
        assert (intake.problems, intake.told) == ((), ()), path


def test_csv_and_excel_examples_say_the_same() -> None:
    text, workbook = (read_patients(EXAMPLES / name) for name in ("schedule.csv", "schedule.xlsx"))
    assert [facts(patient) for patient in text.patients] == [facts(patient) for patient in workbook.patients]
    assert [patient.origin.line for patient in workbook.patients] == [2, 3, 4]
    assert text.left_out == workbook.left_out == 1


def test_every_column_arrives() -> None:
    first, second, third = read_patients(EXAMPLES / "schedule.csv").patients
    assert facts(first) == {
        "reference": "A-1001",
        "name": "Sample Patient",
        "preferred_name": "Sam",
        "born": date(1980, 5, 31),
        "language": "en",
        "large_print": False,
        "route": "infusion",
        "conditions": ("depression",),
        "visit_type": "first-infusion",
        "handouts": (),
        "visits": (Visit(MONDAY, time(9, 30), "Dr. Example"),),
        "medicines": ("sertraline", "lorazepam"),
        "include": (),
        "exclude": ("spiritual",),
        "note": "Bring the **blue folder**, please.",
    }
    assert (second.language, second.large_print, third.route) == ("es", True, "nasal")


# What a cell means


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-11-22", date(2026, 11, 22)),
        ("11/22/2026", date(2026, 11, 22)),
        ("11/22/26", date(2026, 11, 22)),
        ("1/2/2026", date(2026, 1, 2)),
        ("02/03/2026", date(2026, 2, 3)),
        ("2026-11-22 00:00:00", date(2026, 11, 22)),
    ],
)
def test_dates(cell: str, day: date, tmp_path: Path) -> None:
    assert one(tmp_path, "visit_date", cell).visits == (Visit(day),)


@pytest.mark.parametrize(
    "cell", ["22/11/2026", "2026-02-30", "11/22", "2206-13-01", "١١/٢٢/٢٠٢٦", "2026-11-22T09:30", "0026-11-22"]
)
def test_impossible_dates(cell: str, tmp_path: Path) -> None:
    said = fault(tmp_path, "visit_date", cell)
    assert "“visit_date” is not a date" in said
    assert "the month before the day" in said


def test_a_bad_date_is_shown_but_a_birth_date_is_not(tmp_path: Path) -> None:
    assert "“31/12/2026”" in fault(tmp_path, "visit_date", "31/12/2026")
    assert "1961" not in fault(tmp_path, "visit_date", "31/12/1961"), "a birth date in the wrong column"
    assert "1961" not in fault(tmp_path, "born", "31/12/1961")
    assert "Placeholder" not in fault(tmp_path, "visit_date", "Hope Placeholder")


def test_year_of_birth_has_four_digits(tmp_path: Path) -> None:
    assert "in four digits" in fault(tmp_path, "born", "3/4/61")
    assert one(tmp_path, "born", "3/4/1961").born == date(1961, 3, 4)


def test_nobody_is_born_after_the_visit(tmp_path: Path) -> None:
    intake = read(tmp_path, f"{HEAD},born,visit_date\nA-1,May Example,x,2026-11-24,2026-11-23\n")
    assert [str(problem.problem) for problem in intake.problems] == ["“born” is after the visit"]


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        ("9:30", time(9, 30)),
        ("9:30 am", time(9, 30)),
        ("9:30PM", time(21, 30)),
        ("9:30 p. m.", time(21, 30)),
        ("14:05", time(14, 5)),
        ("0930", time(9, 30)),
        ("930", time(9, 30)),
        ("1405", time(14, 5)),
        ("9 am", time(9)),
        ("12:00 am", time(0)),
        ("12:15 pm", time(12, 15)),
        ("09:30:00", time(9, 30)),
    ],
)
def test_times(cell: str, at: time, tmp_path: Path) -> None:
    assert one(tmp_path, "visit_time", cell).visits == (Visit(at=at),)


@pytest.mark.parametrize("cell", ["24:00", "9:60", "14:05 pm", "0:30 am", "9", "morning", "9:3"])
def test_impossible_times(cell: str, tmp_path: Path) -> None:
    assert "“visit_time” is not a time" in fault(tmp_path, "visit_time", cell)


@pytest.mark.parametrize("cell", ["yes", "TRUE", "1", "sí", "x", "Large"])
def test_large_print(cell: str, tmp_path: Path) -> None:
    assert one(tmp_path, "large_print", cell).large_print


@pytest.mark.parametrize("cell", ["", "no", "False", "0"])
def test_no_large_print(cell: str, tmp_path: Path) -> None:
    assert not one(tmp_path, "large_print", cell).large_print


@pytest.mark.parametrize(
    ("cell", "code"), [("", "en"), ("ES", "es"), ("es-MX", "es"), ("en_US", "en"), ("Spanish", "es"), ("Español", "es")]
)
def test_languages(cell: str, code: str, tmp_path: Path) -> None:
    assert one(tmp_path, "language", cell).language == code


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("route", "infusionn", "Did you mean “infusion”?"),
        ("route", "Hope Placeholder", "There is: "),
        ("large_print", "Hope Placeholder", "Write yes or no"),
        ("language", "Hope Placeholder", "such as en or es"),
        ("name", "12345", "is not a name"),
        ("name", "#REF!", "error of a formula"),
        ("clinician", "9:30", "is not a name"),
        ("reference", "—", "no number or word"),
    ],
)
def test_words_that_are_not_known_are_not_repeated(column: str, cell: str, said: str, tmp_path: Path) -> None:
    message = fault(tmp_path, column, cell)
    assert f"day.csv:2: “{column}” " in message
    assert said in message
    assert "Hope" not in message


def test_lists_in_a_cell(tmp_path: Path) -> None:
    assert one(tmp_path, "medicines", " a ; b;; a\nc ").medicines == ("a", "b", "c")
    assert one(tmp_path, "handouts", "Day of treatment;biological").handouts == ("day-of-treatment", "biological")
    assert one(tmp_path, "visit_type", "First infusion").visit_type == "first-infusion"


@pytest.mark.parametrize(
    "note",
    [
        "=cmd|' /C calc'!A0",
        "<script>alert(1)</script>",
        "{{ name }} ((blank)) [@claim]",
        "one\n\n- two\n- three",
        "🙂 👩‍⚕️ ünï 中文",
        '"quoted", and; more',
    ],
)
def test_text_stays_as_given(note: str, tmp_path: Path) -> None:
    assert one(tmp_path, "note", note).note == note


@pytest.mark.parametrize("name", ["O'Brien & Sons <b>", "=cmd|x", "Søren Übung", "李 小 龍", "می‌خواهم", "علي"])
def test_names_stay_as_given(name: str, tmp_path: Path) -> None:
    assert one(tmp_path, "name", name).name == name


@pytest.mark.parametrize("sign", ["\0", "\u202e", "\u2066", "\u2028", "\x1b", "\x85", "\ufffd", "\n", "\u2060"])
def test_control_characters_in_a_name(sign: str, tmp_path: Path) -> None:
    message = fault(tmp_path, "name", f"Sample{sign}Patient")
    assert "“name” holds a control character" in message
    assert "Sample" not in message


@pytest.mark.parametrize("sign", ["\0", "\u202e"])
def test_control_characters_in_a_note(sign: str, tmp_path: Path) -> None:
    assert "control character" in fault(tmp_path, "note", f"a{sign}b")


@pytest.mark.parametrize(("column", "limit"), [("name", 200), ("note", 5000), ("reference", 200)])
def test_limits(column: str, limit: int, tmp_path: Path) -> None:
    assert getattr(one(tmp_path, column, "a" * limit), column) == "a" * limit
    assert f"holds 10,000 characters. Shorten it to {limit:,}" in fault(tmp_path, column, "a" * 10_000)


# Tables


def test_columns_in_any_order_and_case(tmp_path: Path) -> None:
    text = "\n  \nVisit Type; NAME ;Preferred-Name;Shoe size;Reference;Shoe size\nnasal;May Example;May;38;7;39\n"
    intake = read(tmp_path, text)
    (patient,) = intake.patients
    assert (patient.visit_type, patient.name, patient.called, patient.reference) == ("nasal", "May Example", "May", "7")
    assert patient.origin.line == 4
    assert intake.told == ("Columns that are not known, and were not read: “Shoe size”.",)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_kinds_of_csv(delimiter: str, end: str, tmp_path: Path) -> None:
    lines = [delimiter.join(cells) for cells in (("reference", "name", "handouts"), ("007", '"Hope\tP., x;y"', "a"))]
    intake = read(tmp_path, "\ufeff" + end.join([*lines, "", ""]))
    if delimiter == "\t":
        assert intake.problems, "a tab is no part of a name"
    else:
        assert "control character" in str(intake.problems[0])
    intake = read(tmp_path, "\ufeff" + end.join([*lines, "", ""]).replace("Hope\tP", "Hope P"))
    assert [(patient.reference, patient.name) for patient in intake.patients] == [("007", "Hope P., x;y")]


def test_csv_of_windows(tmp_path: Path) -> None:
    intake = read(tmp_path, f"{HEAD}\n1,Zoë Muñoz Example,nasal\n".encode("cp1252"))
    assert intake.patients[0].name == "Zoë Muñoz Example"
    assert "cp1252" in intake.told[0]
    utf_16 = read(tmp_path, f"{HEAD}\n1,Zoë Example,nasal\n".encode("utf-16"))
    assert utf_16.patients[0].name == "Zoë Example"
    assert read(tmp_path, f"sep=;\n{HEAD}\n1;x;y\n".replace(",", ";")).patients[0].name == "x"


def test_csv_in_two_encodings_would_garble_names(tmp_path: Path) -> None:
    content = f"{HEAD}\n1,Zoë Example,nasal\n".encode() + "2,Muñoz Example,nasal\n".encode("cp1252")
    with pytest.raises(IntakeError, match=r"day\.csv:3: The line is not UTF-8"):
        read(tmp_path, content)


def test_who_is_cancelled_is_left_out_and_counted(tmp_path: Path) -> None:
    words = ["Cancelled", "canceled", "no-show", "No show", "noshow", "NO_SHOW", "", "booked", "moved"]
    rows = [f"{at},Sample Patient,nasal,{word}" for at, word in enumerate(words)]
    intake = read(tmp_path, "\n".join([f"{HEAD},status", *rows]))
    assert [patient.reference for patient in intake.patients] == ["6", "7", "8"]
    assert intake.left_out == 6
    assert intake.told == ("Rows whose status is not a known one, kept: line 10.",)


def test_what_is_needed(tmp_path: Path) -> None:
    intake = read(tmp_path, f"{HEAD},handouts\n,x,a,\n1,,a,\n2,x,,\n3,x,,a\n4,x,a,\n")
    assert [patient.reference for patient in intake.patients] == ["3", "4"]
    assert [str(problem).partition(": ")[2] for problem in intake.problems] == [
        "“reference” is empty. Fill it in.",
        "“name” is empty. Fill it in.",
        "“visit_type” and “handouts” are both empty. Fill in one of them.",
    ]
    assert len(read(tmp_path, "reference,name,handouts\n2,x,\n", kit_needed=False).patients) == 1


def test_missing_columns_do_not_show_the_first_row(tmp_path: Path) -> None:
    with pytest.raises(IntakeError) as caught:
        read(tmp_path, "A-1,Hope Placeholder,1961-03-04\n")
    assert "no column “reference”, “name”, “visit_type” (or “handouts”)" in str(caught.value)
    assert "Hope" not in str(caught.value)
    with pytest.raises(IntakeError, match="“name” is there twice"):
        read(tmp_path, f"{HEAD},Name\n")


def test_all_problems_of_a_file_at_once(tmp_path: Path) -> None:
    rows = ["1,Sample Patient,nasal,30/30/2026,swimming", "2,May Example,nasal", "", "3,Test Person,nasal,,,,more"]
    intake = read(tmp_path, "\n".join([f"{HEAD},visit_date,route", *rows, "4,Hope Placeholder,nasal,,,,"]))
    assert [problem.where.line for problem in intake.problems if problem.where] == [2, 2, 3, 5]
    assert [patient.reference for patient in intake.patients] == ["4"], "empty cells at the end are no harm"
    said = " ".join(map(str, intake.problems))
    assert not any(word in said for word in ("Sample", "Patient", "May", "Test", "swimming"))


def test_an_open_quote_swallows_nobody(tmp_path: Path) -> None:
    rows = [
        '1,"Sample Patient,nasal,x',
        "2,May Example,nasal,y",
        '3,Hope Placeholder,nasal,"z"',
        "4,Test Person,nasal,",
    ]
    intake = read(tmp_path, "\n".join([f"{HEAD},note", *rows]))
    assert [patient.reference for patient in intake.patients] == ["2", "3", "4"]
    assert [problem.where.line for problem in intake.problems if problem.where] == [2]


def test_a_quote_that_closes_in_another_row_swallows_nobody(tmp_path: Path) -> None:
    rows = ['1,Sample Patient,nasal,"x', "2,May Example,nasal,y", '3,Hope Placeholder,"nasal",z']
    intake = read(tmp_path, "\n".join([f"{HEAD},note", *rows]))
    assert [patient.reference for patient in intake.patients] == ["2", "3"]
    assert [problem.where.line for problem in intake.problems if problem.where] == [2]


@pytest.mark.parametrize(
    ("first", "second", "lines"),
    [
        ('1,Sample Patient,nasal,"x', '2,May Example,nasal,y",z', [2, 3]),
        ('1,Sample Patient,nasal,"x', 'B,May Example,nasal,y",z', [2, 3]),
        ('1,Sample Patient,nasal,"x', '2,May Example,nasal,5"', [2]),
        ('1,"Sample Patient,nasal,x', '2,May Example",nasal,y', [2]),
    ],
)
def test_nobody_is_inside_another_row(first: str, second: str, lines: list[int], tmp_path: Path) -> None:
    """Whatever the quotes are, the note of one person is not the row of the next."""
    intake = read(tmp_path, "\n".join([f"{HEAD},note", first, second, "3,Test Person,nasal,"]))
    assert [problem.where.line for problem in intake.problems if problem.where] == lines
    assert len(intake.patients) + len(intake.problems) == 3
    assert not any("May" in patient.note for patient in intake.patients)


def test_a_note_of_several_lines_is_one(tmp_path: Path) -> None:
    note = "Bring, please:\n- water, a coat, a hat, and shoes\n2 mg, or 4 mg, or 6, or 8"
    assert one(tmp_path, "note", note).note == note


def test_same_reference_twice(tmp_path: Path) -> None:
    rows = ["1,May Example,a,2026-11-23", "2,Hope Placeholder,a,2026-11-23", "1,may  example,b,11/23/2026"]
    intake = read(tmp_path, "\n".join([f"{HEAD},visit_date", *rows, "2,Hope Placeholder,a,2026-11-24"]))
    assert [patient.origin.line for patient in intake.patients] == [3, 5], "another day is another visit"
    first, second = map(str, intake.problems)
    assert "day.csv:2: The same reference stands on line 4 too, for the same day" in first
    assert "day.csv:4: The same reference stands on line 2 too" in second
    other = read(tmp_path, f"{HEAD},visit_date\na1,May Example,a,2026-11-23\nA1,Hope Placeholder,a,2026-11-24\n")
    assert not other.patients
    assert "under another name" in str(other.problems[0])
    assert "Hope" not in str(other.problems)


# Excel


def test_real_cells_of_excel(tmp_path: Path) -> None:
    head: list[object] = ["Reference", "name", "born", "visit_date", "visit time", "large print", "visit_type", None]
    rows: list[list[object]] = [
        head,
        [1001.0, "May Example", datetime(1961, 3, 4), datetime(2026, 11, 23), time(9, 30), True, "nasal"],
        [],
        [1002, "Hope Placeholder", date(1970, 1, 2), "11/23/26", 0.59375, False, "nasal"],
        [1003, "Test Person", None, None, 1405, None, "nasal"],
    ]
    intake = table(tmp_path, rows)
    assert not intake.problems, str(intake.problems)
    first, second, third = intake.patients
    assert (first.reference, first.born, first.large_print) == ("1001", date(1961, 3, 4), True)
    assert first.visits == (Visit(MONDAY, time(9, 30)),)
    assert second.visits == (Visit(MONDAY, time(14, 15)),)
    assert third.visits == (Visit(at=time(14, 5)),)
    assert [patient.origin.line for patient in intake.patients] == [2, 4, 5]


def test_names_that_excel_made_dates_of(tmp_path: Path) -> None:
    intake = table(tmp_path, [HEAD.split(","), [1, date(2026, 5, 1), "nasal"], [date(2026, 5, 1), "x", "nasal"]])
    assert ["“name” is not a name" in str(problem) for problem in intake.problems] == [True, False]
    assert "“reference” is no number" in str(intake.problems[1])


def test_formula_without_a_result(tmp_path: Path) -> None:
    intake = table(tmp_path, [HEAD.split(","), [1, '=CONCATENATE("May ","Example")', "nasal"], [2, "x", "nasal"]])
    assert [patient.reference for patient in intake.patients] == ["2"]
    assert "day.xlsx:2: A formula in the row has no result" in str(intake.problems[0])


def test_sheet_with_the_columns_is_found(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.append(["Notes of the front desk"])
    book.create_sheet("day").append(HEAD.split(","))
    book["day"].append([1, "May Example", "nasal"])
    book.save(tmp_path / "two.xlsx")
    intake = read_patients(tmp_path / "two.xlsx")
    assert len(intake.patients) == 1
    assert intake.told == ("Only one sheet of the workbook was read, number 2.",)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no", b"\xd0\xcf\x11\xe0 a password"])
def test_workbook_that_is_none(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="not an Excel workbook"):
        read(tmp_path, content, "day.xlsx")


# YAML and JSON


def test_yaml_is_read_as_typed(tmp_path: Path) -> None:
    text = "- reference: 0012\n  name: May Example\n  visit_type: x\n  visit_time: 9:30\n  large-print: No\n  born: ~\n"
    (patient,) = read(tmp_path, text + "\n", "day.yaml").patients
    assert (patient.reference, patient.visits, patient.large_print) == ("0012", (Visit(at=time(9, 30)),), False)
    values = json.dumps([{"reference": 7, "name": "May Example", "handouts": ["a;b", "c"], "large_print": True}])
    (patient,) = read(tmp_path, values, "day.json").patients
    assert (patient.reference, patient.handouts, patient.large_print) == ("7", ("a-b", "c"), True)


def test_visits_are_in_order(tmp_path: Path) -> None:
    text = f"{MAY}visits:\n- date: 2026-11-30\n- {{date: 2026-11-23, time: 8 am}}\n"
    (patient,) = read(tmp_path, text, "may.yml").patients
    assert patient.visits == (Visit(MONDAY, time(8)), Visit(date(2026, 11, 30)))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.yaml", "reference: 1\nname: May: Example\n", "a.yaml:2: This is not valid YAML"),
        ("a.yaml", "[" * 100_000, "a.yaml:1: This is not valid YAML: it is nested too deeply"),
        ("a.yaml", "reference: 1\nname: May\0Example\n", "a.yaml:2: This is not valid YAML: a control character"),
        ("a.yaml", "", "The file is empty"),
        ("a.json", "[]", "The file is empty"),
        ("a.json", '{"reference": 1,\n "name": May}', "a.json:2: This is not valid JSON"),
        ("a.json", "[" * 100_000, "nested too deeply"),
        ("a.json", '{"name": "May Example",\n "name": "Hope"}', "the same key twice"),
    ],
)
def test_files_that_are_not_valid(name: str, text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(IntakeError) as caught:
        read(tmp_path, text, name)
    assert said in str(caught.value)
    assert "May" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- reference: 1\n  name: {a: b}\n", 2),
        ("- reference: 1\n  name: x\n  visit_type: y\n  Visit type: z\n", 1),
        ("- reference: 1\n  reference: 2\n", 2),
        ("- reference: 1\n  ? [a]\n  : b\n", 2),
        ("- x\n", 1),
        ("- &a [*a]\n", 1),
        ("- reference: 1\n  handouts: &a [*a]\n", 2),
        ("- colour: blue\n", 1),
    ],
)
def test_yaml_that_is_no_patient(text: str, line: int, tmp_path: Path) -> None:
    (problem,) = read(tmp_path, text, "a.yaml").problems
    assert problem.where is not None
    assert problem.where.line == line


def test_visits_that_are_none(tmp_path: Path) -> None:
    start = f"{MAY}visits: "
    for visits, said in (
        ("soon", "“visits” is not a list of visits"),
        ("[{day: 2026-11-23}]", "“visits.1” has a key that is not known"),
        ("[{date: 2026-11-23}, {date: 2026-13-23}]", "“visits.2.date” is not a date: “2026-13-23”"),
    ):
        assert said in str(read(tmp_path, start + visits, "a.yaml").problems[0])


def test_kinds_of_file(tmp_path: Path) -> None:
    for name in ("day.xls", "day", "day.pdf"):
        with pytest.raises(RequestError, match=r"\.csv, \.xlsx"):
            read(tmp_path, "", name)
    with pytest.raises(RequestError, match="cannot be read"):
        read_patients(tmp_path / "none.csv")
    with pytest.raises(IntakeError, match="The file is empty"):
        read(tmp_path, "\n\n")


# The day


def schedule(folder: Path, *days: str) -> Intake:
    rows = [f"{at},Sample Patient,nasal,{day}" for at, day in enumerate(days)]
    return read(folder, "\n".join([f"{HEAD},visit_date", *rows]))


def test_the_only_day_of_the_file(tmp_path: Path) -> None:
    day, intake = on_day(schedule(tmp_path, "2026-11-23", "2026-11-23"), None, TODAY)
    assert (day, len(intake.patients), intake.told) == (MONDAY, 2, ())


def test_today_among_several(tmp_path: Path) -> None:
    day, intake = on_day(schedule(tmp_path, "2026-11-22", "2026-11-23", "2026-11-24"), None, TODAY)
    assert (day, [patient.reference for patient in intake.patients]) == (TODAY, ["0"])
    assert intake.told == ("Rows for other days, not for 2026-11-22: 2 (2026-11-23, 2026-11-24).",)


def test_several_days_without_today(tmp_path: Path) -> None:
    with pytest.raises(RequestError) as caught:
        on_day(schedule(tmp_path, "2026-11-23", "2026-11-24"), None, TODAY)
    assert "2026-11-23, 2026-11-24" in str(caught.value)
    assert on_day(schedule(tmp_path, "2026-11-23", "2026-11-24"), MONDAY, TODAY)[0] == MONDAY
    with pytest.raises(RequestError, match="Nobody in the file comes on 2026-12-01"):
        on_day(schedule(tmp_path, "2026-11-23"), date(2026, 12, 1), TODAY)
    with pytest.raises(SeveralErrors) as several:
        on_day(schedule(tmp_path, "2026-11-23", "2026-11-24", "2026-11-31"), None, TODAY)
    assert len(several.value.errors) == 2


def test_a_file_without_days_is_for_the_day_asked(tmp_path: Path) -> None:
    assert on_day(schedule(tmp_path, "", ""), None, TODAY)[0] == TODAY
    day, intake = on_day(schedule(tmp_path, "", ""), MONDAY, TODAY)
    assert (day, len(intake.patients)) == (MONDAY, 2)


def test_a_row_without_a_day_among_others_is_a_problem(tmp_path: Path) -> None:
    _, intake = on_day(schedule(tmp_path, "2026-11-23", ""), None, TODAY)
    assert len(intake.patients) == 1
    assert "day.csv:3: The row has no date" in str(intake.problems[0])


def test_a_bad_row_may_be_of_the_day_asked(tmp_path: Path) -> None:
    _, intake = on_day(schedule(tmp_path, "2026-11-23", "2026-11-31"), date(2026, 12, 1), TODAY)
    assert (intake.patients, len(intake.problems)) == ((), 1)


def test_any_of_several_visits(tmp_path: Path) -> None:
    text = f"{MAY}visits:\n- date: 2026-11-16\n- date: 2026-11-23\n- date: 2026-11-30\n"
    _, intake = on_day(read(tmp_path, text, "a.yaml"), MONDAY, TODAY)
    assert [visit.day for visit in intake.patients[0].visits] == [MONDAY, date(2026, 11, 30)]


# Whatever stands in it

anything = st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass"))
near = st.text('referncam,;\t"\n\r\0 -visittype01/:[]{}&*').map(str.encode)


@wild
@given(st.sampled_from(["a.csv", "a.yaml", "a.json", "a.xlsx"]), anything | near, st.booleans())
def test_junk(tmp_path: Path, name: str, content: bytes, with_head: bool) -> None:
    head = f"{HEAD}\n".encode() if with_head and name == "a.csv" else b""
    try:
        intake = read(tmp_path, head + content, name)
    except HandoutError as error:
        assert str(error)
    else:
        assert all(problem.where and problem.where.line for problem in intake.problems)


cell = st.text(max_size=30) | st.sampled_from(["", "cancelled", "2026-11-23", "9:30", "A-1", "x" * 10_000, "yes"])


@wild
@given(
    st.lists(st.sampled_from(COLUMNS), unique=True).map(lambda more: list(dict.fromkeys([*HEAD.split(","), *more]))),
    st.data(),
    st.sampled_from(",;\t"),
)
def test_nobody_is_lost(tmp_path: Path, columns: list[str], data: st.DataObject, delimiter: str) -> None:
    size = st.integers(max(1, len(columns) - 1), len(columns) + 1)
    rows = data.draw(st.lists(size.flatmap(lambda count: st.lists(cell, min_size=count, max_size=count)), max_size=8))
    rows = [row for row in rows if any(text.strip() for text in row)]
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter).writerows([columns, *rows])
    intake = read(tmp_path, written.getvalue().encode("utf-8", "replace"))
    assert len(intake.patients) + len(intake.problems) + intake.left_out >= len(rows)


@wild
@given(st.text(st.characters(min_codepoint=0x41, max_codepoint=0x5A), min_size=6, max_size=12), st.data())
def test_no_message_tells_a_name(tmp_path: Path, secret: str, data: st.DataObject) -> None:
    """A name in every column, and in the wrong number of cells, is in no message."""
    columns = [*COLUMNS]
    count = data.draw(st.integers(1, len(columns) + 2))
    cells = [f"{data.draw(st.sampled_from(['', chr(34), chr(0), '3/4/61 ']))}{secret}" for _ in range(count)]
    said = ""
    try:
        intake = read(tmp_path, ",".join(columns) + "\n" + ",".join(cells) + "\n")
        said = " ".join([*map(str, intake.problems), *intake.told, repr(intake.patients)])
    except HandoutError as error:
        said = str(error)
    said = said.replace(str(tmp_path), "")
    assert secret not in said
    assert "3/4/61" not in said
