"""Asks a finished paper: its sizes of type, its tags, its words, its fonts. Uses poppler, pdfium and pikepdf."""

from __future__ import annotations

import ctypes
import re
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
from pypdfium2 import raw

from handouts.composing import Composition
from handouts.pdf import Pdf
from handouts.pipeline import Order
from handouts.typesetting import Rendering

_UNSEEN = {"style", "title", "head", "script"}
_INLINE = {"b", "strong", "em", "i", "span", "a"}


@dataclass(frozen=True)
class Paper:
    """An order, and what became of it on the road: composition, laid-out pages, PDF, and its file."""

    order: Order
    composition: Composition
    rendering: Rendering
    pdf: Pdf
    path: Path

    def __str__(self) -> str:
        return self.path.name

    @cached_property
    def sizes(self) -> Counter[float]:
        """How many characters there are of each size of type, in points, measured in the PDF."""
        found: Counter[float] = Counter()
        document = pypdfium2.PdfDocument(self.path)
        for page in document:
            text = page.get_textpage()
            for at in range(text.count_chars()):
                if chr(raw.FPDFText_GetUnicode(text, at)).strip():
                    matrix = raw.FS_MATRIX()
                    assert raw.FPDFText_GetMatrix(text, at, ctypes.byref(matrix))
                    found[round(raw.FPDFText_GetFontSize(text, at) * abs(matrix.d), 1)] += 1
        document.close()
        assert found.total() > 500, "the text was not found"
        return found

    @cached_property
    def tagged_text(self) -> str:
        """The text in the order of the tags, as a screen reader meets it."""
        lines = _run("pdfinfo", "-struct-text", self.path).splitlines()
        found = (re.match(r'\s*"(.*)"$', line) for line in lines)
        return "".join(line[1] for line in found if line)

    @cached_property
    def plain_text(self) -> str:
        """The text as it is copied out of the page."""
        return _run("pdftotext", "-raw", self.path, "-")

    @cached_property
    def source_text(self) -> str:
        """The words that were to be printed, from the composition."""
        reader = _Words()
        reader.feed(self.composition.html)
        return "".join(reader.words)

    @cached_property
    def fonts(self) -> list[tuple[str, str]]:
        """Every font by its name without the tag of its subset, and whether it is embedded."""
        rows = [line.split() for line in _run("pdffonts", self.path).splitlines()[2:]]
        return [(row[0].partition("+")[2], row[-5]) for row in rows]

    @contextmanager
    def elements(self) -> Iterator[list[Any]]:
        """Every structure element in reading order, while the file is open."""
        with pikepdf.open(self.path) as pdf:
            yield list(_walk(pdf.Root.StructTreeRoot.K))


def squeezed(text: str) -> str:
    """Text without any white space, in Unicode's composed form."""
    return "".join(unicodedata.normalize("NFC", text).split())


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._unseen += tag in _UNSEEN
        self._apart(tag)

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN
        self._apart(tag)

    def _apart(self, tag: str) -> None:
        if tag not in _INLINE:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.words.append(data)


def _walk(node: Any) -> Iterator[Any]:
    if isinstance(node, pikepdf.Array):
        for kid in node:
            yield from _walk(kid)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield node
        if "/K" in node:
            yield from _walk(node.K)


def _run(*command: object) -> str:
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, check=True, encoding="utf-8").stdout
