"""Puts a patient's own pages and the shared pages of their handouts into one tagged PDF, page by page stamped.

A packet is the same, with one patient after the other. The tags of each part stay whole and hang on the tag of the
document; the tree that leads from content to tags is renumbered for each copy (ISO 32000-1, 14.7.4.4).
"""

from __future__ import annotations

import zlib
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO
from xml.sax.saxutils import escape

from handouts.parts import Above, Chunk, Key, Own, Page, Part, Piece, Shared
from handouts.pdf_writer import PdfWriter
from handouts.stamping import StampFont, StampStyle, stamp

_MOST_NUMBERS = 4096  # pieces of pages that are known again: those of a day's shared pages are some hundreds


@dataclass(frozen=True)
class Sheets:
    """A part as it stands in a paper: its pages are stamped in this style."""

    part: Part
    style: StampStyle


@dataclass(frozen=True)
class Joined:
    """One patient's whole paper: its parts in order, the token on every page, and the words of its page numbers.

    `page_of` holds {page} and {pages}. Pages count from 1 to the last one of this paper, whatever else is in the file.
    """

    sheets: tuple[Sheets, ...]
    token: str
    page_of: str
    font: StampFont
    heading: str  # for the bookmarks of a packet: never a name

    @property
    def page_count(self) -> int:
        return sum(len(sheets.part.pages) for sheets in self.sheets)

    def stamps(self) -> Iterator[tuple[Sheets, Page, tuple[str, ...]]]:
        """Each page with the lines that are stamped on it."""
        number = 0
        for sheets in self.sheets:
            for page in sheets.part.pages:
                number += 1
                lines = (self.page_of.format(page=number, pages=self.page_count), self.token)
                yield sheets, page, tuple(line for line in lines if line)


