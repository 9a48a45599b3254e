"""A day's papers: all problems first, everybody once, in order, whatever ends the run meanwhile."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from handouts import making
from handouts.errors import DesignError
from handouts.private_folder import LEDGER, MARKER, PrivateFolder
from tests.command import Outcome, contents, run
from tests.schedules import DAY, asked, schedule, write_day_clinic

KILLS = 6
MANY: list[dict[str, object]] = [
    {
        "route": ("infusion", "injection", "nasal")[at % 3],
        "visit_type": ("first", "later", "talk")[at % 3],
        "large_print": "yes" if at % 5 == 0 else "no",
        "visit_time": f"{8 + at // 2}:{30 * (at % 2):02}",
    }
    for at in range(14)
]
COMMAND = (sys.executable, "-c", "from handouts.cli import main; main()")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with a clinic, a cache for what is shared, and a marked private folder: its key gives the same tokens."""
    desk = tmp_path_factory.mktemp("day")
    write_day_clinic(desk / "clinic")
    PrivateFolder.at(desk / "key")
    return desk


@pytest.fixture(autouse=True)
def cached(office: Path, no_cache: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOUTS_CACHE", str(office / "cache"))


@pytest.fixture
def folder(office: Path, tmp_path: Path) -> Path:
    """An empty private folder with the key that all tests here share."""
    return keyed_alike(office, tmp_path / "out")


def keyed_alike(office: Path, path: Path) -> Path:
    path.mkdir(mode=0o700)
    for name in (MARKER, ".key"):
        shutil.copy(office / "key" / name, path / name)
    return path


def words(office: Path, path: Path, folder: Path, *more: object) -> tuple[str, ...]:
    return tuple(map(str, ("day", path, "--clinic", office / "clinic", "--output", folder, *more)))


def papers(folder: Path) -> dict[str, bytes]:
    return {name: content for name, content in contents(folder).items() if name.endswith(".pdf")}


def texts(path: Path) -> list[str]:
    """What is on each page; empty for a blank one."""
    document = pypdfium2.PdfDocument(path)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


@pytest.fixture(scope="module")
def whole(office: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path, Outcome]]:
    """A schedule of fourteen, and the folder of a run that nothing disturbed, in one process."""
    desk = tmp_path_factory.mktemp("whole")
    path = schedule(desk / "today.csv", MANY)
    folder = keyed_alike(office, desk / "out")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANDOUTS_CACHE", str(office / "cache"))
        told = run(*words(office, path, folder, "--packet", "packet.pdf", "--jobs", 1))
    assert told.code == 0, told.err
    yield path, folder, told


