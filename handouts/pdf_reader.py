"""Reads back a PDF that `pdf_writer` wrote, one object at a time; of all others it keeps the places only.

pikepdf and pdfium keep some hundred bytes for every object that they have seen, and a packet for two thousand patients
has a million. This reader knows no more of PDF than our writer writes: object streams and one cross-reference stream.
"""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from typing import BinaryIO

from handouts.object_table import ROW, STRETCH, Entry, ObjectTable

DIGEST = 32  # bytes of what a page shows, as a digest
_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*$")
_HEAD = re.compile(rb"(\d+) 0 obj\n")
_LENGTH = re.compile(rb"/Length (\d+) >>\nstream\n")
_REFERENCE = re.compile(rb"(\d+) 0 R")
_KIDS = re.compile(rb"/Kids \[([^\]]*)\]")
# What a page is connected with, and does not show: what it hangs on, its tags, its links.
_CONNECTIONS = re.compile(rb"/Parent \d+ 0 R|/StructParents \d+|/Annots \[[^\]]*\]")
_MOST_STREAMS = 16  # object streams held at a time: neighbours are asked for together
_MOST_DIGESTS = 2048  # fonts and pictures that many pages use
_LONGEST_ENTRIES = 65_536  # bytes of a stream's dictionary
_DEEPEST = 16


class NotOursError(ValueError):
    """The file is not one that our writer has finished."""


class PdfReader:
    """A finished file. Raises NotOursError, here and later, where it is not what our writer writes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._held: OrderedDict[int, list[bytes]] = OrderedDict()
        self._digests: OrderedDict[int, bytes] = OrderedDict()
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 64))
        found = _START.search(file.read())
        if not found:
            raise NotOursError("it has no end")
        entries, data = self._stream_at(int(found[1]))
        if b"/Type /XRef" not in entries or b"/W [1 4 2]" not in entries or b"/Predictor 12" not in entries:
            raise NotOursError("it has no table of objects")
        self._root = self._number(rb"/Root (\d+) 0 R", entries)
        self._table = _table(data, self._number(rb"/Size (\d+)", entries))

    def pages(self) -> Iterator[int]:
        """The number of every page's object, in order."""
        yield from self._below(self._number(rb"/Pages (\d+) 0 R", self._body(self._root)), 0)

    def shown(self, page: int) -> bytes:
        """A digest of all that a page shows: its size, what is drawn on it, and with which fonts and pictures.

        It depends on nothing else: the same page has the same digest in any file.
        """
        return self._digest_of(_CONNECTIONS.sub(b"", self._body(page)), 0)

    def is_blank(self, page: int) -> bool:
        """Whether nothing is drawn on a page."""
        return b"/Contents" not in self._body(page)

    def _below(self, number: int, depth: int) -> Iterator[int]:
        body = self._body(number)
        if b"/Type /Pages" not in body:
            yield number
            return
        kids = _KIDS.search(body)
        if kids is None or depth > _DEEPEST:
            raise NotOursError("its tree of pages is broken")
        for kid in _REFERENCE.findall(kids[1]):
            yield from self._below(int(kid), depth + 1)

    def _digest_of(self, body: bytes, depth: int, data: bytes = b"") -> bytes:
        if depth > _DEEPEST:
            raise NotOursError("an object holds itself")
        digest = hashlib.sha256(data)
        digest.update(_REFERENCE.sub(lambda found: self._digest(int(found[1]), depth + 1), body))
        return digest.digest()

    def _digest(self, number: int, depth: int) -> bytes:
        known = self._digests.get(number)
        if known is None:
            known = self._digest_of(self._body(number), depth, self._data(number))
            self._digests[number] = known
            if len(self._digests) > _MOST_DIGESTS:
                self._digests.popitem(last=False)
        return known

    def _body(self, number: int) -> bytes:
        """An object that is no stream, or the dictionary of one."""
        entry = self._entry(number)
        if entry.kind == 1:
            return self._stream_at(entry.place, number)[0]
        return self._objects(entry.place)[entry.within]

    def _data(self, number: int) -> bytes:
        """What a stream holds, as it was written; empty for other objects."""
        entry = self._entry(number)
        return self._stream_at(entry.place, number)[1] if entry.kind == 1 else b""

    def _entry(self, number: int) -> Entry:
        if 0 < number < len(self._table):
            entry = self._table[number]
            if entry.kind in (1, 2):
                return entry
        raise NotOursError(f"object {number} is missing")

    def _objects(self, number: int) -> list[bytes]:
        """All objects of an object stream."""
        if number in self._held:
            self._held.move_to_end(number)
            return self._held[number]
        entry = self._entry(number)
        if entry.kind != 1:
            raise NotOursError(f"object stream {number} is missing")
        entries, packed = self._stream_at(entry.place, number)
        if b"/Type /ObjStm" not in entries or b"/FlateDecode" not in entries:
            raise NotOursError(f"object {number} is no object stream")
        data = zlib.decompress(packed)
        first = self._number(rb"/First (\d+)", entries)
        starts = [first + int(start) for start in data[:first].split()[1::2]]
        bodies = [data[at:end].rstrip(b"\n") for at, end in zip(starts, [*starts[1:], len(data)], strict=True)]
        self._held[number] = bodies
        if len(self._held) > _MOST_STREAMS:
            self._held.popitem(last=False)
        return bodies

    def _stream_at(self, place: int, number: int | None = None) -> tuple[bytes, bytes]:
        """The dictionary of a stream without its length, and its data."""
        self._file.seek(place)
        begun, length = b"", None
        while length is None and len(begun) < _LONGEST_ENTRIES:
            more = self._file.read(1024)
            if not more:
                break
            begun += more
            length = _LENGTH.search(begun)
        head = _HEAD.match(begun)
        if head is None or length is None or (number is not None and int(head[1]) != number):
            raise NotOursError(f"there is no stream at byte {place}")
        wanted = int(length[1])
        data = begun[length.end() : length.end() + wanted]
        if len(data) < wanted:
            data += self._file.read(wanted - len(data))
        if len(data) < wanted:
            raise NotOursError(f"the stream at byte {place} has no end")
        return begun[head.end() : length.start()], data

    def _number(self, pattern: bytes, body: bytes) -> int:
        found = re.search(pattern, body)
        if found is None:
            raise NotOursError("an entry is missing")
        return int(found[1])


def _table(packed: bytes, count: int) -> ObjectTable:
    """The table as it was written: each row as its difference from the one above."""
    table = ObjectTable()
    unpacking, rest, last = zlib.decompressobj(), packed, bytes(ROW)
    while rest or unpacking.unconsumed_tail:
        written = unpacking.decompress(rest, (ROW + 1) * STRETCH)
        rest = unpacking.unconsumed_tail
        if not written or len(written) % (ROW + 1) or len(table) % STRETCH:
            break
        columns = [_sums(above, written[at :: ROW + 1]) for at, above in enumerate(last, start=1)]
        last = bytes(column[-1] for column in columns)
        rows = bytearray(ROW * len(columns[0]))
        for at, column in enumerate(columns):
            rows[at::ROW] = column
        table.extend(rows)
    if len(table) != count:
        raise NotOursError("its table of objects is not whole")
    return table


def _sums(above: int, differences: bytes) -> bytes:
    """Each byte added to all before it, without what is carried over."""
    added = bytearray(differences)
    for at, more in enumerate(added):
        added[at] = above = (above + more) & 255
    return bytes(added)
