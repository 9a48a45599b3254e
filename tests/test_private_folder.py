"""Nobody else can open a personal paper, no name of a file tells whose it is, and nothing is written by halves."""

import contextlib
import hashlib
import json
import os
import pickle
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts.errors import DeliveryError, RequestError
from handouts.private_folder import ALPHABET, LEDGER, MARKER, PrivateFolder, Record, tidy
from tests.command import OLD, contents

DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HALF = ".0123456789abcdef.part"


@pytest.fixture
def folder(desk: Path) -> PrivateFolder:
    return PrivateFolder.at(desk / "papers")


@pytest.fixture(params=[0o000, 0o022, 0o277, 0o777], ids=oct)
def any_mask(request: pytest.FixtureRequest) -> Iterator[None]:
    mask = os.umask(request.param)
    yield
    os.umask(mask)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def record(paper: str, when: datetime = NOW, file: str = "f", pages: int = 8) -> Record:
    return Record(paper, "inputs", file, pages, when)


def aged(path: Path, days: float) -> Path:
    then = (NOW - timedelta(days=days)).timestamp()
    os.utime(path, (then, then), follow_symlinks=False)
    return path


# --- The folder ---


def test_folder_and_all_in_it_are_its_owners_alone(desk: Path, any_mask: None) -> None:
    (desk / "deep").mkdir()
    (desk / "deep").chmod(0o755)
    folder = PrivateFolder.at(desk / "deep" / "papers")
    folder.write("a.pdf", b"%PDF")
    folder.record(record("paper"))
    with folder.alone():
        pass
    assert mode(folder.path) == 0o700
    assert {path.name: mode(path) for path in folder.path.iterdir()} == dict.fromkeys(
        (".key", ".lock", MARKER, LEDGER, "a.pdf"), 0o600
    )


def test_half_written_file_is_private_from_its_first_byte(folder: PrivateFolder) -> None:
    before = set(folder.path.iterdir())
    mask = os.umask(0)
    try:
        with folder.writing("may-example.pdf") as file:
            file.write(b"personal")
            file.flush()
            (beside,) = set(folder.path.iterdir()) - before
            assert mode(beside) == 0o600
            assert re.fullmatch(r"\.[0-9a-f]{16}\.part", beside.name), "its name tells nothing"
    finally:
        os.umask(mask)


@pytest.mark.parametrize("before", [0o755, 0o770, 0o707, 0o500])
def test_empty_folder_is_shut(desk: Path, before: int) -> None:
    path = desk / "papers"
    path.mkdir()
    path.chmod(before)
    PrivateFolder.at(path)
    assert mode(path) == 0o700


def test_our_own_folder_is_shut_again(folder: PrivateFolder) -> None:
    folder.write("a.pdf", b"%PDF")
    folder.path.chmod(0o755)
    (folder.path / ".key").chmod(0o644)
    assert PrivateFolder.at(folder.path) == folder
    assert mode(folder.path) == 0o700
    assert mode(folder.path / ".key") == 0o600


@pytest.mark.parametrize("before", [0o755, 0o710, 0o701])
def test_open_folder_with_other_things_is_left_as_it_was(desk: Path, before: int) -> None:
    path = desk / "shared"
    path.mkdir()
    (path / "letter.txt").write_bytes(OLD)
    path.chmod(before)
    with pytest.raises(DeliveryError, match="Other users can open this folder") as caught:
        PrivateFolder.at(path)
    assert "chmod 700" in caught.value.remedy
    assert mode(path) == before
    assert contents(path) == {"letter.txt": OLD}
    path.chmod(0o700)  # as the remedy says
    assert PrivateFolder.at(path).write("a.pdf", b"%PDF").is_file()


