"""A finished PDF behind a password: AES with 256 bits, and a screen reader may still read it to whoever has it."""

from __future__ import annotations

import io
import os
import stat
import unicodedata
from collections.abc import Callable
from pathlib import Path

from handouts.errors import Origin, RequestError

VARIABLE = "HANDOUTS_PASSWORD"
_MOST_BYTES = 127  # ISO 32000-2: what comes after is cut off without a word
_MOST_OF_A_FILE = 4096


def encrypted(content: bytes, password: str) -> bytes:
    """The same PDF, which opens only with the password; title and tags are encrypted too, not lost.

    No two results are alike, for each gets a random key. Raises RequestError for a password that cannot be used.
    """
    import pikepdf  # here, for most commands have nothing to encrypt

    usable = _usable(password, None)
    protection = pikepdf.Encryption(
        owner=usable,  # one password that may do everything: there is no second person to keep from printing
        user=usable,
        R=6,
        allow=pikepdf.Permissions(accessibility=True),
        metadata=True,  # or the title could be read without the password
    )
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pdf.save(written, encryption=protection)
    return written.getvalue()


def read_password(prompt: Callable[[], str], file: Path | None) -> str:
    """The password: from a file, else from the environment variable HANDOUTS_PASSWORD, else from whoever is asked.

    It is the first line of the file, which nobody else may be able to read. The variable is removed, so that no
    program that is started later gets it. There is no way by the command line: every user of a machine can read that.
    Raises RequestError if there is none, or if it cannot be used; what it is stands in no message.
    """
    given = os.environ.pop(VARIABLE, None)
    if file is not None:
        return _usable(_first_line(file), Origin(file))
    return _usable(prompt() if given is None else given, None)


def _first_line(file: Path) -> str:
    where = Origin(file)
    try:
        with file.open("rb") as opened:
            status = os.fstat(opened.fileno())
            if stat.S_ISREG(status.st_mode) and status.st_mode & 0o077:
                raise RequestError(
                    "Other users can read the password in this file", "Make it yours alone: chmod 600 FILE.", where
                )
            line = opened.readline(_MOST_OF_A_FILE)
    except OSError as problem:
        raise RequestError(f"The password file cannot be read ({problem.strerror})", "Look at it.", where) from None
    try:
        return line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise RequestError("The password file is not UTF-8", "Save it as UTF-8.", where) from None


def _usable(password: str, where: Origin | None) -> str:
    """The password as PDF readers take it: two ways to write one accent are one. Raises RequestError."""
    usable = unicodedata.normalize("NFKC", password)
    if not usable.strip():
        raise RequestError("The password is empty", "Choose a password.", where)
    # "C": control and format characters, half of a pair, and what no alphabet holds
    if any(unicodedata.category(character).startswith("C") for character in usable):
        raise RequestError("The password has a character that cannot be typed", "Choose another password.", where)
    if len(usable.encode()) > _MOST_BYTES:
        remedy = f"Choose one of at most {_MOST_BYTES} bytes (a plain letter is one)."
        raise RequestError("The password is too long", remedy, where)
    return usable
