"""A written PDF taken apart, so that its pages can stand in many papers with their tags.

Two kinds of pieces: what any number of copies share (fonts, pictures, what is drawn on a page) and what each copy needs
for itself (its pages, its tags, its links: a tag has one parent and one page). References are left open in both.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pikepdf

from handouts.stamping import StampFont


@dataclass(frozen=True)
class Shared:
    """A reference to a piece that all copies share, by the digest of all that it holds."""

    digest: bytes


@dataclass(frozen=True)
class Own:
    """A reference to the nth piece of the same copy."""

    index: int


@dataclass(frozen=True)
class Key:
    """A key of the tree that leads from what is on a page to its tag; counted from the copy's first key."""

    number: int


@dataclass(frozen=True)
class Above:
    """A reference to what a copy hangs on: the tree of pages, or the tag of the whole paper."""

    tree: str  # "pages" or "tags"


_SAY_NOTHING = ("/Span", "/NonStruct")
Chunk = bytes | Shared | Own | Key | Above


@dataclass(frozen=True)
class Piece:
    """One object with its references open. `data` is that of a stream; its `/Length` is left out."""

    chunks: tuple[Chunk, ...]
    data: bytes | None = None


@dataclass(frozen=True)
class Page:
    """A page of a part: its index among the copy's own pieces, its size in points, and a hash of what is drawn."""

    index: int
    width: float
    height: float
    drawn: str


@dataclass(frozen=True)
class Part:
    """A written PDF, in pieces."""

    title: str
    language: str
    pages: tuple[Page, ...]
    shared: Mapping[bytes, Piece]
    own: tuple[Piece, ...]
    top_tag: int  # the index of the tag that holds all others
    keys: tuple[tuple[int, tuple[Chunk, ...]], ...]  # of the tree of parents: its key and what it leads to
    key_count: int


