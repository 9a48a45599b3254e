"""Finished PDFs, kept by the fingerprint of everything that went into them.

Only papers that are the same for everybody are kept. The folder is `handouts/` in the user's cache folder, or
`HANDOUTS_CACHE`; an empty `HANDOUTS_CACHE` turns it off. It may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import json
import os
from functools import cache
from importlib.metadata import version
from pathlib import Path

import platformdirs

from handouts.composing import Composition
from handouts.delivery import write_whole
from handouts.pdf import Pdf

_MOST_FILES = 400
# What lays out and writes: another version of any of them may give other bytes.
_MAKERS = ("weasyprint", "pydyf", "fonttools", "pyphen")
SHAPERS = (("libpango-1.0.so.0", "pango_version_string"), ("libharfbuzz.so.0", "hb_version_string"))


class PdfCache:
    """A folder of finished PDFs. It never fails a render: what cannot be read or written is made again."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @classmethod
    def of_this_user(cls) -> PdfCache:
        asked = os.environ.get("HANDOUTS_CACHE")
        if asked is not None:
            return cls(Path(asked) if asked else None)
        return cls(Path(platformdirs.user_cache_dir("handouts", appauthor=False)))

    def get(self, composition: Composition) -> Pdf | None:
        """The PDF made from exactly this composition, by exactly these programs; or None."""
        if self._folder is None:
            return None
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            kept = self._path(composition).read_bytes()
            head, _, content = kept.partition(b"\n")
            facts = json.loads(head)
            if facts["sha256"] == hashlib.sha256(content).hexdigest():
                return Pdf(content, composition.title, int(facts["pages"]))
        return None

    def put(self, composition: Composition, pdf: Pdf) -> None:
        if self._folder is None:
            return
        head = json.dumps({"sha256": hashlib.sha256(pdf.content).hexdigest(), "pages": pdf.page_count})
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._path(composition), head.encode() + b"\n" + pdf.content)
            self._forget_the_oldest()

    def _path(self, composition: Composition) -> Path:
        assert self._folder is not None
        key = hashlib.sha256(f"{composition.fingerprint} {makers()}".encode()).hexdigest()
        return self._folder / f"{key}.kept"

    def _forget_the_oldest(self) -> None:
        assert self._folder is not None
        kept = sorted(self._folder.glob("*.kept"), key=lambda path: path.stat().st_mtime)
        for path in kept[:-_MOST_FILES]:
            path.unlink(missing_ok=True)


@cache
def makers() -> str:
    """The programs that lay out and write, with their versions; our own code by its contents."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    named = [f"{name} {version(name)}" for name in _MAKERS]
    return " ".join([*named, *(library_version(*library) for library in SHAPERS), digest.hexdigest()])


def library_version(file: str, function: str) -> str:
    """What a system library says of its version; "missing" if it cannot be loaded."""
    try:
        ask = getattr(ctypes.CDLL(file), function)
    except (OSError, AttributeError):
        return "missing"
    ask.restype = ctypes.c_char_p
    return f"{file} {ask().decode()}"
