"""Who a paper is for stands on the paper and nowhere else; what a schedule says is printed as it was given."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from handouts import day, making
from tests.command import Outcome, contents, run
from tests.paper import squeezed
from tests.schedules import asked, schedule, write_day_clinic

# Words that stand nowhere in the program: found anywhere but on a patient's page, they were told.
NAME, CALLED, CONDITION, MEDICINE, NOTE, DOCTOR = (
    "Zyqqua Placeholder",
    "Zyqq",
    "vorxitis",
    "Mupirol",
    "Quibbly",
    "Wexford",
)
COMMAND = (sys.executable, "-c", "from handouts.cli import main; main()")
BORN = "1931-07-13"
SECRETS = ("zyqq", "vorxitis", "mupirol", "quibbly", "wexford", "1931", "july 13", "7/13", "r-secret")
ROW: dict[str, object] = {
    "reference": "R-SECRET-1",
    "name": NAME,
    "preferred_name": CALLED,
    "born": BORN,
    "condition": CONDITION,
    "medicines": MEDICINE,
    "note": f"**{NOTE}** note",
    "clinician": f"Dr. {DOCTOR}",
    "visit_type": "first",
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    desk = tmp_path_factory.mktemp("privacy")
    write_day_clinic(desk / "clinic")
    return desk


@pytest.fixture(autouse=True)
def cached(office: Path, no_cache: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOUTS_CACHE", str(office / "cache"))


def rows(count: int) -> list[dict[str, object]]:
    return [{**ROW, "reference": f"R-SECRET-{at}", "name": f"{NAME}-{at}"} for at in range(count)]


def words(office: Path, path: Path, folder: Path, *more: object) -> tuple[str, ...]:
    return tuple(map(str, ("day", path, "--clinic", office / "clinic", "--output", folder, *more)))


def assert_tells_nobody(text: str, where: str) -> None:
    found = [secret for secret in SECRETS if secret in text.casefold()]
    assert not found, f"{where} tells {found}"


def read(content: bytes) -> str:
    """Bytes as any letters they could be."""
    return (
        content.decode("latin-1") + content.decode("utf-16-be", "replace") + content[1:].decode("utf-16-be", "replace")
    )


@pytest.fixture(scope="module")
def made(office: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Outcome]]:
    """The folder of a run with a packet and escorts' pages, and what was said."""
    desk = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANDOUTS_CACHE", str(office / "cache"))
        path = schedule(desk / "today.csv", rows(3))
        told = run(*words(office, path, desk / "out", "--packet", "packet.pdf", "--escort", "--jobs", 1))
    assert told.code == 0, told.err
    yield desk / "out", told


class TestNowhereElse:
    def test_it_is_on_the_page(self, made: tuple[Path, Outcome]) -> None:
        text = squeezed(asked("pdftotext", "-raw", made[1].out.splitlines()[0], "-"))
        for secret in (NAME, CALLED, NOTE, DOCTOR, "R-SECRET-0", "1931"):
            assert squeezed(secret) in text

    def test_names_of_files_and_what_was_said(self, made: tuple[Path, Outcome]) -> None:
        folder, told = made
        assert_tells_nobody("\n".join(contents(folder)), "a file's name")
        assert_tells_nobody(told.out + told.err, "what was said")

    def test_ledger_key_and_marker(self, made: tuple[Path, Outcome]) -> None:
        others = {name: content for name, content in contents(made[0]).items() if not name.endswith(".pdf")}
        assert set(others) == {"run.jsonl", ".key", ".lock", ".handouts-private"}
        for name, content in others.items():
            assert_tells_nobody(read(content), name)

    def test_rights(self, made: tuple[Path, Outcome]) -> None:
        folder, _ = made
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}

    def test_metadata_and_bookmarks(self, made: tuple[Path, Outcome]) -> None:
        for path in made[0].glob("*.pdf"):
            with pikepdf.open(path) as pdf:
                assert_tells_nobody(read(pdf.Root.Metadata.read_bytes()), "the metadata")
                assert "/Info" not in pdf.trailer
                with pdf.open_outline() as outline:
                    assert_tells_nobody(" ".join(item.title for item in outline.root), "a bookmark")
                titles = [str(tag.get("/T", "")) for tag in pdf.Root.StructTreeRoot.K[0].K]
                assert_tells_nobody(" ".join(titles), "the title of a part")

    def test_the_condition_and_medicines_are_nowhere(self, made: tuple[Path, Outcome]) -> None:
        for path in made[0].glob("*.pdf"):
            text = asked("pdftotext", "-raw", path, "-").casefold()
            assert CONDITION not in text
            assert MEDICINE.casefold() not in text

    def test_cache(self, office: Path, made: tuple[Path, Outcome]) -> None:
        kept = list((office / "cache").glob("*.kept"))
        assert kept
        for path in kept:
            head, _, content = path.read_bytes().partition(b"\n")
            assert_tells_nobody(read(head), "the cache")
            document = pypdfium2.PdfDocument(content)
            text = "".join(page.get_textpage().get_text_bounded() for page in document)
            document.close()
            assert_tells_nobody(text, "the cache")
            assert "Reference" not in text


