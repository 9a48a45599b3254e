"""What our reader says of a file is what other readers say of it."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handouts.pdf_reader import NotOursError, PdfReader
from handouts.pdf_writer import PdfWriter

Change = Callable[[bytes], bytes]


def file_of(drawn: list[bytes], more: int = 0, swap: bool = False) -> io.BytesIO:
    """A file with a page for each of these contents, two fonts, and so many more objects that no page uses."""
    file = io.BytesIO()
    writer = PdfWriter(file)
    catalog, pages, resources, one, two = (writer.reserve() for _ in range(5))
    writer.add(catalog, b"<< /Type /Catalog /Pages %d 0 R >>" % pages)
    first, other = (two, one) if swap else (one, two)
    writer.add(resources, b"<< /Font << /A %d 0 R /B %d 0 R >> >>" % (first, other))
    writer.add(one, b"<< /Type /Font /BaseFont /One >>")
    writer.add(two, b"<< /Type /Font /BaseFont /Two >>")
    for _ in range(more):
        writer.add(writer.reserve(), b"(none)")
    kids = []
    for content in drawn:
        page, stream = writer.reserve(), writer.reserve()
        kids.append(page)
        writer.add_stream(stream, b"/Filter /FlateDecode", zlib.compress(content))
        entries = b"/Type /Page /Parent %d 0 R /MediaBox [0 0 99 99] /StructParents %d" % (pages, page)
        writer.add(page, b"<< %s /Resources %d 0 R /Contents [%d 0 R] >>" % (entries, resources, stream))
    refs = b" ".join(b"%d 0 R" % kid for kid in kids)
    writer.add(pages, b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), refs))
    writer.close(catalog)
    return file


def shown(file: io.BytesIO) -> list[bytes]:
    reader = PdfReader(file)
    return [reader.shown(page) for page in reader.pages()]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=12), st.sampled_from([0, 1, 199, 200, 600]))
def test_pages_in_order_and_alike_where_they_are_alike(drawn: list[bytes], more: int) -> None:
    file = file_of(drawn, more)
    seen = shown(file)
    with pikepdf.open(file) as pdf:
        assert [page.obj.Contents[0].read_bytes() for page in pdf.pages] == drawn
    assert [seen.index(one) for one in seen] == [drawn.index(one) for one in drawn]
    assert shown(file_of(drawn)) == seen, "where a page stands is no part of what it shows"


def test_a_table_of_more_objects_than_are_written_at_a_time() -> None:
    file = file_of([b"first", b"second"], more=21_500)
    assert shown(file) == shown(file_of([b"first", b"second"]))
    with pikepdf.open(file) as pdf:
        assert [page.obj.Contents[0].read_bytes() for page in pdf.pages] == [b"first", b"second"]


def test_the_font_is_part_of_what_is_shown() -> None:
    assert shown(file_of([b"letters"])) != shown(file_of([b"letters"], swap=True))


@pytest.mark.parametrize(
    "change",
    [
        lambda file: b"",
        lambda file: file[:-20],
        lambda file: file[:-200] + file[-30:],
        lambda file: file.replace(b"/XRef", b"/Xxxx"),
        lambda file: file.replace(b"/ObjStm", b"/Xxxxxx"),
        lambda file: file.replace(b"endobj", b"endobj  "),
    ],
    ids=["empty", "no end", "a hole", "no table", "no object stream", "moved"],
)
def test_a_file_that_is_not_whole(change: Change) -> None:
    file = file_of([b"first", b"second"]).getvalue()
    with pytest.raises((NotOursError, zlib.error)):
        shown(io.BytesIO(change(file)))
