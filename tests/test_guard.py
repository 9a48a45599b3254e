"""A paper with a page that is not its own is stopped, whatever the way it got there; a right one never is."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from handouts.guard import Expected, GuardError, ReadBack, read_back, verify, verify_packet
from handouts.joining import Joined
from handouts.making import Failed, MadePaper, Task, Workshop, identity_line
from handouts.parts import Piece
from handouts.patient import Patient
from tests.command import run
from tests.schedules import DAY, Office, open_office, schedule, write_day_clinic, written

SAME_NAME = "Sample Patient"
NAMES = (
    *("May", "Hope", "Page", "Page 1 of 1", "Born", "R-1", "José Ñuñez-Ejemplo", "Jose\u0301 N\u0303un\u0303ez"),
    *(
        "O’Sample",
        "O'Sample-Placeholder",
        "Zoë Łukasz Müller",
        "Nguyễn Văn Mẫu",
        "Иван Пример",
        "a\u0323\u0302 Example",
    ),
    *("ﬁne oﬃce affluent", "Sample\u00adPatient", "Sample \u2010 Patient \u2011 End", "ǅ ŉ ½ ²", "Sample\u00a0Patient"),
    *("Anne-Marie " + "Sample-Example-" * 8 + "End", "X" * 190, "Very Long Name " * 12),
    *("<script>alert(1)</script>", "{{ patient }}", "((blank))", "=cmd|'/c calc'!A0", "Dr. A · Born B · Reference 1"),
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Two patients of the same name and kit, one whose name and reference are parts of theirs, one in large print."""
    desk = tmp_path_factory.mktemp("guard")
    rows: list[dict[str, object]] = [
        {"reference": "12", "name": SAME_NAME, "visit_type": "first"},
        {"reference": "120", "name": SAME_NAME, "visit_type": "first"},
        {"reference": "1", "name": "May", "note": f"Ask for {SAME_NAME} · Reference 12. Page 1 of 4."},
        {"reference": "44", "name": "Hope", "large_print": "yes"},
    ]
    return open_office(write_day_clinic(desk / "clinic"), schedule(desk / "today.csv", rows))


@pytest.fixture
def small_day(tmp_path: Path) -> tuple[Path, ...]:
    """The words of a command line: a schedule of three, a clinic, and a folder that is not there yet."""
    clinic = write_day_clinic(tmp_path / "clinic")
    return schedule(tmp_path / "today.csv", [{}, {}, {}]), Path("--clinic"), clinic, Path("--output"), tmp_path / "out"


def changed(made: MadePaper, change: Callable[[pikepdf.Pdf], object]) -> io.BytesIO:
    """The same paper after something was done to its file."""
    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(made.pdf.content)) as pdf:
        change(pdf)
        pdf.save(file)
    return file


def stopped(file: io.BytesIO, reason: str, expected: Expected, *others: str) -> None:
    __tracebackhide__ = True
    with pytest.raises(GuardError, match=reason):
        verify(file, expected, set(others))


def packet_stopped(packet: io.BytesIO, reason: str, *papers: ReadBack) -> None:
    __tracebackhide__ = True
    with pytest.raises(GuardError, match=reason):
        verify_packet(packet, papers)


def with_pages_of(office: Office, task: Task, mine: MadePaper, other: MadePaper) -> tuple[io.BytesIO, str, Expected]:
    """A paper with another's own pages in it, rightly stamped, and what is expected of it: as many pages, so that
    nothing but the name can tell them apart."""
    joined = office.workshop.joined(task, other.own)
    shared = [drawn for drawn in mine.expected.drawn if drawn]
    own = [None] * (joined.page_count - len(shared))
    return written(joined), "does not name the person", replace(mine.expected, drawn=(*own, *shared))


