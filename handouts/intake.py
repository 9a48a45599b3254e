"""The patients of a schedule or of one file: CSV, Excel, YAML, JSON or FHIR. All problems of the file come at once.

Each reader makes rows: cells under the names of `COLUMNS`, with the line they came from. What a cell means is decided
in one place for all of them. Every message names the line and the column. It shows what was written only where that
cannot be personal: in a column of dates or times, and there only digits.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TypeGuard

import yaml

from handouts.errors import HandoutError, IntakeError, Origin, RequestError, nearest, raise_all
from handouts.fhir import Located, read_fhir, read_json
from handouts.patient import ROUTES, Patient, Route, Visit
from handouts.reading import read_bytes

COLUMNS = (
    *("reference", "name", "preferred_name", "born", "language", "large_print", "route", "condition", "visit_type"),
    *("handouts", "visit_date", "visit_time", "clinician", "medicines", "include", "exclude", "note", "status"),
)
NEEDED = ("reference", "name")
KITS = ("visit_type", "handouts")
SUFFIXES = (".csv", ".xlsx", ".yaml", ".yml", ".json")
# The most letters of a cell; those not named here hold 200.
LIMITS = {"note": 5000, "condition": 2000, "medicines": 2000, "handouts": 2000, "include": 2000, "exclude": 2000}
LIMIT = 200
_VISIT_KEYS = ("date", "time", "clinician")
_MOST_UNPACKED = 200_000_000
_MOST_OF_A_ROW = 100_000
_DEEPEST = 12

_YES = {"yes", "y", "true", "1", "sí", "si", "s", "x", "large"}
_NO = {"", "no", "n", "false", "0", "standard", "normal"}
_AWAY = {"cancelled", "canceled", "no-show", "noshow"}
# What schedules call a visit that takes place.
_COMING = {"", "booked", "scheduled", "confirmed", "pending", "arrived", "checked-in", "ok"}
_LANGUAGES = {"english": "en", "inglés": "en", "spanish": "es", "español": "es", "espanol": "es", "castellano": "es"}
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})*", re.IGNORECASE | re.ASCII)

_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_US = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}|[0-9]{2})")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?|([0-9]{1,2}?)([0-9]{2})")
_HALF = re.compile(r"([ap])\.?\s?m\.?$", re.IGNORECASE)
_ONLY_DIGITS = re.compile(r"[0-9][0-9/:.\- ]{0,19}")
# What Excel writes where a formula has failed, or a column is too narrow.
_BROKEN = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|#+)")
# Invisible signs that some scripts, and some emoji, are written with. All others are refused.
_JOINERS = {"\u00ad", "\u061c", "\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\ufeff"}
_TAGS = range(0xE0020, 0xE0080)


@dataclass(frozen=True)
class Intake:
    """What a file holds: those who come, what must be mended first, what should be known, how many are left out.

    `left_out` counts rows that are cancelled or a no-show. A row with a problem is in `problems`, not in `patients`.
    """

    patients: tuple[Patient, ...]
    problems: tuple[HandoutError, ...] = ()
    told: tuple[str, ...] = ()
    left_out: int = 0


def read_patients(path: Path, kit_needed: bool = True) -> Intake:
    """Everybody in a file, in its order.

    `kit_needed=False` is for a paper whose handouts were named on the command line: then a row needs neither
    `visit_type` nor `handouts`. Raises RequestError for a file that cannot be read at all, or is of no kind we know,
    and IntakeError where no row can be made out: damaged, not valid, or without the columns that are needed.
    """
    rows = _Rows(path)
    match path.suffix.lower():
        case ".csv":
            _read_csv(rows)
        case ".xlsx":
            _read_workbook(rows)
        case ".yaml" | ".yml":
            _read_yaml(rows)
        case ".json":
            kit_needed = _read_json(rows) and kit_needed
        case suffix:
            raise RequestError(
                f"A file ending in “{suffix}” cannot be read as a schedule" if suffix else "The file has no ending",
                f"It ends in one of: {', '.join(SUFFIXES)}. An older .xls is saved as .xlsx first.",
                Origin(path),
            )
    return _understood(rows, kit_needed)


def on_day(intake: Intake, asked: date | None, today: date) -> tuple[date, Intake]:
    """Those of one day, and the day: the one asked for, else the only one in the file, else today if it is there.

    A row is for its first visit. One that lists several is for whichever of them is on that day, unless the person has
    a row of their own for it; visits before the day are dropped. In a file without any date, all are for that day.
    Problems, what is told of the file, and the count of those left out stay those of the whole file.
    Raises RequestError if there is a choice of days, or nobody on the day, and then also tells the file's problems.
    """
    days = sorted({visit.day for patient in intake.patients for visit in patient.visits if visit.day})
    if not days:
        return asked or today, intake
    day = asked or (days[0] if len(days) == 1 else today)
    if day not in days:
        if asked and intake.problems:
            return day, replace(intake, patients=())  # they may be of that day: mend them first
        there = f"The file has: {_listed(map(str, days))}."
        problem = f"Nobody in the file comes on {day}" if asked else "The file has several days, and today is not there"
        raise_all([*intake.problems, RequestError(problem, f"{there} Ask for one with --date.", _place(intake))])
    own = {patient.reference for patient in intake.patients if patient.visits and patient.visits[0].day == day}
    chosen: list[Patient] = []
    problems = list(intake.problems)
    others: set[date] = set()
    elsewhere = 0
    for patient in intake.patients:
        theirs = [visit.day for visit in patient.visits if visit.day]
        if not theirs:
            problems.append(
                IntakeError("The row has no date, and other rows have one", "Write its visit_date.", patient.origin)
            )
        elif theirs[0] == day or (day in theirs and patient.reference not in own):
            visits = [visit for visit in patient.visits if visit.day is None or visit.day >= day]
            chosen.append(replace(patient, visits=tuple(visits)))
        else:
            elsewhere += 1
            others.add(theirs[0])
    told = intake.told
    if elsewhere:
        told += (f"Rows for other days, not for {day}: {elsewhere} ({_listed(map(str, sorted(others)))}).",)
    return day, replace(intake, patients=tuple(chosen), problems=tuple(problems), told=told)


def _place(intake: Intake) -> Origin:
    return Origin(intake.patients[0].origin.path)


def _listed(words: Iterable[str]) -> str:
    shown = list(words)
    return ", ".join(shown[:8]) + (" …" if len(shown) > 8 else "")


# Rows: what the readers make


@dataclass(frozen=True, repr=False)
class _Row:
    """The cells of one person, under the names of the columns, as the reader found them."""

    line: int
    cells: Mapping[str, object]


@dataclass
class _Rows:
    """One file while it is read."""

    path: Path
    rows: list[_Row] = field(default_factory=list)
    problems: list[HandoutError] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    unknown: dict[str, None] = field(default_factory=dict)
    left_out: int = 0

    def fault(self, line: int, problem: str, remedy: str) -> None:
        self.problems.append(IntakeError(problem, remedy, Origin(self.path, line)))

    def heads(self, written: Sequence[object], line: int) -> list[str | None]:
        """The column of each cell of a head row; None for one that is not known.

        Raises IntakeError if a needed column is missing (the row may be a person's: it is not shown) or there twice.
        """
        names = [_column(str(cell)) if cell is not None else "" for cell in written]
        missing = [f"“{name}”" for name in NEEDED if name not in names]
        missing += [] if any(name in names for name in KITS) else ["“visit_type” (or “handouts”)"]
        problems: list[HandoutError] = []
        where = Origin(self.path, line)
        if missing:
            problems.append(
                IntakeError(
                    f"The first row has no column {', '.join(missing)}",
                    "The first row holds the names of the columns, as in docs/patients.md.",
                    where,
                )
            )
        problems += [
            IntakeError(f"The column “{name}” is there twice", "Take one of them out.", where)
            for name in COLUMNS
            if names.count(name) > 1
        ]
        raise_all(problems)
        self.unknown |= {_heading(str(cell)): None for cell, name in zip(written, names, strict=True) if _odd(name)}
        return [name if name in COLUMNS else None for name in names]

    def row(self, line: int, columns: Sequence[str | None], cells: Sequence[object]) -> None:
        """Take one row of a table. An empty one is nothing; one with more cells than the head row is a problem."""
        if all(_is_empty(cell) for cell in cells):
            return
        if not all(_is_empty(cell) for cell in cells[len(columns) :]):
            self.fault(line, *_TOO_LONG)
            return
        named = zip(columns, cells, strict=False)
        self.rows.append(_Row(line, {column: cell for column, cell in named if column}))

    def mapping(self, line: int, cells: Mapping[str, object]) -> None:
        """Take one patient that is written as keys and values."""
        named: dict[str, object] = {}
        for key, value in cells.items():
            column = _column(key)
            if column in named:
                self.fault(line, f"“{column}” stands here twice", "Take one of them out.")
                return
            if column in COLUMNS or column == "visits":
                named[column] = value
            elif column:
                self.unknown[_heading(key)] = None
        if not all(_is_empty(value) for value in named.values()):
            self.rows.append(_Row(line, named))
        elif cells:
            self.fault(line, "None of the keys is one of a patient", f"Needed: {', '.join(NEEDED)}.")


_TOO_LONG = (
    "The row has more cells than the head row has names",
    "Put a cell in quotes if it holds the sign between the cells.",
)
_QUOTES = 'Close the quote. A quote inside quotes is written twice: "".'
_TOO_SHORT = (
    "The row has fewer cells than the head row has names",
    "Add the empty cells, so that each stands under its name; see that no quote is left open.",
)


def _column(written: str) -> str:
    return re.sub(r"[\s\-_]+", "_", written.strip().strip("\ufeff").lower())


def _odd(name: str) -> bool:
    return bool(name) and name not in COLUMNS


def _heading(written: str) -> str:
    shown = "".join(letter for letter in written.strip() if letter.isprintable())
    return f"“{shown[:40]}{'…' if len(shown) > 40 else ''}”"


def _is_empty(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip()) or cell in ([], {}, ())


# CSV


def _read_csv(rows: _Rows) -> None:
    text = _decoded(read_bytes(rows.path, RequestError), rows)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start = next((at for at, line in enumerate(lines) if line.strip(" \t,;\ufeff")), None)
    if start is not None and re.fullmatch(r"sep=.", lines[start].strip()):  # Excel's own first line
        start = next((at for at in range(start + 1, len(lines)) if lines[at].strip()), None)
    if start is None:
        raise IntakeError("The file is empty", "Export the schedule again.", Origin(rows.path, 1))
    delimiter = max(",;\t", key=lambda sign: sum(_column(cell) in COLUMNS for cell in _head(lines, start, sign)[0]))
    head, at = _head(lines, start, delimiter)
    columns = rows.heads(head, start + 1)
    while at < len(lines):
        cells, end = _record(lines, at, delimiter)
        swallows = cells is not None and _swallows(cells, columns, delimiter)
        if cells is None or swallows:
            rows.fault(at + 1, "A quote in the row is not closed, or text follows it, or a cell has no end", _QUOTES)
        elif len(cells) < len(columns) and not all(_is_empty(cell) for cell in cells):
            rows.fault(at + 1, *_TOO_SHORT)
        else:
            rows.row(at + 1, columns, cells)
        # After a broken quote go on with the very next line: the rows that it swallowed are people too.
        broken = cells is None or (end > at + 1 and len(cells) != len(columns)) or swallows
        at = at + 1 if broken else end


def _swallows(cells: list[str], columns: Sequence[str | None], delimiter: str) -> bool:
    """Whether a cell of several lines seems to hold another person's row, because of a quote that was not closed."""
    reference = columns.index("reference")
    for at, cell in enumerate(cells):
        for line in cell.split("\n")[1:]:
            parts = line.split(delimiter)
            # A row swallowed up to here has at least as many cells, and a number where the reference stands.
            if len(parts) > max(at, reference) and re.fullmatch(r"\S*[0-9]\S*", parts[reference].strip()):
                return True
    return False


def _head(lines: list[str], start: int, delimiter: str) -> tuple[list[str], int]:
    cells, end = _record(lines, start, delimiter)
    return (cells, end) if cells is not None else ([], start + 1)


def _record(lines: list[str], at: int, delimiter: str) -> tuple[list[str] | None, int]:
    """The cells of the row that begins on a line, and the line after it; None if its quotes are not right."""
    used = at

    def following() -> Iterator[str]:
        nonlocal used
        size = 0
        while used < len(lines) and size < _MOST_OF_A_ROW:
            size += len(lines[used]) + 1
            used += 1
            yield f"{lines[used - 1]}\n"

    try:
        return next(csv.reader(following(), delimiter=delimiter, strict=True), []), used
    except csv.Error:  # a quote, or a cell of more than 131,072 letters
        return None, at + 1


def _decoded(content: bytes, rows: _Rows) -> str:
    """The text of a file from Windows, a Mac or Linux. Raises IntakeError for one that is neither."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
    for other in content.split(b"\n"):
        if not other.isascii() and _is_utf_8(other):
            raise IntakeError(
                "The line is not UTF-8, though other lines of the file are",
                "Type it again, or export the schedule again as “CSV UTF-8”.",
                Origin(rows.path, line),
            )
    rows.told.append(
        "The file is not UTF-8: it was read as Windows text (cp1252). See that accents are right on the first papers, "
        "or save it as “CSV UTF-8”."
    )
    return content.decode("cp1252", errors="replace")


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


# Excel


def _read_workbook(rows: _Rows) -> None:
    content = read_bytes(rows.path, RequestError)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            size = sum(part.file_size for part in parts.infolist())
        if size > _MOST_UNPACKED:
            raise ValueError("too large")
        sheets = _sheets(content)
    except Exception:  # whatever openpyxl meets in a damaged file it lets out: errors of zip, XML, keys, numbers
        raise IntakeError(
            "This is not an Excel workbook that can be read",
            "Save it in Excel as .xlsx, without a password.",
            Origin(rows.path),
        ) from None
    started = [sheet for sheet in sheets if sheet]
    if not started:
        raise IntakeError("The workbook is empty", "Export the schedule again.", Origin(rows.path))
    # The first sheet with the needed columns; if there is none, the first says what is missing.
    chosen = next(
        (sheet for sheet in started if set(NEEDED) <= {_column(str(cell)) for cell in sheet[0][1]}), started[0]
    )
    if len(started) > 1:
        rows.told.append(f"Only one sheet of the workbook was read, number {sheets.index(chosen) + 1}.")
    (line, head), *body = chosen
    columns = rows.heads(head, line)
    for line, cells in body:
        if any(isinstance(cell, _NoResult) for cell in cells):
            rows.fault(
                line, "A formula in the row has no result", "Open the file in Excel and save it, or type the text."
            )
        else:
            rows.row(line, columns, cells)


class _NoResult:
    """In place of a formula that nobody has worked out: it would be read as an empty cell."""


def _sheets(content: bytes) -> list[list[tuple[int, tuple[Any, ...]]]]:
    """The rows of each visible sheet that are not empty, with their numbers."""
    import openpyxl  # a third of a second, and most schedules are CSV

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of extensions that do not matter for values
        results = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        formulas = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        found = []
        for sheet in results.worksheets:
            if sheet.sheet_state != "visible":
                continue
            written = formulas[sheet.title]
            # The size that a file claims may be a million rows; what counts is where cells are.
            sheet.reset_dimensions()
            written.reset_dimensions()
            pairs = zip(sheet.iter_rows(values_only=True), written.iter_rows(), strict=True)
            full = [
                (number, tuple(zip(values, (cell.data_type == "f" for cell in cells), strict=True)))
                for number, (values, cells) in enumerate(pairs, start=1)
                if not all(_is_empty(cell.value) for cell in cells)
            ]
            # A result that is an empty text looks the same as none. Who saves one result saves them all.
            worked_out = any(is_formula and value is not None for _, row in full for value, is_formula in row)
            mark = None if worked_out else _NoResult()
            found.append(
                [
                    (number, tuple(mark if is_formula and value is None else value for value, is_formula in row))
                    for number, row in full
                ]
            )
    return found


# YAML and JSON


def _read_yaml(rows: _Rows) -> None:
    content = read_bytes(rows.path, RequestError)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise IntakeError("The file is not UTF-8 text", "Save it as UTF-8.", Origin(rows.path, line)) from None
    try:
        _refuse_depth(text)
        # Nodes, not values: 0930, 9:30, 007 and No are what was typed; YAML would make numbers and a False of them.
        root = yaml.compose(text, Loader=_YamlLoader)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        # Only PyYAML's own words: what stands in the file may be a name.
        raise IntakeError(
            "This is not valid YAML",
            "Text that holds a colon, or begins with a bracket or a quote, stands in quotes.",
            Origin(rows.path, _line(mark)),
        ) from None
    except _NotPlainError as problem:
        raise IntakeError(problem.problem, "Take brackets out.", Origin(rows.path, problem.line)) from None
    except yaml.reader.ReaderError as problem:
        raise IntakeError(
            "This is not valid YAML: a control character cannot stand in it",
            "Type the line again.",
            Origin(rows.path, text[: problem.position].count("\n") + 1),
        ) from None
    people = root.value if isinstance(root, yaml.SequenceNode) else [root] if root is not None else []
    if not people:
        raise IntakeError("The file is empty", "Write lines such as reference: A-1001.", Origin(rows.path, 1))
    for node in people:
        line = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            try:
                rows.mapping(line, _plain_mapping(node))
            except _NotPlainError as problem:
                rows.fault(problem.line, problem.problem, "See docs/patients.md.")
        elif not (isinstance(node, yaml.ScalarNode) and _is_empty(_plain(node))):
            rows.fault(line, "A patient is written as keys and values", "Write lines such as reference: A-1001.")


_YamlLoader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class _NotPlainError(Exception):
    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.problem, self.line = problem, line


def _refuse_depth(text: str) -> None:
    """PyYAML's fast reader crashes the whole program on a hundred thousand brackets; events are read one by one."""
    depth = 0
    for event in yaml.parse(text, Loader=_YamlLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise _NotPlainError("This is not valid YAML: it is nested too deeply", _line(event.start_mark))


def _line(mark: Any) -> int:
    return mark.line + 1 if mark else 1


def _plain_mapping(node: yaml.MappingNode, level: int = 0) -> dict[str, object]:
    """The keys and values of a patient, or of a visit, as texts. Raises _NotPlainError for anything deeper."""
    values: dict[str, object] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or key.value == "<<":
            raise _NotPlainError("A key here is not a word", line)
        if key.value in values:
            raise _NotPlainError("A key stands here twice", line)
        if isinstance(value, yaml.ScalarNode):
            values[key.value] = _plain(value)
        elif isinstance(value, yaml.SequenceNode) and level == 0 and len(value.value) <= LIMIT:
            values[key.value] = [
                _plain_mapping(item, level + 1) if isinstance(item, yaml.MappingNode) else _scalar(item)
                for item in value.value
            ]
        else:
            raise _NotPlainError("A value here is neither a text nor a short list", line)
    return values


def _scalar(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise _NotPlainError("A value here is neither a text nor a short list", node.start_mark.line + 1)
    return _plain(node)


def _plain(node: yaml.ScalarNode) -> str:
    return "" if not node.style and node.value in ("~", "null") else str(node.value)


def _read_json(rows: _Rows) -> bool:
    """Patients as in YAML, or FHIR. Returns whether the file can say what kind of visit it is."""
    value = read_json(_decoded(read_bytes(rows.path, RequestError), rows), rows.path)
    if isinstance(value, Located) and "resourceType" in value:
        found = read_fhir(value, rows.path)
        rows.rows += [_Row(booking.origin.line or 1, booking.facts) for booking in found.bookings]
        rows.problems += found.problems
        rows.told += found.told
        rows.left_out += found.left_out
        return found.scheduled
    people = value if isinstance(value, list) else [value]
    line = 1
    for person in people:
        if isinstance(person, Located):
            line = person.line
            rows.mapping(line, person)
        else:
            rows.fault(line, "A patient is written as keys and values", 'Write {"reference": "A-1001", …}.')
    if not people:
        raise IntakeError("The file is empty", "Export the schedule again.", Origin(rows.path, 1))
    return True


# What the cells mean


def _understood(rows: _Rows, kit_needed: bool) -> Intake:
    """The patients of the rows, and all that is not right."""
    patients: list[Patient] = []
    problems = list(rows.problems)
    left_out = rows.left_out
    odd_status: list[str] = []
    for row in rows.rows:
        reading = _Reading(rows.path, row)
        status = reading.slug("status")
        if status in _AWAY:
            left_out += 1
            continue
        if status not in _COMING:
            odd_status.append(str(row.line))
        patient = reading.patient(kit_needed)
        if reading.problems:
            problems += reading.problems
        else:
            patients.append(patient)
    refused = dict(_twice(patients))
    problems += refused.values()
    problems.sort(key=lambda error: error.where.line or 0 if error.where else 0)
    told = list(rows.told)
    if rows.unknown:
        told.append(f"Columns that are not known, and were not read: {_listed(rows.unknown)}.")
    if odd_status:
        told.append(f"Rows whose status is not a known one, kept: line {_listed(odd_status)}.")
    kept = tuple(patient for at, patient in enumerate(patients) if at not in refused)
    return Intake(kept, tuple(problems), tuple(told), left_out)


def _twice(patients: list[Patient]) -> Iterator[tuple[int, IntakeError]]:
    """Each row of a reference that is there twice on one day, or under two names. None of them can be trusted."""
    by_reference: dict[str, list[int]] = defaultdict(list)
    for at, patient in enumerate(patients):
        by_reference[patient.reference.casefold()].append(at)
    for same in by_reference.values():
        two_names = len({" ".join(patients[at].name.casefold().split()) for at in same}) > 1
        for at in same:
            patient = patients[at]
            others = [patients[other] for other in same if other != at]
            if not two_names:
                others = [other for other in others if _day(other) == _day(patient)]
            if others:
                lines = _listed(str(other.origin.line) for other in others)
                how = "under another name" if two_names else "for the same day"
                yield (
                    at,
                    IntakeError(
                        f"The same reference stands on line {lines} too, {how}",
                        "Give each person a reference of their own, and each visit of a day one row.",
                        patient.origin,
                    ),
                )


def _day(patient: Patient) -> date | None:
    return patient.visits[0].day if patient.visits else None


class _Reading:
    """One row while it is understood: each method returns what a cell means, and notes what is wrong with it."""

    def __init__(self, path: Path, row: _Row) -> None:
        self.origin = Origin(path, row.line)
        self.cells = row.cells
        self.problems: list[IntakeError] = []

    def patient(self, kit_needed: bool) -> Patient:
        name = self.spoken("name")
        visits = self.visits()
        born = self.day("born", born=True)
        if born and any(visit.day and visit.day < born for visit in visits):
            self.fault("born", "is after the visit")
        patient = Patient(
            reference=self.text("reference"),
            name=name,
            origin=self.origin,
            preferred_name=self.spoken("preferred_name") or None,
            born=born,
            language=self.language(),
            large_print=self.yes("large_print"),
            route=self.route(),
            conditions=self.words("condition"),
            visit_type=self.slug("visit_type") or None,
            handouts=tuple(dict.fromkeys(filter(None, map(_slug, self.words("handouts"))))),
            visits=visits,
            medicines=self.words("medicines"),
            include=self.words("include"),
            exclude=self.words("exclude"),
            note=self.text("note"),
        )
        if patient.reference and (
            not any(map(str.isalnum, patient.reference)) or isinstance(self.cells["reference"], date | time | bool)
        ):
            self.fault("reference", "is no number or word", "See whether the cells are shifted, or Excel changed it.")
        missing = [column for column in NEEDED if _is_empty(self.cells.get(column))]
        for column in missing:
            self.fault(column, "is empty", "Fill it in.")
        if kit_needed and not patient.visit_type and not patient.handouts:
            self.fault("visit_type", "and “handouts” are both empty", "Fill in one of them.")
        return patient

    def fault(self, column: str, problem: str, remedy: str = "Mend the cell.") -> None:
        self.problems.append(IntakeError(f"“{column}” {problem}", remedy, self.origin))

    def text(self, column: str) -> str:
        """The words of a cell, as given but for space around them."""
        return self.checked(column, self.cells.get(column))

    def checked(self, column: str, cell: object) -> str:
        """The same for a value that stands anywhere in the row."""
        text = _as_text(cell)
        if text is None:
            self.fault(column, "is not a text", "Write one text; only some columns hold a list.")
            return ""
        limit = LIMITS.get(column, LIMIT)
        if len(text) > limit:
            self.fault(
                column,
                f"holds {len(text):,} characters",
                f"Shorten it to {limit:,}, or see whether a quote is missing.",
            )
            return ""
        lines = column == "note" or column in LIMITS
        if any(_is_control(letter) and not (lines and letter in "\n\t\r") for letter in text):
            self.fault(column, "holds a control character, or one that was lost", "Delete the cell and type it again.")
            return ""
        if _BROKEN.fullmatch(text):
            self.fault(column, "holds an error of a formula", "Type the text.")
            return ""
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def spoken(self, column: str) -> str:
        """A name: text with a letter in it. Excel makes a date of “May 1”, and a shifted row puts numbers here."""
        text = self.text(column)
        if text and (not isinstance(self.cells[column], str) or not any(map(str.isalpha, text))):
            self.fault(column, "is not a name", "See whether the cells are shifted, or Excel made a date of it.")
        return text

    def words(self, column: str) -> tuple[str, ...]:
        """The words of a cell with “;” between them, or of a list. Each is there once."""
        cell = self.cells.get(column)
        parts = list(cell) if _is_flat_list(cell) else [cell]
        texts = [self.checked(column, part) for part in parts]
        if sum(map(len, texts)) > LIMITS[column]:
            self.fault(column, f"holds {sum(map(len, texts)):,} characters", f"Shorten it to {LIMITS[column]:,}.")
            return ()
        # A text of FHIR, and an item of a list, may hold the sign that separates: only a cell is split.
        split = texts if _is_flat_list(cell) else [part for text in texts for part in re.split(r"[;\n]", text)]
        return tuple(dict.fromkeys(part.strip() for part in split if part.strip()))

    def slug(self, column: str) -> str:
        """A word of the clinic's own: “First infusion” is “first-infusion”."""
        text = self.text(column)
        slug = _slug(text)
        if text and not slug:
            self.fault(column, "has no letter", "Write a name such as first-infusion.")
        return slug

    def yes(self, column: str) -> bool:
        word = self.text(column).lower()
        if word not in _YES | _NO:
            self.fault(column, "is neither yes nor no", "Write yes or no.")
        return word in _YES

    def route(self) -> Route | None:
        word = self.text("route").lower()
        for route in ROUTES:
            if word == route:
                return route
        if word:
            self.fault("route", "is none of the ways that are known", nearest(word, ROUTES))
        return None

    def language(self) -> str:
        """A language by its code, without its country; English if there is none."""
        word = self.text("language").lower()
        found = _LANGUAGE.fullmatch(_LANGUAGES.get(word, word))
        if word and found is None:
            self.fault("language", "is not the code of a language", "Write a code such as en or es.")
        return found[1] if found else "en"

    def visits(self) -> tuple[Visit, ...]:
        """The visit of the columns, then those of the list `visits`, in the order of their days."""
        cells = self.cells
        found = [self.visit(cells.get("visit_date"), cells.get("visit_time"), cells.get("clinician"), "visit_", "")]
        listed = cells.get("visits")
        if not _is_empty(listed):
            if not isinstance(listed, list | tuple) or not all(isinstance(item, Mapping) for item in listed):
                self.fault("visits", "is not a list of visits", "Each has the keys date, time and clinician.")
                listed = ()
            for number, item in enumerate(listed, start=1):
                at = f"visits.{number}."
                for key in item.keys() - set(_VISIT_KEYS):
                    self.fault(f"visits.{number}", "has a key that is not known", nearest(str(key), _VISIT_KEYS))
                found.append(self.visit(item.get("date"), item.get("time"), item.get("clinician"), at, at))
        whole = [visit for visit in dict.fromkeys(found) if visit != Visit()]
        return tuple(sorted(whole, key=lambda visit: (visit.day or date.max, visit.at or time.max)))

    def visit(self, day: object, at: object, clinician: object, prefix: str, before: str) -> Visit:
        seen = self.checked(f"{before}clinician", clinician)
        if seen and not any(map(str.isalpha, seen)):
            self.fault(f"{before}clinician", "is not a name", "See whether the cells are shifted.")
        return Visit(self.as_day(f"{prefix}date", day), self.as_time(f"{prefix}time", at), seen or None)

    def day(self, column: str, born: bool = False) -> date | None:
        return self.as_day(column, self.cells.get(column), born)

    def as_day(self, column: str, cell: object, born: bool = False) -> date | None:
        """A day, from a cell that is one or a text. A birth date is never shown, and its year has four digits."""
        if isinstance(cell, datetime):
            cell = cell.date()
        day = cell if isinstance(cell, date) else None
        if day is None:
            text = self.checked(column, cell)
            if not text:
                return None
            day = _date(text, short_years=not born)
        if day is not None and (1880 if born else 2000) <= day.year < 2200:
            return day
        example = "1980-05-31 or 05/31/1980" if born else "2026-11-22 or 11/22/2026"
        remedy = f"Write it as {example}: the month before the day{', the year in four digits' if born else ''}."
        self.fault(column, f"is not a date{'' if born else _digits(cell)}", remedy)
        return None

    def as_time(self, column: str, cell: object) -> time | None:
        """A time of day, from a cell that is one, a part of a day (Excel), or a text."""
        if isinstance(cell, datetime):
            cell = cell.time()
        if isinstance(cell, float) and 0 <= cell < 1:
            minutes = round(cell * 24 * 60)
            cell = time(minutes // 60, minutes % 60) if minutes < 24 * 60 else None
        if isinstance(cell, time):
            return cell.replace(second=0, microsecond=0, tzinfo=None)
        text = self.checked(column, cell)
        found = _time(text)
        if text and found is None:
            self.fault(column, f"is not a time{_digits(cell)}", "Write it as 9:30 am, 14:05 or 0930.")
        return found


def _as_text(cell: object) -> str | None:
    """A cell in words; None for what is not one value."""
    match cell:
        case None:
            return ""
        case str():
            return cell.strip()
        case bool():
            return "yes" if cell else "no"
        case float() if cell.is_integer():
            return str(int(cell))
        case int() | float() | date() | time():
            return str(cell)
        case _:
            return None


def _is_flat_list(cell: object) -> TypeGuard[Sequence[object]]:
    return isinstance(cell, list | tuple) and not any(
        isinstance(part, Collection) and not isinstance(part, str) for part in cell
    )


def _slug(text: str) -> str:
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(letter)
    )
    return re.sub(r"[\W_]+", "-", plain).strip("-")


def _is_control(letter: str) -> bool:
    """Whether a character is none that can be printed: controls, overrides of the direction, lost and private ones."""
    kind = unicodedata.category(letter)
    if kind == "Cf":
        return letter not in _JOINERS and ord(letter) not in _TAGS
    return kind in ("Cc", "Cs", "Co", "Zl", "Zp") or letter == "\ufffd" or ord(letter) & 0xFFFE == 0xFFFE


def _digits(cell: object) -> str:
    """What was written, for a message, if it is only digits: a name, or a birth date, may be in the wrong column."""
    text = _as_text(cell) or ""
    return f": “{text}”" if _ONLY_DIGITS.fullmatch(text) and not re.search("1[89][0-9]{2}", text) else ""


def _date(text: str, short_years: bool) -> date | None:
    """2026-11-22, 11/22/2026 or 11/22/26. With strokes the month stands before the day, as in the United States."""
    if found := _ISO.fullmatch(text):
        year, month, day = found.groups()
    elif found := _US.fullmatch(text):
        month, day, year = found.groups()
        if len(year) == 2:
            year = f"20{year}" if short_years else "0"
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _time(text: str) -> time | None:
    """9:30, 9:30 am, 9 am, 14:05, 0930."""
    half = _HALF.search(text)
    clock = (text[: half.start()] if half else text).strip()
    if half and clock.isdigit() and len(clock) <= 2:
        clock += ":00"
    found = _CLOCK.fullmatch(clock)
    if found is None:
        return None
    hour, minute = int(found[1] or found[3]), int(found[2] or found[4])
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half[1].lower() == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None
