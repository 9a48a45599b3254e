"""Joined papers hold every letter, tag and link of their parts, are PDF/UA, and are the same each time."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handouts.formats import LETTER
from handouts.joining import Joined, Joining
from handouts.pdf_writer import PdfWriter
from handouts.personal import compose_personal
from handouts.pipeline import produce
from handouts.stamping import STANDARD, stamp
from tests.paper import squeezed
from tests.schedules import Office, asked, open_office, schedule, write_day_clinic, written


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("joining")


@pytest.fixture(scope="module")
def office(desk: Path) -> Office:
    """Three patients: a long kit with links, the same again, and a short one in large print."""
    note = "**Bold**, a list:\n\n- one\n- two"
    rows: list[dict[str, object]] = [
        {"visit_type": "first", "route": "infusion", "note": note},
        {"visit_type": "first", "route": "infusion"},
        {"large_print": "yes"},
    ]
    return open_office(write_day_clinic(desk / "clinic"), schedule(desk / "today.csv", rows))


@pytest.fixture(scope="module")
def papers(desk: Path, office: Office) -> tuple[Path, ...]:
    """A file for each patient, and one for all."""
    paths = [desk / f"paper-{at}.pdf" for at in range(3)]
    for at, path in enumerate(paths):
        path.write_bytes(office.made(at).pdf.content)
    packet = desk / "packet.pdf"
    packet.write_bytes(written(*(office.joined(at) for at in range(3)), fresh_sheets=True).getvalue())
    return (*paths, packet)


def said(path: Path) -> str:
    """The text in the order of the tags."""
    lines = (re.match(r'\s*"(.*)"$', line) for line in asked("pdfinfo", "-struct-text", path).splitlines())
    return squeezed("".join(line[1] for line in lines if line))


def parts_of(office: Office, at: int, folder: Path) -> list[Path]:
    """A patient's own page and the shared papers, each alone as it was laid out."""
    task = office.tasks[at]
    own = produce(
        compose_personal(task.patient, office.workshop.house("en"), task.large, LETTER, task.titles, task.dose)
    )
    pdfs = [own, *(office.pdfs[place] for place in task.shared)]
    paths = [folder / f"part-{number}.pdf" for number in range(len(pdfs))]
    for path, pdf in zip(paths, pdfs, strict=True):
        path.write_bytes(pdf.content)
    return paths


def tags(node: Any) -> Iterator[Any]:
    """All tags below a node, in reading order."""
    for kid in node if isinstance(node, pikepdf.Array) else [node]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from tags(kid.get("/K", pikepdf.Array()))


def kinds(path: Path) -> list[str]:
    """The kinds of all tags that say something."""
    with pikepdf.open(path) as pdf:
        found = [str(tag.S) for tag in tags(pdf.Root.StructTreeRoot.K)]
    return [kind for kind in found if kind not in ("/Span", "/NonStruct", "/Document", "/Part")]


def test_papers_and_packet_are_accessible(papers: tuple[Path, ...], assert_accessible: Callable[..., None]) -> None:
    assert_accessible(*papers)


def test_qpdf_finds_nothing(papers: tuple[Path, ...]) -> None:
    for path in papers:
        assert "No syntax or stream encoding errors" in asked("qpdf", "--check", path)


@pytest.mark.parametrize("at", [0, 2])
def test_every_letter_and_tag_of_the_parts_in_order(
    office: Office, papers: tuple[Path, ...], tmp_path: Path, at: int
) -> None:
    parts = parts_of(office, at, tmp_path)
    assert len(said(papers[at])) > 500
    assert said(papers[at]) == "".join(said(part) for part in parts)
    assert kinds(papers[at]) == [kind for part in parts for kind in kinds(part)]


def test_a_packet_says_what_its_papers_say(papers: tuple[Path, ...]) -> None:
    assert said(papers[-1]) == "".join(said(path) for path in papers[:-1])
    assert kinds(papers[-1]) == [kind for path in papers[:-1] for kind in kinds(path)]


def test_what_is_seen_is_the_parts_and_the_stamp(office: Office, papers: tuple[Path, ...], tmp_path: Path) -> None:
    seen = squeezed(asked("pdftotext", "-raw", papers[0], "-"))
    for stamped in (f"{office.tasks[0].token}Page{page}of4" for page in range(1, 5)):
        assert stamped in seen or "".join(reversed(stamped.partition("Page"))) in seen
        seen = seen.replace(stamped, "")
    alone = "".join(squeezed(asked("pdftotext", "-raw", part, "-")) for part in parts_of(office, 0, tmp_path))
    assert sorted(seen) == sorted(alone)