def test_right_papers_pass(office: Office) -> None:
    made = [office.made(at) for at in range(4)]
    for paper in made:
        assert verify(io.BytesIO(paper.pdf.content), paper.expected) == paper.read_back
    joined = [office.joined(at) for at in range(4)]
    verify_packet(written(*joined, fresh_sheets=True), [paper.read_back for paper in made])


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name.encode("unicode_escape").decode()[:20])
def test_any_name_is_found_on_its_own_page_only(office: Office, name: str) -> None:
    for large in (False, True):
        task = replace(office.tasks[0], patient=replace(office.tasks[0].patient, name=name, large_print=large))
        made = office.workshop.make(task)
        assert isinstance(made, MadePaper), made.error
        stopped(*with_pages_of(office, task, made, office.made(1)))


class TestPages:
    def test_pages_of_two_patients_swapped(self, office: Office) -> None:
        mine, other = office.made(0), office.made(1)
        for at in range(mine.pdf.page_count):

            def swap(pdf: pikepdf.Pdf, at: int = at) -> None:
                with pikepdf.open(io.BytesIO(other.pdf.content)) as from_other:
                    pdf.pages[at] = from_other.pages[at]

            stopped(changed(mine, swap), f"page {at + 1} does not carry its token", mine.expected)

    def test_pages_of_one_paper_in_another_order(self, office: Office) -> None:
        mine = office.made(0)
        stopped(changed(mine, lambda pdf: pdf.pages.reverse()), "page 1 is not numbered", mine.expected)

    @pytest.mark.parametrize("at", [0, 1, -1])
    def test_a_page_dropped(self, office: Office, at: int) -> None:
        mine = office.made(0)
        stopped(changed(mine, lambda pdf: pdf.pages.__delitem__(at)), "it has 3 pages, and 4 are needed", mine.expected)

    def test_a_page_doubled(self, office: Office) -> None:
        mine = office.made(0)
        stopped(changed(mine, lambda pdf: pdf.pages.append(pdf.pages[1])), "has 5 pages, and should", mine.expected)
        stopped(changed(mine, lambda pdf: pdf.pages.insert(1, pdf.pages[1])), "page 3 is not numbered", mine.expected)

    def test_one_byte_of_a_shared_page(self, office: Office) -> None:
        mine = office.made(0)

        def change(pdf: pikepdf.Pdf) -> None:
            drawn = pdf.pages[1].obj.Contents[1]
            drawn.write(drawn.read_bytes() + b" ")

        stopped(changed(mine, change), "page 2 is not the page that was approved", mine.expected)

    def test_something_more_drawn_on_a_shared_page(self, office: Office) -> None:
        mine = office.made(0)
        for first in (True, False):

            def draw(pdf: pikepdf.Pdf, first: bool = first) -> None:
                pdf.pages[1].contents_add(b"0 0 99 99 re f", prepend=first)

            reason = "is not the page that was approved" if first else "does not carry its token"
            stopped(changed(mine, draw), f"page 2 {reason}", mine.expected)

    def test_the_wrong_kit(self, office: Office) -> None:
        task = office.tasks[0]
        other = replace(task, shared=(task.shared[1], task.shared[0]))
        joined = office.workshop.joined(other, office.made(0).own)
        stopped(written(joined), "not the page that was approved", office.made(0).expected)


