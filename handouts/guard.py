"""Reads a finished paper back before anyone is handed it: is every page this patient's, and are they all there?

It asks the file itself, with another library (pdfium) than the one that wrote it. What it knows of the paper comes from
the plan, not from the writer.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import pikepdf
import pypdfium2 as pdfium

from handouts.errors import HandoutError
from handouts.private_folder import ALPHABET, TOKEN_LENGTH

_TOKEN = re.compile(rf"(?<![0-9A-Za-z])[{ALPHABET}]{{{TOKEN_LENGTH}}}(?![0-9A-Za-z])")
# pdfium gives a hyphen at the end of a line as a control character; a name may be broken there.
_HYPHENS = dict.fromkeys((0x02, 0xFFFE, 0x2010, 0x2011), "-")


class GuardError(HandoutError):
    """For whoever waits for the paper: it was stopped, because a page in it is not what it should be."""


@dataclass(frozen=True, repr=False)
class Expected:
    """What one patient's paper must be: its token, its page numbers in words, and what is drawn on its pages.

    `drawn` holds a hash for each page, and None for the patient's own pages: those are known by `identity`, the whole
    line with full name, birth date and reference that must stand on the first of them. Empty: there is no such line.
    """

    token: str
    page_of: str
    drawn: tuple[str | None, ...]
    identity: str = ""


def verify(paper: BinaryIO, papers: Sequence[Expected], leading: int = 0, fresh_sheets: bool = False) -> None:
    """Raise GuardError if a finished file does not hold exactly these papers in this order.

    `leading` pages (a packet's manifest) come first. With `fresh_sheets` a blank page follows each paper that ends on a
    front side. The message names pages, never persons.
    """
    known = {expected.token for expected in papers}
    document = pdfium.PdfDocument(paper)
    try:
        with pikepdf.open(paper) as pdf:
            at = leading
            for expected in papers:
                if fresh_sheets and (at - leading) % 2:
                    _blank(document, at)
                    at += 1
                count = len(expected.drawn)
                if at + count > len(document):
                    raise _stopped(f"it has {len(document)} pages, and {at + count} are needed")
                for number in range(1, count + 1):
                    _page(document, pdf, at, number, expected, known)
                    at += 1
            if at != len(document):
                raise _stopped(f"it has {len(document)} pages, and should have {at}")
    finally:
        document.close()


def _page(
    document: pdfium.PdfDocument, pdf: pikepdf.Pdf, at: int, number: int, expected: Expected, known: Iterable[str]
) -> None:
    text = _text(document, at)
    found = set(_TOKEN.findall(text))
    if expected.token not in found:
        raise _stopped(f"page {at + 1} does not carry its token")
    if (found - {expected.token}) & set(known):
        raise _stopped(f"page {at + 1} carries another paper's token")
    numbered = expected.page_of.format(page=number, pages=len(expected.drawn))
    # What is stamped is drawn last, token first. Asked for anywhere, “Page 1 of 1” would be found in “Page 1 of 10”,
    # and in a note that says so.
    if not _plain(text).endswith(_plain(expected.token + numbered)):
        raise _stopped(f"page {at + 1} is not numbered “{numbered}”")
    drawn = expected.drawn[number - 1]
    if drawn is not None:
        streams = pdf.pages[at].obj.Contents
        if len(streams) != 3 or hashlib.sha256(streams[1].read_raw_bytes()).hexdigest() != drawn:
            raise _stopped(f"page {at + 1} is not the page that was approved for it")
    elif number == 1 and not _has_lines(text, expected.identity):
        raise _stopped(f"page {at + 1} does not name the person it is for")


def _has_lines(text: str, words: str) -> bool:
    """Whether whole lines of a text, as many as it takes, are these words and no others.

    Whole lines: a patient called May is not found in “May 4”, and reference 12 not in reference 120.
    """
    wanted = _plain(words)
    lines = [_plain(line) for line in text.splitlines()]
    for at in range(len(lines)):
        read = ""
        for line in lines[at:]:
            read += line
            if read == wanted:
                return True
            if not wanted.startswith(read):
                break
    return not wanted


def _blank(document: pdfium.PdfDocument, at: int) -> None:
    if at >= len(document) or _text(document, at).strip():
        raise _stopped(f"page {at + 1} should be blank")


def _text(document: pdfium.PdfDocument, at: int) -> str:
    page = document[at]
    try:
        reader = page.get_textpage()
        try:
            return str(reader.get_text_bounded())
        finally:
            reader.close()
    finally:
        page.close()


def _plain(text: str) -> str:
    """A text without white space, signs that do not show, and different ways of writing the same letter."""
    normal = unicodedata.normalize("NFKC", text).translate(_HYPHENS)
    return "".join(letter for letter in normal if not letter.isspace() and unicodedata.category(letter) != "Cf")


def _stopped(reason: str) -> GuardError:
    return GuardError(
        f"A finished paper was stopped before anyone got it: {reason}",
        "Nothing of it was kept. Make it again; if it is stopped again, tell whoever keeps the program.",
    )