class TestPacket:
    def test_the_list_comes_first_and_each_on_a_fresh_sheet(self, whole: tuple[Path, Path, Outcome]) -> None:
        _, folder, told = whole
        names = [Path(line).name for line in told.out.splitlines()]
        assert names.pop() == "packet.pdf"
        pages = texts(folder / "packet.pdf")
        assert "Today's papers" in pages[0]
        at = next(number for number, text in enumerate(pages) if "Hello, " in text)
        assert at % 2 == 0
        for number, name in enumerate(names, start=1):
            token = name.removeprefix(f"{DAY}-").removesuffix(".pdf")
            count = len(pypdfium2.PdfDocument(folder / name))
            assert at % 2 == 0
            assert f"Sample Patient {number} ·" in pages[at]
            for page in range(1, count + 1):
                assert pages[at].replace("\r\n", " ").endswith(f"{token} Page {page} of {count}")
                at += 1
            if at % 2 and at < len(pages):
                assert pages[at] == ""
                at += 1
        assert at == len(pages)

    def test_sheets_are_counted(self, whole: tuple[Path, Path, Outcome]) -> None:
        _, folder, told = whole
        counts = [len(pypdfium2.PdfDocument(line)) for line in told.out.splitlines()[:-1]]
        listed = texts(folder / "packet.pdf")
        assert f"Patients: 14 · Sheets of paper: {sum(-(-count // 2) for count in counts)}" in listed[0]
        assert f"14 of 14 papers made (0 as before, {sum(counts)} pages" in told.err

    def test_accessible(self, whole: tuple[Path, Path, Outcome], assert_accessible: Callable[..., None]) -> None:
        _, folder, told = whole
        assert_accessible(folder / "packet.pdf", *(Path(line) for line in told.out.splitlines()[:3]))
        assert "No syntax or stream" in asked("qpdf", "--check", folder / "packet.pdf")

    def test_two_processes_give_the_same_bytes(
        self, office: Path, folder: Path, whole: tuple[Path, Path, Outcome]
    ) -> None:
        path, alone, _ = whole
        told = run(*words(office, path, folder, "--packet", "packet.pdf", "--jobs", 2))
        assert told.code == 0
        assert papers(folder) == papers(alone)

    def test_look_alikes_are_flagged(self, office: Path, folder: Path, tmp_path: Path) -> None:
        names = ("May Example", "Hope Placeholder", "Mary Example", "Placeholder Hope")
        path = schedule(tmp_path / "today.csv", [{"name": name} for name in names])
        assert run(*words(office, path, folder, "--packet", "packet.pdf", "--jobs", 1)).code == 0
        assert texts(folder / "packet.pdf")[0].count("Looks like") == 4

    def test_neighbours_with_similar_names_are_kept_apart(self, office: Path, folder: Path, tmp_path: Path) -> None:
        names = ("May Example", "Mary Example", "Hope Placeholder", "Placeholder Hope", "May Example")
        path = schedule(tmp_path / "today.csv", [{"name": name} for name in names])
        told = run(*words(office, path, folder, "--packet", "packet.pdf", "--jobs", 1))
        assert told.code == 0, told.err
        pages = texts(folder / "packet.pdf")
        dividers = [at for at, text in enumerate(pages) if "Two similar names" in text]
        first = [at for at, text in enumerate(pages) if "Hello, " in text]
        assert [sum(one < at < other for at in dividers) for one, other in pairwise(first)] == [1, 0, 1, 0]
        assert all(at % 2 == 0 and pages[at + 1] == "" for at in dividers)
        assert "that keep papers with similar names apart: 2" in pages[0]
        sheets = (len(pages) - first[0] + 1) // 2
        assert f"Sheets of paper: {sheets}" in pages[0]
        assert not any(name in pages[at] for at in dividers for name in names)

    def test_a_page_for_the_ride_home_too(self, office: Path, folder: Path, tmp_path: Path) -> None:
        path = schedule(tmp_path / "today.csv", [{"preferred_name": "Sam"}, {}])
        assert run(*words(office, path, folder, "--packet", "p.pdf", "--escort", "--jobs", 1)).code == 0
        pages = texts(folder / "p.pdf")
        escorts = [at for at, text in enumerate(pages) if "Thank you for your help" in text]
        assert len(escorts) == 2
        assert all(at % 2 == 0 for at in escorts)
        assert "Sample Patient" not in "".join(pages[at] for at in escorts)
        assert len(papers(folder)) == 5