class TestStamps:
    def test_another_paper_s_token(self, office: Office) -> None:
        stopped(
            written(replace(office.joined(0), token=office.tasks[1].token)), "not carry its", office.made(0).expected
        )

    def test_both_tokens(self, office: Office) -> None:
        two = replace(office.joined(0), token=f"{office.tasks[1].token} {office.tasks[0].token}")
        stopped(written(two), "page 1 carries another paper", office.made(0).expected, office.tasks[1].token)

    def test_another_s_token_on_a_shared_page_only(self, office: Office) -> None:
        mine = office.made(0)
        two = replace(office.joined(0), token=f"{office.tasks[1].token} {office.tasks[0].token}")

        def swap(pdf: pikepdf.Pdf) -> None:
            with pikepdf.open(written(two)) as other:
                pdf.pages[2] = other.pages[2]

        stopped(changed(mine, swap), "page 3 carries another paper", mine.expected, office.tasks[1].token)
        stopped(changed(mine, swap), "page 3 is not numbered", mine.expected)

    @pytest.mark.parametrize(
        "words", ["Page {page} of 9", "Page 1 of {pages}", "Page {page} of {pages}0", "{page}", ""]
    )
    def test_wrong_page_numbers(self, office: Office, words: str) -> None:
        stopped(written(replace(office.joined(0), page_of=words)), "is not numbered", office.made(0).expected)

    def test_a_note_is_no_page_number(self, office: Office) -> None:
        expected = replace(office.made(2).expected, page_of="Page {page} of 4")
        assert "Page 1 of 4" in office.tasks[2].patient.note
        stopped(written(office.joined(2)), "page 1 is not numbered", expected)


class TestIdentity:
    """The patient's own page was put into the paper of another, and everything was stamped rightly."""

    @pytest.mark.parametrize(("mine", "other"), [(0, 1), (1, 0), (0, 2), (2, 0), (2, 1), (2, 3), (3, 2), (3, 0)])
    def test_own_pages_swapped(self, office: Office, mine: int, other: int) -> None:
        stopped(*with_pages_of(office, office.tasks[mine], office.made(mine), office.made(other)))

    @pytest.mark.parametrize(
        "almost",
        [
            {"name": "Sample Patien"},
            {"name": "ample Patient"},
            {"name": "Sample Patiént"},
            {"name": "sample patient"},
            {"reference": "2"},
            {"reference": "1"},
            {"born": None},
        ],
    )
    def test_almost_the_same_person(self, office: Office, almost: dict[str, Any]) -> None:
        task = office.tasks[0]
        like = office.workshop.make(replace(task, patient=replace(task.patient, **almost)))
        assert isinstance(like, MadePaper)
        verify(io.BytesIO(like.pdf.content), like.expected)
        stopped(io.BytesIO(like.pdf.content), "does not name the person", office.made(0).expected)
        stopped(io.BytesIO(office.made(0).pdf.content), "does not name the person", like.expected)

    def test_the_line_is_the_one_on_the_page(self, office: Office) -> None:
        patient: Patient = office.tasks[0].patient
        words = office.workshop.house("en").furniture.personal
        assert words
        assert identity_line(patient, words) == "Sample Patient · Born Sunday, May 4, 1980 · Reference 12"