class TestFaults:
    @pytest.mark.parametrize("jobs", [1, 2])
    def test_a_fault_in_the_program(
        self, office: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], jobs: int
    ) -> None:
        """In a process of its own: a sitecustomize makes it fall over one patient, with the name in its words."""
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "sitecustomize.py").write_text(
            "import handouts.making as making\n"
            "real = making.take_apart\n"
            "def broken(content, title, font):\n"
            f"    raise ValueError('{NAME} {CONDITION}')\n"
            "making.take_apart = broken\n"
        )
        path = schedule(tmp_path / "today.csv", rows(3))
        told = subprocess.run(
            [*COMMAND, *words(office, path, tmp_path / "out", "--jobs", jobs)],
            env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
            capture_output=True,
            encoding="utf-8",
        )
        assert told.returncode == 1
        assert told.stderr.count("The program has a fault (ValueError in sitecustomize.py, line 4)") == 3
        assert_tells_nobody(told.stdout + told.stderr, "a fault")
        assert "Traceback" not in told.stderr

    def test_rows_that_cannot_be_read(self, office: Path, tmp_path: Path) -> None:
        bad: tuple[dict[str, object], ...] = (
            {"born": "13/13/1931"},
            {"visit_type": "dance"},
            {"name": f"{NAME} \u202eevil"},
            {"name": f"{NAME} \U0001f600"},
            {"note": f"{NOTE} 山"},
            {"name": NAME * 20},
            {"include": "zyzzy"},
            {"reference": ""},
            {"route": CONDITION},
            {"medicines": f"{MEDICINE}\x00"},
        )
        path = schedule(tmp_path / "today.csv", [{**row, **fault} for row, fault in zip(rows(10), bad, strict=True)])
        told = run(*words(office, path, tmp_path / "out"))
        assert told.code == 1
        assert_tells_nobody(told.err.replace("13/13/1931", ""), "a problem")
        assert not (tmp_path / "out").exists()

    def test_what_goes_to_processes_does_not_show_itself(self, office: Path) -> None:
        for kind in (making.Task, making.MadePaper, making.Failed, day.Outcome):
            assert not kind.__dataclass_params__.repr  # type: ignore[attr-defined]