class Joining:
    """Papers being written into one file, one after the other. Nothing of a paper is kept once it is written."""

    def __init__(self, file: BinaryIO, title: str, language: str) -> None:
        self._writer = PdfWriter(file)
        self._title = title
        self._language = language
        self._pages = self._writer.reserve()
        self._top = self._writer.reserve()  # the tag of the whole document
        self._tree = self._writer.reserve()
        self._numbers: OrderedDict[bytes, int] = OrderedDict()  # of what was written and may be needed again
        self._leaves = array("I")  # each paper's node of the tree of pages
        self._top_kids = array("I")
        self._parents = array("I")  # each copy's node of the tree of parents
        self._bookmarks: list[tuple[str, int]] = []
        self._next_key = 0
        self._before = self._stream(b"q")
        self._pages_so_far = 0
        self._above: dict[str, int] = {}

    def add(self, paper: Joined, on_a_fresh_sheet: bool = False) -> None:
        """Write a paper. `on_a_fresh_sheet`: behind a blank page, if the paper before it ended on a front side."""
        leaf = self._writer.reserve()
        kids: list[int] = []
        if on_a_fresh_sheet and self._pages_so_far % 2:
            kids.append(self._blank(leaf, paper.sheets[0].part.pages[0]))
        stamps = [stamp(lines, paper.font, sheets.style, page.width) for sheets, page, lines in paper.stamps()]
        first_of_paper = len(self._bookmarks)
        for sheets in paper.sheets:
            count = len(sheets.part.pages)
            first = self._copy(sheets.part, leaf, stamps[:count])
            del stamps[:count]
            kids += [first + page.index for page in sheets.part.pages]
            self._bookmarks.append((sheets.part.title, first + sheets.part.pages[0].index))
        if on_a_fresh_sheet:
            self._bookmarks[first_of_paper:] = [(paper.heading, self._bookmarks[first_of_paper][1])]
        self._leaves.append(leaf)
        self._pages_so_far += len(kids)
        self._writer.add(
            leaf,
            b"<< /Type /Pages /Parent %d 0 R /Count %d /Kids [%s] >>" % (self._pages, len(kids), _references(kids)),
        )

    def add_in_front(self, papers: Iterable[Joined]) -> int:
        """Write what stands before all others: a packet's manifest is known last. Says how many pages that takes.

        What follows begins on a fresh sheet: a blank page at its end is counted.
        """
        so_far, leaves, kids, marks = self._pages_so_far, len(self._leaves), len(self._top_kids), len(self._bookmarks)
        self._pages_so_far = 0
        like: Page | None = None
        for paper in papers:
            self.add(paper)
            like = paper.sheets[0].part.pages[0]
        if self._pages_so_far % 2 and like is not None:
            back = self._writer.reserve()
            page = self._blank(back, like)
            self._writer.add(back, b"<< /Type /Pages /Parent %d 0 R /Count 1 /Kids [%d 0 R] >>" % (self._pages, page))
            self._leaves.append(back)
            self._pages_so_far += 1
        count = self._pages_so_far
        self._leaves[:] = self._leaves[leaves:] + self._leaves[:leaves]
        self._top_kids[:] = self._top_kids[kids:] + self._top_kids[:kids]
        self._bookmarks[:] = self._bookmarks[marks:] + self._bookmarks[:marks]
        self._pages_so_far = so_far + count
        return count

    def close(self) -> None:
        """Write what holds all papers together. The file stays open."""
        add, reserve = self._writer.add, self._writer.reserve
        leaves = _references(self._leaves)
        add(self._pages, b"<< /Type /Pages /Count %d /Kids [%s] >>" % (self._pages_so_far, leaves))
        kids = _references(self._top_kids)
        language = _string(self._language)
        add(
            self._top,
            b"<< /Type /StructElem /S /Document /P %d 0 R /Lang %s /K [%s] >>" % (self._tree, language, kids),
        )
        parents = reserve()
        nodes = _references(self._parents)
        add(parents, b"<< /Kids [%s] >>" % nodes)
        add(
            self._tree,
            b"<< /Type /StructTreeRoot /K [%d 0 R] /ParentTree %d 0 R /ParentTreeNextKey %d >>"
            % (self._top, parents, self._next_key),
        )
        outlines = self._outlines()
        metadata = reserve()
        self._writer.add_stream(metadata, b"/Type /Metadata /Subtype /XML", _about(self._title, self._language))
        root = reserve()
        add(
            root,
            b"<< /Type /Catalog /Pages %d 0 R /StructTreeRoot %d 0 R /Outlines %d 0 R /Metadata %d 0 R /Lang %s "
            b"/MarkInfo << /Marked true >> /ViewerPreferences << /DisplayDocTitle true /Duplex /DuplexFlipLongEdge "
            b"/PrintScaling /None >> >>" % (self._pages, self._tree, outlines, metadata, language),
        )
        self._writer.close(root)

    def _copy(self, part: Part, leaf: int, stamps: Sequence[bytes]) -> int:
        """Write a copy of a part; the number of the first of its own pieces."""
        new = [digest for digest in part.shared if digest not in self._numbers]
        for digest in new:
            self._numbers[digest] = self._writer.reserve()
        for digest in new:
            self._put(self._numbers[digest], part.shared[digest])
        first = self._writer.reserve(len(part.own))
        self._above = {"pages": leaf, "tags": self._top}
        pages = {page.index: at for at, page in enumerate(part.pages)}
        for index, piece in enumerate(part.own):
            number = first + index
            body = self._filled(piece.chunks, first)
            at = pages.get(index)
            if at is not None:
                after = self._stream(b"Q " + stamps[at])
                body = body.replace(b"/Contents [", b"/Contents [%d 0 R " % self._before) + b" %d 0 R] >>" % after
            self._writer.add(number, body)
        node = self._writer.reserve()
        pairs = b" ".join(b"%d %s" % (self._next_key + key, self._filled(chunks, first)) for key, chunks in part.keys)
        last = self._next_key + part.key_count - 1
        self._writer.add(node, b"<< /Limits [%d %d] /Nums [%s] >>" % (self._next_key, last, pairs))
        self._parents.append(node)
        self._next_key = last + 1
        self._top_kids.append(first + part.top_tag)
        self._forget_what_was_not_needed_for_long(part)
        return first

    def _forget_what_was_not_needed_for_long(self, part: Part) -> None:
        """What a patient's own pages show is not needed again. Should it be, it is written once more."""
        for digest in part.shared:
            self._numbers.move_to_end(digest)
        while len(self._numbers) > _MOST_NUMBERS:
            self._numbers.popitem(last=False)

    def _put(self, number: int, piece: Piece) -> None:
        body = self._filled(piece.chunks, 0)
        if piece.data is None:
            self._writer.add(number, body)
        else:
            self._writer.add_stream(number, body, piece.data)

    def _filled(self, chunks: tuple[Chunk, ...], first: int) -> bytes:
        parts = []
        for chunk in chunks:
            match chunk:
                case bytes():
                    parts.append(chunk)
                case Own():
                    parts.append(b"%d 0 R" % (first + chunk.index))
                case Shared():
                    parts.append(b"%d 0 R" % self._numbers[chunk.digest])
                case Key():
                    parts.append(b"%d" % (self._next_key + chunk.number))
                case Above():
                    parts.append(b"%d 0 R" % self._above[chunk.tree])
        return b"".join(parts)

    def _stream(self, drawn: bytes) -> int:
        number = self._writer.reserve()
        self._writer.add_stream(number, b"/Filter /FlateDecode", zlib.compress(drawn))
        return number

    def _blank(self, leaf: int, like: Page) -> int:
        number = self._writer.reserve()
        box = b"[0 0 %.2f %.2f]" % (like.width, like.height)
        self._writer.add(number, b"<< /Type /Page /Parent %d 0 R /MediaBox %s /Resources << >> >>" % (leaf, box))
        return number

    def _outlines(self) -> int:
        outlines = self._writer.reserve()
        first = self._writer.reserve(len(self._bookmarks))
        last = first + len(self._bookmarks) - 1
        for number, (title, page) in enumerate(self._bookmarks, start=first):
            around = b"/Prev %d 0 R " % (number - 1) if number > first else b""
            around += b"/Next %d 0 R " % (number + 1) if number < last else b""
            self._writer.add(
                number,
                b"<< /Title %s /Parent %d 0 R %s/Dest [%d 0 R /Fit] >>" % (_string(title), outlines, around, page),
            )
        self._writer.add(
            outlines,
            b"<< /Type /Outlines /First %d 0 R /Last %d 0 R /Count %d >>" % (first, last, len(self._bookmarks)),
        )
        return outlines


def _references(numbers: Iterable[int]) -> bytes:
    return b" ".join(b"%d 0 R" % number for number in numbers)


def _string(text: str) -> bytes:
    return b"<feff%s>" % text.encode("utf-16-be").hex().encode()


def _about(title: str, language: str) -> bytes:
    """The file's metadata: what it is (PDF/UA-1) and its title. ISO 14289-1, 5."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><pdfuaid:part>1</pdfuaid:part>'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>'
        f"<dc:language><rdf:Bag><rdf:li>{escape(language)}</rdf:li></rdf:Bag></dc:language>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>\n"
        '<?xpacket end="r"?>'
    ).encode()
