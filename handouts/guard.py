"""Reads a finished paper back before anyone is handed it: is every page this patient's, and are they all there?

A patient's paper is asked with other libraries (pdfium, pikepdf) than the one that wrote it: the patient's own pages
for their text, the others for what is drawn on them. What it knows of the paper comes from the plan, not from the
writer. A packet must show, page for page, what the papers showed that were found right.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zlib
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Any, BinaryIO

import pikepdf
import pypdfium2 as pdfium

from handouts.errors import HandoutError
from handouts.pdf_reader import DIGEST, NotOursError, PdfReader
from handouts.private_folder import ALPHABET, TOKEN_LENGTH
from handouts.stamping import read_stamp

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


@dataclass(frozen=True)
class ReadBack:
    """A paper that was read back and found right: for each of its pages a digest of all that it shows, one after the
    other.
    """

    digests: bytes

    @property
    def shown(self) -> tuple[bytes, ...]:
        """The digest of each page."""
        return tuple(self.digests[at : at + DIGEST] for at in range(0, len(self.digests), DIGEST))


def verify(paper: BinaryIO, expected: Expected, others: Set[str] = frozenset()) -> ReadBack:
    """Raise GuardError if a finished file is not exactly this paper. `others` are the tokens of all other papers.

    The message names pages, never persons.
    """
    document = pdfium.PdfDocument(paper)
    try:
        with pikepdf.open(paper) as pdf:
            count = len(expected.drawn)
            if len(document) < count:
                raise _stopped(f"it has {len(document)} pages, and {count} are needed")
            for number in range(1, count + 1):
                drawn = expected.drawn[number - 1]
                if drawn is None:
                    _own_page(_text(document, number - 1), number, expected, others)
                else:
                    _shared_page(pdf.pages[number - 1].obj, drawn, number, expected, others)
            if len(document) > count:
                raise _stopped(f"it has {len(document)} pages, and should have {count}")
    finally:
        document.close()
    return read_back(paper)


def verify_packet(packet: BinaryIO, papers: Iterable[ReadBack], leading: int = 0) -> None:
    """Raise GuardError if a packet does not hold exactly these papers in this order, each on sheets of its own.

    `leading` pages (the manifest) come first. A blank page follows each paper that ends on a front side.
    """
    try:
        reader = PdfReader(packet)
        pages = enumerate(reader.pages(), start=1)
        for _ in zip(range(leading), pages, strict=False):
            pass
        behind = False  # whether the next page is the back of a sheet
        for paper in papers:
            if behind:
                at, page = next(pages, (0, 0))
                if not at or not reader.is_blank(page):
                    raise _stopped(f"page {at} should be blank" if at else "it ends too early")
            shown = paper.shown
            for wanted in shown:
                at, page = next(pages, (0, 0))
                if not at:
                    raise _stopped("it ends too early")
                if reader.shown(page) != wanted:
                    raise _stopped(f"page {at} is not the one that was read back in the patient's own paper")
            behind = bool(len(shown) % 2)
        more = sum(1 for _ in pages)
        if more:
            raise _stopped(f"it has {more} page{'s' if more > 1 else ''} too many")
    except (NotOursError, OSError, zlib.error) as fault:
        raise _stopped(f"the packet cannot be read ({fault})") from None


def read_back(paper: BinaryIO) -> ReadBack:
    """What each page of a finished file shows."""
    reader = PdfReader(paper)
    return ReadBack(b"".join(reader.shown(page) for page in reader.pages()))


def _own_page(text: str, number: int, expected: Expected, others: Set[str]) -> None:
    """A page of the patient alone, by its text."""
    _carries_its_token(_TOKEN.findall(text), number, expected, others)
    # What is stamped is drawn last, token first. Asked for anywhere, “Page 1 of 1” would be found in “Page 1 of 10”,
    # and in a note that says so.
    numbered = expected.page_of.format(page=number, pages=len(expected.drawn))
    if not _plain(text).endswith(_plain(expected.token + numbered)):
        raise _stopped(f"page {number} is not numbered “{numbered}”")
    if number == 1 and not _has_lines(text, expected.identity):
        raise _stopped(f"page {number} does not name the person it is for")


def _shared_page(page: Any, drawn: str, number: int, expected: Expected, others: Set[str]) -> None:
    """A page that others get too: what is drawn on it by its hash, then what is stamped on it.

    A page holds three streams: one letter that keeps what follows apart, what was laid out, and the stamp.
    """
    streams = page.Contents if isinstance(page.Contents, pikepdf.Array) else [page.Contents]
    stamped = read_stamp(page, streams[-1])
    _carries_its_token(stamped, number, expected, others)
    numbered = expected.page_of.format(page=number, pages=len(expected.drawn))
    if stamped != [expected.token, numbered]:
        raise _stopped(f"page {number} is not numbered “{numbered}”")
    if (
        len(streams) != 3
        or streams[0].read_bytes() != b"q"
        or hashlib.sha256(streams[1].read_raw_bytes()).hexdigest() != drawn
    ):
        raise _stopped(f"page {number} is not the page that was approved for it")


def _carries_its_token(words: Sequence[str], number: int, expected: Expected, others: Set[str]) -> None:
    found = {token for text in words for token in _TOKEN.findall(text)}
    if expected.token not in found:
        raise _stopped(f"page {number} does not carry its token")
    if (found - {expected.token}) & others:
        raise _stopped(f"page {number} carries another paper's token")


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