class TestProblems:
    @pytest.fixture
    def faulty(self, tmp_path: Path) -> Path:
        rows: list[dict[str, object]] = [
            {},
            {"visit_type": "dance"},
            {"route": "teleport"},
            {"status": "cancelled"},
            {"name": "Sample \N{SNOWMAN WITHOUT SNOW}\U0001f600"},
            {"language": "fr"},
            {},
        ]
        return schedule(tmp_path / "today.csv", rows)

    def test_all_at_once_and_nothing_is_written(self, office: Path, tmp_path: Path, faulty: Path) -> None:
        told = run(*words(office, faulty, tmp_path / "new", "--packet", "packet.pdf"))
        assert told.code == 1
        assert all(told.err.count(f"today.csv:{line}: ") == (line in (3, 4, 6, 7)) for line in range(1, 9)), told.err
        assert "4 problems. Nothing was written." in told.err
        assert not (tmp_path / "new").exists()
        assert told.out == ""

    def test_bad_rows_are_left_out_if_asked(self, office: Path, folder: Path, faulty: Path) -> None:
        told = run(*words(office, faulty, folder, "--skip-bad-rows", "--jobs", 1))
        assert told.code == 1
        assert "2 of 2 papers made" in told.err
        assert "1 cancelled or no-show" in told.err
        assert len(papers(folder)) == 2

    def test_a_dry_run_writes_nothing(self, office: Path, tmp_path: Path) -> None:
        told = run(*words(office, schedule(tmp_path / "today.csv", [{}, {}]), tmp_path / "new", "--dry-run"))
        assert told.code == 0
        assert "2 papers could be made" in told.out
        assert not (tmp_path / "new").exists()

    @pytest.mark.parametrize("fault", [DesignError("Too long", "Shorten it."), RuntimeError("May"), MemoryError()])
    def test_one_failure_does_not_stop_the_next(
        self, office: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
    ) -> None:
        real = making.compose_personal

        def compose(patient: Any, *rest: Any, **more: Any) -> Any:
            if patient.reference == "R-2":
                raise fault
            return real(patient, *rest, **more)

        monkeypatch.setattr(making, "compose_personal", compose)
        path = schedule(tmp_path / "today.csv", [{}, {}, {}])
        told = run(*words(office, path, folder, "--packet", "packet.pdf", "--jobs", 1))
        assert told.code == 1
        assert "today.csv:3: " in told.err
        assert "2 of 3 papers made" in told.err
        assert "1 failed" in told.err
        assert "May" not in told.err
        assert [name for text in texts(folder / "packet.pdf") for name in ("R-1", "R-2", "R-3") if name in text] == [
            *("R-1", "R-3"),
            *("R-1", "R-3"),
        ]
        monkeypatch.undo()
        monkeypatch.setenv("HANDOUTS_CACHE", str(office / "cache"))
        again = run(*words(office, path, folder, "--resume", "--jobs", 1))
        assert "3 of 3 papers made (2 as before" in again.err


class TestAgain:
    def test_only_one_is_the_same_paper(self, office: Path, folder: Path, whole: tuple[Path, Path, Outcome]) -> None:
        path, alone, _ = whole
        told = run(*words(office, path, folder, "--only", "R-5"))
        made = papers(folder)
        assert told.code == 0
        assert len(made) == 1
        assert made.items() <= papers(alone).items()

    def test_nobody_has_that_reference(self, office: Path, folder: Path, whole: tuple[Path, Path, Outcome]) -> None:
        told = run(*words(office, whole[0], folder, "--only", "R-99"))
        assert told.code != 0
        assert "Nobody on this schedule" in told.message

    def test_a_changed_row_is_made_again(self, office: Path, folder: Path, tmp_path: Path) -> None:
        path = schedule(tmp_path / "today.csv", [{}, {}])
        run(*words(office, path, folder, "--jobs", 1))
        before = papers(folder)
        schedule(path, [{}, {"note": "Something new."}])
        told = run(*words(office, path, folder, "--resume", "--jobs", 1))
        assert "2 of 2 papers made (1 as before" in told.err
        assert len(set(before.items()) & set(papers(folder).items())) == 1

    def test_a_damaged_paper_is_made_again(self, office: Path, folder: Path, tmp_path: Path) -> None:
        path = schedule(tmp_path / "today.csv", [{}, {}])
        run(*words(office, path, folder, "--jobs", 1))
        before = papers(folder)
        (folder / next(iter(before))).write_bytes(b"%PDF-1.7 half")
        told = run(*words(office, path, folder, "--resume", "--jobs", 1))
        assert "(1 as before" in told.err
        assert papers(folder) == before

    def test_killed_again_and_again(
        self, office: Path, folder: Path, whole: tuple[Path, Path, Outcome], tmp_path: Path
    ) -> None:
        """kill -9, at moments that a fixed seed chose; what is taken up in the end is what was never killed."""
        path, alone, _ = whole
        command = [*COMMAND, *words(office, path, folder, "--packet", "packet.pdf", "--jobs", "2", "--resume")]
        delays = random.Random(5)
        seen = []
        for at in range(KILLS):
            with (tmp_path / "said").open("wb") as said:
                process = subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True)
                # From when processes begin up to when the packet is about to be closed
                time.sleep(1.6 + 2.6 * (at + delays.random()) / KILLS)
                ended = process.poll()
                process.kill()
                process.wait()
            seen.append(len(papers(folder)))
            assert ended is None or ended == 0, (tmp_path / "said").read_text()
            wait_for_workers(process.pid)
        assert seen[0] < len(papers(alone)), "it was never interrupted"
        told = run(*words(office, path, folder, "--packet", "packet.pdf", "--jobs", 2, "--resume"))
        assert told.code == 0, told.err
        assert papers(folder) == papers(alone)
        assert len(papers(folder)) == 14 + 1
        assert not list(folder.glob(".*.part"))
        assert len(PrivateFolder.at(folder).records()) == 14 + 1  # the packet too
        assert (folder / LEDGER).read_bytes().count(b"\n") >= 14