def take_apart(content: bytes, title: str, font: StampFont) -> Part:
    """Take a PDF apart that WeasyPrint wrote as PDF/UA-1. `font` is made known to its pages for what is stamped on."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return _Dissection(pdf, title, font).part()


class _Dissection:
    def __init__(self, pdf: Any, title: str, font: StampFont) -> None:
        self._pdf = pdf
        self._title = title
        self._font = font
        self._shared: dict[bytes, Piece] = {}
        self._digests: dict[tuple[int, int], bytes] = {}
        self._open: set[tuple[int, int]] = set()
        self._own: list[Piece | None] = []
        self._indexes: dict[tuple[int, int], int] = {}
        self._destinations = _destinations(pdf.Root)

    def part(self) -> Part:
        root = self._pdf.Root
        tree = root.StructTreeRoot
        self._font.make_known(self._pdf)
        for page in self._pdf.pages:
            self._claim(page.obj)
            for link in page.get("/Annots", []):
                self._claim(link)
        numbers = tree.ParentTree.Nums
        fold = _folded(tree)
        top = tree.K[0] if isinstance(tree.K, pikepdf.Array) else tree.K
        tags = list(_tags(top))
        for tag in tags:
            self._claim(tag)
        pages = tuple(self._page(page.obj) for page in self._pdf.pages)
        for tag in tags:
            self._tag(tag, top)
        keys = []
        for at in range(0, len(numbers), 2):
            leads_to = numbers[at + 1]
            if isinstance(leads_to, pikepdf.Array):
                chunks: list[Chunk] = [b"["]
                for tag in leads_to:
                    chunks += [self._to_tag(fold.get(tag.objgen, tag)), b" "] if tag is not None else [b"null "]
                keys.append((int(numbers[at]), (*chunks, b"]")))
            else:
                keys.append((int(numbers[at]), (self._to_tag(fold.get(leads_to.objgen, leads_to)),)))
        own = tuple(piece for piece in self._own if piece is not None)
        assert len(own) == len(self._own)
        return Part(
            title=self._title,
            language=str(root.Lang),
            pages=pages,
            shared=self._shared,
            own=own,
            top_tag=self._indexes[top.objgen],
            keys=tuple(keys),
            key_count=max(key for key, _ in keys) + 1,
        )

    def _claim(self, obj: Any) -> int:
        """Give an object its place among the copy's own pieces."""
        index = self._indexes.get(obj.objgen)
        if index is None:
            index = self._indexes[obj.objgen] = len(self._own)
            self._own.append(None)
        return index

    def _to_tag(self, tag: Any) -> Own:
        return Own(self._indexes[tag.objgen])

    def _page(self, page: Any) -> Page:
        drawn = page.Contents
        chunks: list[Chunk] = [b"<< "]
        for key in sorted(page.keys()):
            value = page[key]
            if key == "/Parent":
                chunks += [b"/Parent ", Above("pages"), b" "]
            elif key == "/StructParents":
                chunks += [b"/StructParents ", Key(int(value)), b" "]
            elif key == "/Annots":
                chunks += [b"/Annots [", *self._links(value), b"] "]
            elif key != "/Contents":  # the joined paper wraps it, to stamp on it
                chunks += [key.encode(), b" ", *self._written(value), b" "]
        index = self._indexes[page.objgen]
        self._own[index] = Piece((*chunks, b"/Contents [", Shared(self._share(drawn))))
        box = [float(edge) for edge in page.MediaBox]
        data = self._shared[self._share(drawn)].data
        assert data is not None
        return Page(index, box[2] - box[0], box[3] - box[1], hashlib.sha256(data).hexdigest())

    def _links(self, links: Any) -> Iterator[Chunk]:
        for link in links:
            index = self._indexes[link.objgen]
            chunks: list[Chunk] = [b"<< "]
            for key in sorted(link.keys()):
                value = link[key]
                if key == "/StructParent":
                    chunks += [b"/StructParent ", Key(int(value)), b" "]
                elif key == "/Dest":
                    place = value if isinstance(value, pikepdf.Array) else self._destinations[str(value)]
                    chunks += [b"/Dest ", *self._written(place), b" "]
                elif key not in ("/P", "/Parent"):
                    chunks += [key.encode(), b" ", *self._written(value), b" "]
            self._own[index] = Piece((*chunks, b">>"))
            yield Own(index)
            yield b" "

    def _tag(self, tag: Any, top: Any) -> None:
        """A tag without what can be left out: `/Type`, and `/Pg` where no content of a page hangs on it directly."""
        is_top = tag.objgen == top.objgen
        kids = tag.get("/K")
        direct = kids if isinstance(kids, pikepdf.Array) else [kids]
        chunks: list[Chunk] = [b"<< /S ", b"/Part" if is_top else tag.S.unparse(), b" /P "]
        chunks.append(Above("tags") if is_top else self._to_tag(tag.P))
        for key in sorted(tag.keys()):
            if key in ("/S", "/P", "/Type") or (key == "/Pg" and not any(isinstance(kid, int) for kid in direct)):
                continue
            chunks += [b" " + key.encode() + b" ", *self._written(tag[key])]
        if is_top:
            chunks += [b" /Lang ", pikepdf.String(str(self._pdf.Root.Lang)).unparse()]
            chunks += [b" /T ", pikepdf.String(self._title).unparse()]
        self._own[self._indexes[tag.objgen]] = Piece((*chunks, b" >>"))

    def _written(self, value: Any) -> Iterator[Chunk]:
        """A value with its references open."""
        if isinstance(value, pikepdf.Object) and value.is_indirect:
            if value.objgen in self._indexes:
                yield Own(self._indexes[value.objgen])
            else:
                yield Shared(self._share(value))
        else:
            yield from self._direct(value)

    def _direct(self, value: Any) -> Iterator[Chunk]:
        if isinstance(value, pikepdf.Dictionary):
            yield b"<< "
            for key in sorted(value.keys()):
                yield key.encode() + b" "
                yield from self._written(value[key])
                yield b" "
            yield b">>"
        elif isinstance(value, pikepdf.Array):
            yield b"["
            for item in value:
                yield from self._written(item)
                yield b" "
            yield b"]"
        elif isinstance(value, bool):
            yield b"true" if value else b"false"
        elif value is None:
            yield b"null"
        elif isinstance(value, int | Decimal):
            yield format(value, "f" if isinstance(value, Decimal) else "d").encode()
        else:
            yield value.unparse()

    def _share(self, obj: Any) -> bytes:
        """The digest of an object that all copies share, and of everything it refers to."""
        known = self._digests.get(obj.objgen)
        if known is not None:
            return known
        if obj.objgen in self._open:
            raise ValueError("a shared object of a page holds itself")
        self._open.add(obj.objgen)
        data = None
        if isinstance(obj, pikepdf.Stream):
            data = obj.read_raw_bytes()
            entries = pikepdf.Dictionary({key: value for key, value in obj.items() if key != "/Length"})
            if "/Filter" not in entries:
                entries.Filter = pikepdf.Name.FlateDecode
                data = _packed(data)
            chunks = tuple(self._direct(entries))[1:-1]
        else:
            chunks = tuple(self._direct(obj))
        digest = hashlib.sha256(data or b"")
        for chunk in chunks:
            digest.update(chunk.digest if isinstance(chunk, Shared) else repr(chunk).encode())
        found = digest.digest()
        self._open.discard(obj.objgen)
        self._digests[obj.objgen] = found
        self._shared[found] = Piece(_closed_up(chunks), data)
        return found


