"""Where each object of a PDF stands in its file: seven bytes an object, and less for those of long ago.

A packet for two thousand patients has a million objects. Whoever writes or reads one asks for those that stand near
each other: of the table only a few stretches are open, and the others are packed.
"""

from __future__ import annotations

import struct
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from typing import NamedTuple

ROW = 7  # bytes of a row: 1 for its kind, 4 for the place, 2 for the place within (ISO 32000-1, 7.5.8.3)
STRETCH = 4096  # rows
_OPEN = 8  # stretches
_ENTRY = struct.Struct(">BIH")
LARGEST_PLACE = 2**32 - 1


class Entry(NamedTuple):
    """A row: kind 0 is no object, 1 stands at byte `place`, 2 is object `within` of the object stream `place`."""

    kind: int
    place: int
    within: int


class ObjectTable:
    """Rows by object number, from 0 on."""

    def __init__(self) -> None:
        self._count = 0
        self._packed: list[bytes] = []
        self._open: OrderedDict[int, bytearray] = OrderedDict()

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> Entry:
        at, row = divmod(number, STRETCH)
        return Entry._make(_ENTRY.unpack_from(self._stretch(at), row * ROW))

    def __setitem__(self, number: int, entry: Entry) -> None:
        at, row = divmod(number, STRETCH)
        _ENTRY.pack_into(self._stretch(at), row * ROW, *entry)

    def reserve(self, count: int) -> int:
        """Add so many rows of kind 0. Returns the number of the first one."""
        first = self._count
        self._count += count
        while len(self._packed) * STRETCH < self._count:
            self._append(bytearray(STRETCH * ROW))
        return first

    def extend(self, rows: bytes | bytearray) -> None:
        """Add rows as they stand in a file. They must begin a stretch, and only the last time may they not fill it."""
        self._count += len(rows) // ROW
        self._append(bytearray(rows))

    def stretches(self) -> Iterator[bytes]:
        """All rows as they stand in a file, a stretch at a time."""
        for at in range(len(self._packed)):
            yield bytes(self._stretch(at)[: (self._count - at * STRETCH) * ROW])

    def _append(self, stretch: bytearray) -> None:
        self._packed.append(b"")
        self._hold(len(self._packed) - 1, stretch)

    def _stretch(self, at: int) -> bytearray:
        stretch = self._open.get(at)
        if stretch is None:
            stretch = self._hold(at, bytearray(zlib.decompress(self._packed[at])))
        return stretch

    def _hold(self, at: int, stretch: bytearray) -> bytearray:
        """Keep a stretch open, and pack the one that was opened first."""
        self._open[at] = stretch
        if len(self._open) > _OPEN:
            oldest, rows = self._open.popitem(last=False)
            self._packed[oldest] = zlib.compress(rows, 1)
        return stretch