def test_a_process_that_is_killed_is_told(
    office: Path, folder: Path, whole: tuple[Path, Path, Outcome], tmp_path: Path
) -> None:
    path, alone, _ = whole
    command = [*COMMAND, *words(office, path, folder, "--packet", "packet.pdf", "--jobs", "2")]
    with (tmp_path / "said").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True)
        while process.poll() is None and not papers(folder):
            time.sleep(0.01)
        os.kill(max(other for other in of_session(process.pid) if other != process.pid), signal.SIGKILL)
        assert process.wait(timeout=60) == 1
    told = (tmp_path / "said").read_text()
    assert "A process that makes papers was ended from outside. Run it again with --resume" in told
    assert "Traceback" not in told
    wait_for_workers(process.pid)
    assert not list(folder.glob(".*.part"))
    again = run(*words(office, path, folder, "--packet", "packet.pdf", "--jobs", 1, "--resume"))
    assert again.code == 0, again.err
    assert papers(folder) == papers(alone)


def wait_for_workers(session: int) -> None:
    """Fails unless the processes that a killed run leaves behind end by themselves: they hold patients' facts."""
    for _ in range(100):
        if not (left := list(of_session(session))):
            return
        time.sleep(0.1)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    pytest.fail("the processes of a killed run live on")


def of_session(session: int) -> Iterator[int]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            yield int(stat.parent.name)


class TestLocked:
    def test_everything_is_locked(
        self, office: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = schedule(tmp_path / "today.csv", [{}, {}])
        monkeypatch.setenv("HANDOUTS_PASSWORD", "an invented password")
        told = run(*words(office, path, folder, "--packet", "packet.pdf", "--encrypt", "--jobs", 1))
        assert told.code == 0, told.err
        assert len(papers(folder)) == 3
        for content in papers(folder).values():
            assert b"Your visit" not in content
        for name in papers(folder):
            with pytest.raises(pikepdf.PasswordError):
                pikepdf.open(folder / name)
            with pikepdf.open(folder / name, password="an invented password") as pdf:
                assert pdf.encryption.R == 6
                assert pdf.allow.accessibility
                assert pdf.Root.MarkInfo.Marked
        monkeypatch.setenv("HANDOUTS_PASSWORD", "an invented password")
        again = run(*words(office, path, folder, "--encrypt", "--resume", "--jobs", 1))
        assert "(2 as before" in again.err
        plain = run(*words(office, path, folder, "--resume", "--jobs", 1))
        assert "(0 as before" in plain.err