@lru_cache(maxsize=32)
def _packed(data: bytes) -> bytes:
    """Fonts come again in each paper of a series: they are packed once."""
    return zlib.compress(data, 9)


def _closed_up(chunks: tuple[Chunk, ...]) -> tuple[Chunk, ...]:
    """The same with neighbouring bytes in one."""
    joined: list[Chunk] = []
    for chunk in chunks:
        if isinstance(chunk, bytes) and joined and isinstance(joined[-1], bytes):
            joined[-1] += chunk
        else:
            joined.append(chunk)
    return tuple(joined)


def _tags(tag: Any) -> Iterator[Any]:
    yield tag
    kids = tag.get("/K")
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield from _tags(kid)


def _destinations(root: Any) -> dict[str, Any]:
    names = root.get("/Names", {}).get("/Dests", {}).get("/Names", [])
    return {str(names[at]): names[at + 1] for at in range(0, len(names), 2)}


def _folded(tree: Any) -> dict[tuple[int, int], Any]:
    """Let the content of spans that say nothing hang on the tag around them; which tag took the place of which.

    WeasyPrint gives every run of letters a span of its own: two thirds of all tags, in each copy of each page.
    """
    taken: dict[tuple[int, int], Any] = {}

    def fold(tag: Any) -> None:
        kids = tag.get("/K")
        if not isinstance(kids, pikepdf.Array):
            return
        page = tag.get("/Pg")
        new: list[Any] = []
        for kid in kids:
            if not (isinstance(kid, pikepdf.Dictionary) and "/S" in kid):
                new.append(kid)
                continue
            fold(kid)
            inner = kid.get("/K")
            marks = list(inner) if isinstance(inner, pikepdf.Array) else [inner]
            says_nothing = kid.S in _SAY_NOTHING and not set(kid.keys()) - {"/S", "/P", "/K", "/Pg", "/Type"}
            if says_nothing and _same_page(page, kid.get("/Pg")) and all(isinstance(mark, int) for mark in marks):
                taken[kid.objgen] = tag
                new.extend(marks)
            else:
                new.append(kid)
        tag.K = pikepdf.Array(new)

    fold(tree.K[0] if isinstance(tree.K, pikepdf.Array) else tree.K)
    for folded, tag in taken.items():
        while tag.objgen in taken:
            tag = taken[tag.objgen]
        taken[folded] = tag
    return taken


def _same_page(one: Any, other: Any) -> bool:
    return one is not None and other is not None and one.objgen == other.objgen