def test_processes_and_temporary_files(office: Path, tmp_path: Path) -> None:
    """While it runs: the command lines and titles of its processes, and what it leaves in the folder for such files."""
    path = schedule(tmp_path / "today.csv", rows(5))
    (tmp_path / "tmp").mkdir()
    process = subprocess.Popen(
        [*COMMAND, *words(office, path, tmp_path / "out", "--packet", "packet.pdf", "--jobs", 2)],
        env={**os.environ, "TMPDIR": str(tmp_path / "tmp")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    seen: set[tuple[str, str]] = set()
    temporary: set[str] = set()
    held: list[str] = []
    while process.poll() is None:
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                if int(status.read_text().rpartition(")")[2].split()[3]) == process.pid:
                    here = status.parent
                    seen.add((here.name, read((here / "cmdline").read_bytes() + (here / "comm").read_bytes())))
            except OSError:
                continue
        for place in (tmp_path / "tmp", tmp_path / "out"):
            for folder, _, names in os.walk(place):  # which goes on if a folder is gone meanwhile
                temporary |= {folder.removeprefix(str(tmp_path)), *names}
                for name in names if place.name == "tmp" else ():
                    with contextlib.suppress(OSError):
                        held.append(read((Path(folder) / name).read_bytes()))
        time.sleep(0.15)
    assert process.returncode == 0
    assert len({pid for pid, _ in seen}) >= 3
    assert_tells_nobody(" ".join(title for _, title in seen), "a process")
    assert_tells_nobody(" ".join(temporary), "a temporary file's name")
    assert_tells_nobody(" ".join(held), "a temporary file")
    assert not list((tmp_path / "tmp").iterdir())


WILD = "<script>alert(1)</script> {{ clinic.names }} {% if %} ((clinic phone)) [@claim] =cmd|'/c' &nbsp; </p>"


class TestAsGiven:
    def paper(self, office: Path, folder: Path, **cells: Any) -> str:
        path = schedule(folder / "today.csv", [{"visit_type": "talk", **cells}])
        told = run(*words(office, path, folder / "out", "--packet", "packet.pdf", "--jobs", 1))
        assert told.code == 0, told.err
        return asked("pdftotext", "-raw", told.out.splitlines()[0], "-") + asked(
            "pdftotext", "-raw", folder / "out" / "packet.pdf", "-"
        )

    def test_nothing_is_interpreted(self, office: Path, tmp_path: Path) -> None:
        text = self.paper(office, tmp_path, name=WILD, preferred_name=WILD, clinician=WILD, note=WILD)
        assert squeezed(text).count(squeezed(WILD)) >= 8
        assert "Traceback" not in text

    def test_five_thousand_letters(self, office: Path, tmp_path: Path) -> None:
        note = "A sentence that goes on. " * 190
        assert self.paper(office, tmp_path, note=note).count("sentence") == 2 * 190

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("note", "x" * 10_000),
            ("name", "x" * 10_000),
            ("name", "Sample \u202eTneitap"),
            ("name", "Sample\x00Patient"),
            ("note", "Sample\x00Patient"),
            ("name", "Sample \U0001f600"),
            ("note", "Well done \U0001f600"),
            ("name", "Sample\x1bPatient"),
        ],
    )
    def test_what_cannot_be_printed_is_refused_early(
        self, office: Path, tmp_path: Path, column: str, value: str
    ) -> None:
        path = schedule(tmp_path / "today.csv", [{column: value}, {}])
        told = run(*words(office, path, tmp_path / "out", "--jobs", 1))
        assert told.code == 1
        assert "today.csv:2: " in told.err
        assert value not in told.err
        assert not (tmp_path / "out").exists(), told.err

    @pytest.mark.parametrize("value", ["مثال", "דוגמה", "a\u200fb", "Sample\u200dPatient"])
    def test_other_ways_of_writing_are_printed_or_refused(self, office: Path, tmp_path: Path, value: str) -> None:
        path = schedule(tmp_path / "today.csv", [{"name": value}])
        told = run(*words(office, path, tmp_path / "out", "--jobs", 1))
        if told.code == 0:
            text = squeezed(asked("pdftotext", "-raw", told.out.splitlines()[0], "-"))
            plain = "".join(letter for letter in value if unicodedata.category(letter) != "Cf")
            assert plain in text or plain[::-1] in text
        else:
            assert "today.csv:2: " in told.err