class TestPackets:
    def test_two_papers_in_the_wrong_order(self, office: Office) -> None:
        packet = written(office.joined(1), office.joined(0), fresh_sheets=True)
        packet_stopped(packet, "page 1 is not the one", office.made(0).read_back, office.made(1).read_back)

    def test_a_paper_is_missing_or_double(self, office: Office) -> None:
        one, two = office.made(0).read_back, office.made(1).read_back
        first, second = office.joined(0), office.joined(1)
        packet_stopped(written(first), "it ends too early", one, two)
        packet_stopped(written(first, first), "page 5 is not the one", one, two)
        packet_stopped(written(first, second, second), "4 pages too many", one, two)

    def test_one_page_of_another_in_the_midst(self, office: Office) -> None:
        """Each page of a paper takes the place of the same page of another, rightly stamped for its new place."""
        one, two = office.joined(0), office.joined(1)
        for at in range(len(one.sheets)):
            sheets = (*one.sheets[:at], two.sheets[at], *one.sheets[at + 1 :])
            mixed = replace(one, sheets=sheets)
            if at == 0:  # what is shared is the same for both
                packet_stopped(written(mixed), "page 1 is not the one", office.made(0).read_back)
            foreign = replace(one, token=two.token)
            packet_stopped(written(foreign), "page 1 is not the one", office.made(0).read_back)

    def test_something_on_the_back_of_a_sheet(self, office: Office) -> None:
        short = replace(office.joined(2), sheets=office.joined(2).sheets[:1])
        one = office.made(0).read_back
        odd = read_back(written(short))
        assert len(odd.shown) == 1
        verify_packet(written(short, office.joined(0), fresh_sheets=True), [odd, one])
        packet_stopped(written(short, office.joined(0)), "page 2 should be blank", odd, one)

    def test_a_packet_that_is_not_whole(self, office: Office) -> None:
        good = written(office.joined(0)).getvalue()
        one = office.made(0).read_back
        for broken in (b"", good[:-1000], good.replace(b"/ObjStm", b"/XxxStm"), good[: len(good) // 2] + good[-2000:]):
            packet_stopped(io.BytesIO(broken), "cannot be read|is not the one", one)

    def test_a_page_drawn_with_another_font(self, office: Office) -> None:
        """The letters of a page are the same bytes, and mean something else in another font."""
        sheets = office.joined(0).sheets
        part = sheets[0].part
        fonts = [digest for digest, piece in part.shared.items() if b"/FontFile" in b"".join(_bytes(piece))]
        assert len(fonts) > 1
        swapped = dict(part.shared)
        swapped[fonts[0]], swapped[fonts[1]] = swapped[fonts[1]], swapped[fonts[0]]
        mixed = replace(office.joined(0), sheets=(replace(sheets[0], part=replace(part, shared=swapped)), *sheets[1:]))
        packet_stopped(written(mixed), "page 1 is not the one", office.made(0).read_back)


def _bytes(piece: Piece) -> list[bytes]:
    return [chunk for chunk in piece.chunks if isinstance(chunk, bytes)]


class TestRuns:
    """What is wrong in the program itself comes to nobody's hands."""

    def test_another_s_pages_are_never_written(
        self, small_day: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One patient's pages stay behind in what all papers share."""
        real = Workshop._sheets
        first: list[Any] = []

        def kept(self: Workshop, task: Task, composition: Any) -> Any:
            first.append(real(self, task, composition))
            return first[0]

        monkeypatch.setattr(Workshop, "_sheets", kept)
        told = run("day", *small_day, "--packet", "packet.pdf", "--jobs", "1")
        assert told.code == 1
        assert told.err.count("does not name the person it is for") == 2
        assert "1 of 3 papers made" in told.err
        folder = small_day[-1]
        assert len(list(folder.glob(f"{DAY}-*.pdf"))) == 1
        assert len((folder / "run.jsonl").read_text().splitlines()) == 1 + 1  # the paper and the packet
        assert not list(folder.glob("*.part")) + list(folder.glob(".*.part"))

    def test_a_packet_with_a_wrong_page_is_not_kept(
        self, small_day: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = Workshop.joined
        calls: list[Joined] = []

        def joined(self: Workshop, task: Task, own: Any) -> Joined:
            calls.append(real(self, task, own))
            # Asked twice for each: for the file, and for the packet. The packet's third is the first one's.
            return calls[0] if len(calls) == 6 else calls[-1]

        monkeypatch.setattr(Workshop, "joined", joined)
        told = run("day", *small_day, "--packet", "packet.pdf", "--jobs", "1")
        assert told.code != 0
        assert "is not the one that was read back" in told.err
        folder = small_day[-1]
        assert len(list(folder.glob(f"{DAY}-*.pdf"))) == 3
        assert not (folder / "packet.pdf").exists()
        assert not list(folder.glob(".*.part"))

    def test_a_guard_s_message_names_nobody(self, office: Office) -> None:
        task = office.tasks[0]
        shared = office.workshop.shared
        broken = office.workshop.having(replace(shared, sheets=shared.sheets[::-1]))
        made = broken.make(task)
        assert isinstance(made, MadePaper | Failed)
        with pytest.raises(GuardError) as caught:
            verify(io.BytesIO(office.made(1).pdf.content), office.made(0).expected)
        assert SAME_NAME not in str(caught.value)
        assert SAME_NAME not in repr(office.made(0).expected) + repr(task) + repr(made)
