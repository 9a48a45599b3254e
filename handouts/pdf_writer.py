"""Writes a PDF from its objects, one after the other: what has been written is forgotten.

A packet for two thousand patients has a million objects. pikepdf and pydyf keep every one of them until the file is
saved; here only their places in the file are kept. ISO 32000-1, 7.5: object streams (7.5.7) and a cross-reference
stream (7.5.8), so that small objects pack well.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from handouts.object_table import LARGEST_PLACE, ROW, Entry, ObjectTable

_IN_A_STREAM = 200  # objects in an object stream: few enough that a reader is quick to find one


class PdfWriter:
    """A PDF being written to a file. Numbers are given out first, so that objects can refer to later ones."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._table = ObjectTable()
        self._table[self._table.reserve(1)] = Entry(0, 0, 65535)
        self._place = 0
        self._digest = hashlib.sha256()
        self._waiting: list[tuple[int, bytes]] = []
        self._write(b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n")

    def reserve(self, count: int = 1) -> int:
        """The first of so many new object numbers in a row."""
        return self._table.reserve(count)

    def add(self, number: int, body: bytes) -> None:
        """Write an object that is not a stream."""
        self._waiting.append((number, body))
        if len(self._waiting) == _IN_A_STREAM:
            self._flush()

    def add_stream(self, number: int, entries: bytes, data: bytes) -> None:
        """Write a stream. `entries` are those of its dictionary, without `/Length` and the brackets."""
        self._note(number, 1, self._place)
        self._write(b"%d 0 obj\n<< %s /Length %d >>\nstream\n" % (number, entries, len(data)))
        self._write(data)
        self._write(b"\nendstream\nendobj\n")

    def close(self, root: int) -> None:
        """Write what is left and the cross-reference. `root` is the number of the catalog. The file stays open.

        Nothing can be written after it, and nothing is held any more.
        """
        self._flush()
        number = self.reserve()
        place = self._place
        self._note(number, 1, place)
        identity = self._digest.hexdigest()[:32].encode()
        packing = zlib.compressobj(6)
        rows = b"".join([*map(packing.compress, self._rows()), packing.flush()])
        entries = (
            b"/Type /XRef /Size %d /Root %d 0 R /W [1 4 2] /ID [<%s> <%s>] /Filter /FlateDecode "
            b"/DecodeParms << /Predictor 12 /Columns %d >>"
        ) % (len(self._table), root, identity, identity, ROW)
        self._write(b"%d 0 obj\n<< %s /Length %d >>\nstream\n" % (number, entries, len(rows)))
        self._write(rows)
        self._write(b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % place)
        self._table = ObjectTable()

    def _flush(self) -> None:
        if not self._waiting:
            return
        number = self.reserve()
        heads, bodies, place = [], [], 0
        for index, (held, body) in enumerate(self._waiting):
            self._note(held, 2, number, index)
            heads.append(b"%d %d" % (held, place))
            bodies.append(body)
            place += len(body) + 1
        head = b" ".join(heads) + b"\n"
        count = len(self._waiting)
        self._waiting.clear()
        data = zlib.compress(head + b"\n".join(bodies), 9)
        self.add_stream(number, b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode" % (count, len(head)), data)

    def _note(self, number: int, kind: int, place: int, within: int = 0) -> None:
        if place > LARGEST_PLACE:
            raise OverflowError("a PDF of more than 4 GB cannot be written")
        self._table[number] = Entry(kind, place, within)

    def _rows(self) -> Iterator[bytes]:
        """The table, each row as its difference from the one above (PNG's “Up”), which packs ten times smaller."""
        last = bytes(ROW)
        for stretch in self._table.stretches():
            columns = [stretch[at::ROW] for at in range(ROW)]
            rows = bytearray(len(columns[0]) * (ROW + 1))
            rows[0 :: ROW + 1] = b"\x02" * len(columns[0])
            for at, column in enumerate(columns):
                above = last[at : at + 1] + column[:-1]
                rows[at + 1 :: ROW + 1] = bytes((here - up) & 255 for here, up in zip(column, above, strict=True))
            last = bytes(column[-1] for column in columns)
            yield bytes(rows)

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)
        self._place += len(data)