@pytest.mark.parametrize("make", [lambda path: path.symlink_to("real"), lambda path: path.write_bytes(OLD)])
def test_link_or_file_in_place_of_the_folder(desk: Path, make: Callable[[Path], None]) -> None:
    (desk / "real").mkdir()
    (desk / "real").chmod(0o755)
    make(desk / "papers")
    with pytest.raises(DeliveryError, match="a link, a file"):
        PrivateFolder.at(desk / "papers")
    assert mode(desk / "real") == 0o755
    assert not any((desk / "real").iterdir())


def test_folder_of_another_user(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (desk / "papers").mkdir()
    monkeypatch.setattr("os.geteuid", lambda: os.getuid() + 1)
    with pytest.raises(DeliveryError, match="another user's folder"):
        PrivateFolder.at(desk / "papers")


def test_disk_without_rights(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (desk / "papers").mkdir()
    (desk / "papers").chmod(0o755)
    monkeypatch.setattr(Path, "chmod", lambda *_: None)
    with pytest.raises(DeliveryError, match="cannot keep a folder from other users"):
        PrivateFolder.at(desk / "papers")
    assert not contents(desk)


def test_folder_below_a_file(desk: Path) -> None:
    (desk / "file").write_bytes(OLD)
    with pytest.raises(DeliveryError, match="is a file, not a folder"):
        PrivateFolder.at(desk / "file" / "papers")


# --- The key, and what is made with it ---


def test_the_key_stays(folder: PrivateFolder) -> None:
    again = PrivateFolder.at(folder.path)
    assert again == folder
    assert len((folder.path / ".key").read_bytes()) == 32
    assert pickle.loads(pickle.dumps(folder)).token("17", DAY) == folder.token("17", DAY)


def test_another_folder_has_another_key(desk: Path, folder: PrivateFolder) -> None:
    other = PrivateFolder.at(desk / "other")
    assert other.keyed("17") != folder.keyed("17")
    assert other.token("17", DAY) != folder.token("17", DAY)


def test_key_is_not_shown(folder: PrivateFolder) -> None:
    assert repr(folder) == f"PrivateFolder(path={folder.path!r})"


def test_two_that_begin_at_once_agree_on_one_key(desk: Path) -> None:
    code = "import sys; from pathlib import Path; from handouts.private_folder import PrivateFolder\n"
    code += "print(PrivateFolder.at(Path(sys.argv[1])).key.hex())"
    for turn in range(3):
        command = [sys.executable, "-c", code, str(desk / str(turn))]
        at_once = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
        assert len({process.communicate(timeout=60)[0] for process in at_once}) == 1
        assert {process.returncode for process in at_once} == {0}
        assert set(contents(desk / str(turn))) == {".key", MARKER}


@pytest.mark.parametrize("left", [LEDGER, "2026-11-22-K7QX2FM.pdf", "2026-11-22-packet.pdf"])
def test_lost_key_is_not_made_anew_beside_papers(folder: PrivateFolder, left: str) -> None:
    folder.write(left, b"")
    (folder.path / ".key").unlink()
    with pytest.raises(DeliveryError, match="its key is gone"):
        PrivateFolder.at(folder.path)
    assert not (folder.path / ".key").exists()


def test_killed_before_there_was_a_key(folder: PrivateFolder) -> None:
    (folder.path / ".key").unlink()
    assert len(PrivateFolder.at(folder.path).key) == 32


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_damaged_key(folder: PrivateFolder, content: bytes) -> None:
    (folder.path / ".key").write_bytes(content)
    with pytest.raises(DeliveryError, match="no key"):
        PrivateFolder.at(folder.path)


def test_linked_key_is_not_followed(desk: Path, folder: PrivateFolder) -> None:
    (desk / "mine").write_bytes(b"x" * 32)
    (folder.path / ".key").unlink()
    (folder.path / ".key").symlink_to(desk / "mine")
    with pytest.raises(DeliveryError, match="A link stands where our file should be"):
        PrivateFolder.at(folder.path)


def test_token_is_always_the_same_one() -> None:
    folder = PrivateFolder(Path("papers"), bytes(32))
    assert folder.token("17", DAY) == "W5FCW34", "papers that are printed bear it"
    assert folder.paper_name("17", DAY) == "2026-11-22-W5FCW34.pdf"
    assert folder.packet_name(DAY) == "2026-11-22-packet.pdf"


def test_token_differs_by_day_and_reference() -> None:
    folder = PrivateFolder(Path("papers"), b"k" * 32)
    days = [DAY + timedelta(days=more) for more in range(20)]
    tokens = {folder.token(str(number), day) for number in range(100) for day in days}
    assert len(tokens) == 2000
    assert {character for token in tokens for character in token} == set(ALPHABET)


def test_no_two_characters_look_alike_or_write_a_word() -> None:
    for pair in ("0O", "1I", "1L", "IL", "2Z", "5S", "6G", "8B", "UV", "0Q", "0D"):
        assert not set(pair) <= set(ALPHABET), pair
    assert not set("AEIOU") & set(ALPHABET)
    assert "".join(sorted(set(ALPHABET))) == ALPHABET


@given(st.text(st.characters(codec=None)), st.dates())
def test_names_are_made_of_the_token_only(reference: str, day: date) -> None:
    folder = PrivateFolder(Path("papers"), b"k" * 32)
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\d-[{ALPHABET}]{{7}}\.pdf", folder.paper_name(reference, day))
    assert re.fullmatch(r"[0-9a-f]{64}", folder.keyed(reference))


def test_a_token_is_no_part_of_what_stands_in_the_ledger() -> None:
    folder = PrivateFolder(Path("papers"), b"k" * 32)
    assert folder.keyed(f"{DAY} 17") != folder._hash("token", f"{DAY} 17").hex()


# --- Writing ---


def test_old_file_is_replaced(folder: PrivateFolder) -> None:
    path = folder.write("a.pdf", OLD)
    assert folder.write("a.pdf", b"new") == path
    assert path.read_bytes() == b"new"


def test_a_link_of_that_name_is_replaced_not_followed(desk: Path, folder: PrivateFolder) -> None:
    (desk / "other").write_bytes(OLD)
    (folder.path / "a.pdf").symlink_to(desk / "other")
    path = folder.write("a.pdf", b"new")
    assert (desk / "other").read_bytes() == OLD
    assert not path.is_symlink()


@pytest.mark.parametrize("name", ["../a.pdf", "b/a.pdf", "", ".", "..", "/a.pdf"])
def test_only_names_within_the_folder(desk: Path, folder: PrivateFolder, name: str) -> None:
    before = contents(desk)
    with pytest.raises(ValueError, match="plain file name"):
        folder.write(name, b"new")
    assert contents(desk) == before


@pytest.mark.parametrize("step", ["os.open", "os.fchmod", "os.fdopen", "os.fsync", "pathlib.Path.replace"])
@pytest.mark.parametrize(
    "problem", [OSError(28, "No space left on device"), KeyboardInterrupt(), MemoryError()], ids=repr
)
def test_whatever_goes_wrong_the_old_file_stays(
    folder: PrivateFolder, monkeypatch: pytest.MonkeyPatch, step: str, problem: BaseException
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise problem

    folder.write("a.pdf", OLD)
    before = contents(folder.path)
    with monkeypatch.context() as broken:
        broken.setattr(step, fail)
        with pytest.raises(DeliveryError if isinstance(problem, OSError) else type(problem)) as caught:
            folder.write("a.pdf", b"new")
    assert contents(folder.path) == before
    if isinstance(problem, OSError):
        assert str(caught.value) == "papers/a.pdf: The disk is full. Free some space and start again."


def test_name_is_given_when_the_bytes_are_on_the_disk(folder: PrivateFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def remember_fsync(descriptor: int) -> None:
        steps.append("sync folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "sync file")
        fsync(descriptor)

    def remember_replace(self: Path, target: Path) -> Path:
        steps.append("rename")
        return replace(self, target)

    monkeypatch.setattr("os.fsync", remember_fsync)
    monkeypatch.setattr(Path, "replace", remember_replace)
    folder.write("a.pdf", b"new")
    assert steps == ["sync file", "rename", "sync folder"]


def test_written_piece_by_piece_or_not_at_all(folder: PrivateFolder) -> None:
    with folder.writing("packet.pdf") as file:
        file.write(b"one ")
        assert not (folder.path / "packet.pdf").exists()
        file.write(b"two")
        file.seek(0)
        assert file.read() == b"one two", "a writer of PDF goes back to read"
        file.seek(0, os.SEEK_END)
    assert (folder.path / "packet.pdf").read_bytes() == b"one two"
    with pytest.raises(RuntimeError), folder.writing("packet.pdf") as file:
        file.write(b"half")
        raise RuntimeError
    assert (folder.path / "packet.pdf").read_bytes() == b"one two"


def test_folder_without_the_right_to_write(folder: PrivateFolder) -> None:
    folder.path.chmod(0o500)
    if os.access(folder.path, os.W_OK):
        pytest.skip("root may write everywhere")
    with pytest.raises(DeliveryError, match="no right to read or write"):
        folder.write("a.pdf", b"new")


# --- The run ledger ---


def test_newest_record_of_each_paper(folder: PrivateFolder) -> None:
    assert folder.records() == {}
    first, second, again = record("one"), record("two"), record("one", NOW + timedelta(hours=1), pages=9)
    for each in (first, second, again):
        folder.record(each)
    assert PrivateFolder.at(folder.path).records() == {"one": again, "two": second}


@pytest.mark.parametrize("cut", range(1, 100, 7))
def test_torn_last_line_is_passed_over_and_does_not_spoil_the_next(folder: PrivateFolder, cut: int) -> None:
    folder.record(record("one"))
    folder.record(record("two"))
    ledger = folder.path / LEDGER
    ledger.write_bytes(ledger.read_bytes()[:-cut])
    kept = {"one": record("one")} | ({"two": record("two")} if cut == 1 else {})  # then nothing but its end is lost
    assert folder.records() == kept
    folder.record(record("three"))
    assert folder.records() == {**kept, "three": record("three")}


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"\0" * 200, b"{}", b"[]", b"null", b"\xff\xfe", b'{"paper": "x"}', b"[" * 100_000),
        json.dumps({"paper": "x", "inputs": "i", "file": "f", "pages": 1, "when": "2026-11-22T09:30:00"}).encode(),
        json.dumps({"paper": 1, "inputs": "i", "file": "f", "pages": 1, "when": NOW.isoformat()}).encode(),
        json.dumps({"paper": "x", "inputs": "i", "file": "f", "pages": "1", "when": NOW.isoformat()}).encode(),
        json.dumps({"paper": "x", "inputs": "i", "file": "f", "pages": 1, "when": 5}).encode(),
        json.dumps({"paper": "x", "inputs": "i", "file": "f", "pages": 1, "when": NOW.isoformat(), "y": 1}).encode(),
    ],
    ids=range(13),
)
def test_line_that_is_no_record_is_passed_over(folder: PrivateFolder, line: bytes) -> None:
    folder.record(record("one"))
    with (folder.path / LEDGER).open("ab") as file:
        file.write(line + b"\n")
    folder.record(record("two"))
    assert folder.records() == {"one": record("one"), "two": record("two")}


def test_record_is_on_the_disk_when_it_is_told(folder: PrivateFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    fsync = os.fsync

    def remember(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_size)
        fsync(descriptor)

    monkeypatch.setattr("os.fsync", remember)
    folder.record(record("one"))
    assert synced[0] == (folder.path / LEDGER).stat().st_size
    assert len(synced) == 2, "the new name, too"


def test_disk_that_takes_a_line_in_pieces(folder: PrivateFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    fdopen = os.fdopen

    class Slow:
        def __init__(self, file: object) -> None:
            self.file = file

        def __enter__(self) -> "Slow":
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()  # type: ignore[attr-defined]

        def __getattr__(self, name: str) -> object:
            return getattr(self.file, name)

        def write(self, some: bytes) -> object:
            return self.file.write(some[:11])  # type: ignore[attr-defined]

    with monkeypatch.context() as slow:
        slow.setattr("os.fdopen", lambda *given, **named: Slow(fdopen(*given, **named)))
        folder.record(record("one"))
    assert folder.records() == {"one": record("one")}


WRITE_FOR_EVER = """
import hashlib, sys
from datetime import UTC, datetime
from pathlib import Path
from handouts.private_folder import PrivateFolder, Record
folder = PrivateFolder.at(Path(sys.argv[1]))
with folder.alone():
    print("begun", flush=True)
    for number in range(100_000):
        content = str(number).encode() * 4000
        folder.write(f"{number}.pdf", content)
        folder.record(Record(str(number), "i", hashlib.sha256(content).hexdigest(), 1, datetime.now(UTC)))
"""


@pytest.mark.parametrize("seconds", [0.02, 0.11, 0.25])
def test_killed_at_any_moment(desk: Path, seconds: float) -> None:
    path = desk / "papers"
    process = subprocess.Popen([sys.executable, "-c", WRITE_FOR_EVER, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "begun\n"
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    folder = PrivateFolder.at(path)
    with folder.alone():
        assert not list(path.glob("*.part")), "what was half written is gone"
    papers = {file.stem: file.read_bytes() for file in path.glob("*.pdf")}
    assert all(content == name.encode() * 4000 for name, content in papers.items())
    recorded = folder.records().keys()
    assert recorded <= papers.keys(), "a record without its file"
    assert len(papers.keys() - recorded) <= 1
    folder.record(record("next"))
    assert folder.records().keys() == recorded | {"next"}


def test_two_runs_do_not_write_at_once(folder: PrivateFolder) -> None:
    waiting = WRITE_FOR_EVER.replace("for number", "sys.stdin.read()\n    for number").replace("100_000", "0")
    process = subprocess.Popen(
        [sys.executable, "-c", waiting, str(folder.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "begun\n"
    half = folder.path / HALF
    half.write_bytes(b"another run is at it")
    with pytest.raises(DeliveryError, match="Another run is writing"), folder.alone():
        pytest.fail("it got in")
    with pytest.raises(DeliveryError, match="Another run is writing"):
        tidy(folder.path, 0, datetime.now(UTC) + timedelta(days=1))
    assert half.exists()
    process.communicate("")
    with folder.alone():
        assert not half.exists()


# --- Tidying ---


def test_old_papers_go_and_young_ones_stay(folder: PrivateFolder) -> None:
    papers = {days: folder.write(folder.paper_name(str(days), DAY), b"%PDF") for days in (0, 29, 31, 400)}
    for days, path in papers.items():
        aged(path, days)
    packet = aged(folder.write(folder.packet_name(DAY), b"%PDF"), 31)
    half = aged(folder.write(HALF, b"%P"), 31)
    young_half = aged(folder.write(HALF.replace("0", "f"), b"%P"), 0)
    result = tidy(folder.path, 30, NOW)
    assert (result.removed, result.kept) == (4, 2)
    assert [days for days, path in papers.items() if path.exists()] == [0, 29]
    assert not packet.exists() and not half.exists()
    assert young_half.exists()
    assert (tidy(folder.path, 30, NOW).removed, PrivateFolder.at(folder.path)) == (0, folder)


def test_packet_of_any_name_is_known_by_its_record(folder: PrivateFolder) -> None:
    content = b"%PDF all of today"
    packet = aged(folder.write("for the printer.pdf", content), 31)
    folder.record(record("packet", NOW - timedelta(days=31), hashlib.sha256(content).hexdigest()))
    assert tidy(folder.path, 30, NOW).removed == 1
    assert not packet.exists()
    assert folder.records() == {}


def test_what_is_not_ours_stays(desk: Path, folder: PrivateFolder) -> None:
    outside = desk / "2026-11-22-K7QX2FM.pdf"
    outside.write_bytes(OLD)
    elsewhere = desk / "elsewhere"
    elsewhere.mkdir()
    inside = elsewhere / "2026-11-22-K7QX2FM.pdf"
    inside.write_bytes(OLD)
    stay = [folder.path / name for name in ("thesis.pdf", "2026-11-22-K7QX2FM.txt", "2026-11-22-k7qx2fm.pdf", "a.part")]
    for path in stay:
        path.write_bytes(OLD)
    link = folder.path / "2026-11-22-K7QX2FN.pdf"
    link.symlink_to(outside)
    linked_folder = folder.path / "2026-11-22-K7QX2FP.pdf"
    linked_folder.symlink_to(elsewhere)
    real_folder = folder.path / "2026-11-22-K7QX2FQ.pdf"
    real_folder.mkdir()
    for path in (outside, inside, *stay, link, linked_folder, real_folder):
        aged(path, 400)
    assert (tidy(folder.path, 30, NOW).removed, tidy(folder.path, 0, NOW).kept) == (0, 0)
    assert outside.read_bytes() == inside.read_bytes() == OLD
    assert all(path.exists() for path in (*stay, link, linked_folder, real_folder))
    assert (folder.path / ".key").exists() and (folder.path / MARKER).exists()


def test_ledger_loses_its_old_lines(folder: PrivateFolder) -> None:
    old, young = record("old", NOW - timedelta(days=31)), record("young", NOW - timedelta(days=29))
    folder.record(old)
    with (folder.path / LEDGER).open("ab") as file:
        file.write(b'{"paper": "torn\n')
    folder.record(young)
    tidy(folder.path, 30, NOW)
    assert folder.records() == {"young": young}
    assert len((folder.path / LEDGER).read_bytes().splitlines()) == 1
    assert mode(folder.path / LEDGER) == 0o600


def test_folder_without_our_mark_is_not_tidied(desk: Path) -> None:
    path = desk / "shared"
    path.mkdir()
    paper = path / "2026-11-22-K7QX2FM.pdf"
    paper.write_bytes(OLD)
    aged(paper, 400)
    with pytest.raises(DeliveryError, match="nothing was removed"):
        tidy(path, 30, NOW)
    (path / MARKER).symlink_to(paper)
    with pytest.raises(DeliveryError, match="nothing was removed"):
        tidy(path, 30, NOW)
    assert paper.exists()


def test_link_to_our_folder_is_not_tidied(desk: Path, folder: PrivateFolder) -> None:
    paper = aged(folder.write(folder.paper_name("17", DAY), b"%PDF"), 400)
    (desk / "link").symlink_to(folder.path)
    with pytest.raises(DeliveryError, match="nothing was removed"):
        tidy(desk / "link", 30, NOW)
    assert paper.exists()


def test_missing_folder(desk: Path) -> None:
    with pytest.raises(DeliveryError):
        tidy(desk / "missing", 30, NOW)
    assert not contents(desk)


def test_days_that_lie_in_the_future(folder: PrivateFolder) -> None:
    paper = folder.write(folder.paper_name("17", DAY), b"%PDF")
    with pytest.raises(RequestError, match="in the future"):
        tidy(folder.path, -1, NOW)
    assert paper.exists()


def test_folder_whose_key_is_lost_can_be_tidied(folder: PrivateFolder) -> None:
    aged(folder.write(folder.paper_name("17", DAY), b"%PDF"), 31)
    folder.record(record("17", NOW - timedelta(days=31)))
    (folder.path / ".key").unlink()
    assert tidy(folder.path, 30, NOW).removed == 1