def test_everything_marked_on_a_page_has_its_tag(papers: tuple[Path, ...]) -> None:
    """Each page's marks 0, 1, 2… lead to a tag which holds that mark of that page, and hangs on the top."""
    for path in papers:
        with pikepdf.open(path) as pdf:
            root = pdf.Root.StructTreeRoot
            tree = pikepdf.NumberTree(root.ParentTree)
            known = {tag.objgen for tag in tags(root.K)}
            keys = []
            for page in pdf.pages:
                if "/StructParents" not in page.obj:
                    continue
                keys.append(int(page.obj.StructParents))
                held = tree[keys[-1]]
                marked = {
                    int(operands[1].MCID)
                    for operands, operator in pikepdf.parse_content_stream(page)
                    if str(operator) == "BDC" and isinstance(operands[1], pikepdf.Dictionary) and "/MCID" in operands[1]
                }
                assert marked == {mark for mark, tag in enumerate(held) if tag is not None}
                for mark in marked:
                    tag = held[mark]
                    assert tag.objgen in known
                    kids = tag.K if isinstance(tag.K, pikepdf.Array) else [tag.K]
                    own_marks = [kid for kid in kids if isinstance(kid, int)]
                    of_page = [int(kid.MCID) for kid in kids if isinstance(kid, pikepdf.Dictionary) and "/MCID" in kid]
                    assert mark in own_marks + of_page
                    assert tag.Pg.objgen == page.obj.objgen
            assert len(keys) == len(set(keys))
            assert max(key for key, _ in tree.items()) < int(root.ParentTreeNextKey)


def test_links_go_where_they_went(papers: tuple[Path, ...]) -> None:
    """A link within a handout leads to the page of the same copy; links keep their words for a reader's voice."""
    for path, firsts in ((papers[0], (0,)), (papers[-1], (0, 4))):
        with pikepdf.open(path) as pdf:
            pages = [page.obj.objgen for page in pdf.pages]
            tree = pikepdf.NumberTree(pdf.Root.StructTreeRoot.ParentTree)
            for first in firsts:
                links = [link for page in list(pdf.pages)[first : first + 4] for link in page.get("/Annots", [])]
                within = [pages.index(link.Dest[0].objgen) for link in links if "/Dest" in link]
                # In full, the safety part is on the second page, the paper's third; the summary has one page.
                assert within == [first + 2, first + 3]
                assert [str(link.A.URI) for link in links if "/A" in link] == ["https://clinic.example/"] * 2
                for link in links:
                    assert tree[int(link.StructParent)].S == "/Link"
                    assert str(link.Contents) in ("The safety part", "the web")


def test_bookmarks_of_a_packet_name_nobody(office: Office, papers: tuple[Path, ...]) -> None:
    with pikepdf.open(papers[-1]) as pdf, pdf.open_outline() as outline:
        pages = [page.obj.objgen for page in pdf.pages]
        assert [item.title for item in outline.root] == [task.token for task in office.tasks]
        assert [pages.index(item.destination[0].objgen) for item in outline.root] == [0, 4, 8]
    with pikepdf.open(papers[0]) as pdf, pdf.open_outline() as outline:
        assert [item.title for item in outline.root] == ["Your visit", "A small handout", "Another handout"]


def test_each_part_says_its_language_and_title(office: Office) -> None:
    sheets = office.joined(0).sheets
    spanish = replace(sheets[1], part=replace(sheets[1].part, language="es"))
    with pikepdf.open(io.BytesIO(office.made(0).pdf.content)) as pdf:
        top = pdf.Root.StructTreeRoot.K[0]
        assert (top.S, str(top.Lang)) == ("/Document", "en")
        assert [(str(part.S), str(part.Lang), str(part.T)) for part in top.K] == [
            ("/Part", "en", title) for title in ("Your visit", "A small handout", "Another handout")
        ]
    assert spanish.part.language == "es"


def test_what_is_shared_stands_once(office: Office) -> None:
    """The second patient with the same kit adds a page and tags, not fonts or what is drawn."""
    one = len(written(office.joined(0)).getvalue())
    two = len(written(office.joined(0), office.joined(1)).getvalue())
    three = len(written(office.joined(0), office.joined(1), office.joined(0)).getvalue())
    assert three - two < 0.35 * one


def test_the_same_bytes_twice(office: Office) -> None:
    joined = [office.joined(at) for at in (0, 1)]
    assert written(*joined).getvalue() == written(*joined).getvalue()
    assert office.workshop.make(office.tasks[0]).pdf.content == office.made(0).pdf.content  # type: ignore[union-attr]


def test_each_paper_begins_on_a_front_side(office: Office) -> None:
    short = replace(office.joined(1), sheets=office.joined(1).sheets[:1])
    count = short.page_count
    front = Joined(short.sheets, "", "Page {page} of {pages}", short.font, "List")
    file = io.BytesIO()
    joining = Joining(file, "Papers", "en")
    for paper in (short, office.joined(0), short, short):
        joining.add(paper, on_a_fresh_sheet=True)
    assert joining.add_in_front([front]) == count + count % 2
    joining.close()
    with pikepdf.open(file) as pdf:
        drawn = ["/Contents" in page.obj for page in pdf.pages]
    count = short.page_count
    assert count % 2, "nothing to be seen here with whole sheets"
    one = [True] * count + [False] * (count % 2)
    assert drawn == [*one, *one, *[True] * 4, *one, *[True] * count]


