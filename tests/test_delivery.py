"""A file with its final name is always a whole PDF."""

import os
from pathlib import Path

import pytest

from handouts.delivery import Destination, deliver, destination, write_whole
from handouts.errors import DeliveryError
from handouts.pdf import Pdf
from tests.command import OLD, contents
from tests.small_clinic import write

PDF = Pdf(b"%PDF-1.7 whole", "Title", 2)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("-", Destination(None, None)),
        ("papers", Destination(Path("papers"), None)),
        ("a/b.PDF", Destination(None, Path("a/b.PDF"))),
        (".", Destination(Path(), None)),
    ],
)
def test_destination(output: str, expected: Destination) -> None:
    assert destination(output, 1) == expected


@pytest.mark.parametrize("output", ["-", "one.pdf"])
def test_two_papers_need_a_folder(output: str) -> None:
    with pytest.raises(DeliveryError, match="2 handouts cannot go"):
        destination(output, 2)
    assert destination("papers", 2).path_for("a.pdf") == Path("papers/a.pdf")


def test_folder_is_made_and_old_file_replaced(desk: Path) -> None:
    to = destination("new/deep", 1)
    write(desk, {"new/deep/a.pdf": OLD})
    receipt = deliver(PDF, to, "a.pdf")
    assert (receipt.destination, receipt.page_count) == ("new/deep/a.pdf", 2)
    assert contents(desk) == {"new/deep/a.pdf": PDF.content}


def test_file_can_be_read_by_everyone_at_the_desk(desk: Path) -> None:
    mask = os.umask(0o022)
    try:
        write_whole(desk / "a.pdf", PDF.content)
    finally:
        os.umask(mask)
    assert (desk / "a.pdf").stat().st_mode & 0o777 == 0o644


def test_standard_output_gets_the_bytes(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert deliver(PDF, destination("-", 1), "a.pdf").destination == "-"
    assert capfdbinary.readouterr().out == PDF.content


@pytest.mark.parametrize(
    "step", ["tempfile.mkstemp", "os.fdopen", "os.fsync", "pathlib.Path.chmod", "pathlib.Path.replace"]
)
@pytest.mark.parametrize(
    "problem", [OSError(28, "No space left on device"), KeyboardInterrupt(), MemoryError()], ids=repr
)
def test_whatever_goes_wrong_the_old_file_stays(
    desk: Path, monkeypatch: pytest.MonkeyPatch, step: str, problem: BaseException
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise problem

    write(desk, {"a.pdf": OLD})
    monkeypatch.setattr(step, fail)
    with pytest.raises(type(problem)):
        write_whole(desk / "a.pdf", PDF.content)
    assert contents(desk) == {"a.pdf": OLD}


def test_name_is_taken_only_when_the_file_is_whole(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    real = os.fsync

    def look(descriptor: int) -> None:
        seen.append(list(contents(desk)))
        real(descriptor)

    monkeypatch.setattr("os.fsync", look)
    write_whole(desk / "a.pdf", PDF.content)
    ((beside,),) = seen
    assert beside.startswith(".a.pdf."), "on the same disk, or it could not be swapped in"
    assert contents(desk) == {"a.pdf": PDF.content}