class TestStamp:
    def test_it_ends_at_the_margin(self, office: Office) -> None:
        font = office.workshop.shared.fonts["en"]
        drawn = stamp(("Page 1 of 2", "K7QX2FM"), font, STANDARD, 612)
        lefts = [float(left) for left in re.findall(rb"1 0 0 1 ([\d.]+) ", drawn)]
        widths = [font.width(line, STANDARD.size) for line in ("K7QX2FM", "Page 1 of 2")]
        for left, width in zip(lefts, widths, strict=True):
            assert left + width == pytest.approx(612 - STANDARD.right, abs=0.02)
            assert 25 < width < 90

    def test_a_letter_that_is_not_in_the_sheet(self, office: Office) -> None:
        with pytest.raises(KeyError):
            stamp(("§",), office.workshop.shared.fonts["en"], STANDARD, 612)


# Objects of any kind: what stands in the file, and what is to be read back from it

Value = None | bool | int | Decimal | str | bytes | list[Any] | dict[str, Any] | tuple[str, int]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**31), 2**31 - 1),
    st.decimals(-99999, 99999, places=3),
    st.binary(max_size=40),
    st.text("abcXYZ019-_.", min_size=1, max_size=12).map(lambda name: f"/{name}"),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text("abcXYZ", min_size=1, max_size=8).map(lambda name: f"/{name}"), inner, max_size=5)
    ),
    max_leaves=12,
)


def as_pdf(value: Any) -> bytes:
    match value:
        case None:
            return b"null"
        case bool():
            return b"true" if value else b"false"
        case int():
            return b"%d" % value
        case Decimal():
            return format(value, "f").encode()
        case bytes():
            return b"<" + value.hex().encode() + b">"
        case str():
            return value.encode()
        case list():
            return b"[" + b" ".join(map(as_pdf, value)) + b"]"
        case dict():
            return b"<< " + b" ".join(key.encode() + b" " + as_pdf(one) for key, one in value.items()) + b" >>"
    raise TypeError(value)


def read_back(value: Any) -> Any:
    if isinstance(value, pikepdf.Array):
        return [read_back(one) for one in value]
    if isinstance(value, pikepdf.Dictionary):
        return {key: read_back(value[key]) for key in value.keys()}  # noqa: SIM118 - it is no dict
    if isinstance(value, pikepdf.Name):
        return str(value)
    if isinstance(value, pikepdf.String):
        return bytes(value)
    return value


def without_nulls(value: Any) -> Any:
    """An entry of a dictionary that is null is the same as none at all. ISO 32000-1, 7.3.7."""
    if isinstance(value, list):
        return [without_nulls(one) for one in value]
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    return value


class TestWriter:
    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(VALUES, max_size=30), st.lists(st.binary(max_size=300), max_size=5), st.randoms(), st.integers(0, 3)
    )
    def test_any_objects_are_read_back(self, values: list[Any], streams: list[bytes], order: Any, bulk: int) -> None:
        values = values + [bulk] * bulk * 150  # more than one stream of objects
        file = io.BytesIO()
        writer = PdfWriter(file)
        first, root, data = writer.reserve(len(values)), writer.reserve(), writer.reserve(len(streams))
        todo: list[tuple[int, bytes, bytes | None]] = [
            (first + at, b"<< /V %s >>" % as_pdf(value), None) for at, value in enumerate(values)
        ]
        todo += [(data + at, b"/At %d" % at, held) for at, held in enumerate(streams)]
        pages = writer.reserve()
        todo.append((pages, b"<< /Type /Pages /Count 0 /Kids [] >>", None))
        refs = [b" ".join(b"%d 0 R" % (start + at) for at in range(count)) for start, count in
                ((first, len(values)), (data, len(streams)))]  # fmt: skip
        todo.append((root, b"<< /Type /Catalog /Pages %d 0 R /Values [%s] /Data [%s] >>" % (pages, *refs), None))
        order.shuffle(todo)
        for number, body, held in todo:
            if held is None:
                writer.add(number, body)
            else:
                writer.add_stream(number, body, held)
        writer.close(root)
        with pikepdf.open(file) as pdf:
            assert not pdf.check_pdf_syntax()
            assert [read_back(one.get("/V")) for one in pdf.Root.Values] == [without_nulls(value) for value in values]
            assert [one.read_raw_bytes() for one in pdf.Root.Data] == streams

    def test_more_than_four_gigabytes_is_refused(self) -> None:
        writer = PdfWriter(io.BytesIO())
        writer._place = 2**32
        with pytest.raises(OverflowError, match="4 GB"):
            writer.add_stream(writer.reserve(), b"", b"")
