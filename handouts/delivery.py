"""A finished PDF gets to where it should go. A file with its final name is always a whole PDF."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from handouts.errors import DeliveryError, Origin
from handouts.library import is_file, is_folder
from handouts.pdf import Pdf


@dataclass(frozen=True)
class Receipt:
    """Where a PDF went (a path, or `-` for standard output), and how many pages it has."""

    destination: str
    page_count: int


@dataclass(frozen=True)
class Destination:
    """What `--output` asks for: a folder, one file, or standard output."""

    folder: Path | None
    file: Path | None

    @property
    def is_stdout(self) -> bool:
        return self.folder is None and self.file is None

    def path_for(self, name: str) -> Path:
        if self.file is not None:
            return self.file
        assert self.folder is not None
        return self.folder / name


def destination(output: str, papers: int) -> Destination:
    """Read `--output` for so many papers. Raises DeliveryError if it cannot hold them."""
    if output == "-":
        if papers > 1:
            raise DeliveryError(
                f"{papers} handouts cannot go to standard output together", "Ask for one, or name a folder."
            )
        return Destination(None, None)
    path = Path(output)
    if path.suffix.lower() != ".pdf":
        if is_file(path):
            raise DeliveryError(
                "This is a file, not a folder", "Name a folder, or a file ending in .pdf.", Origin(path)
            )
        return Destination(path, None)
    if is_folder(path):
        raise DeliveryError(
            "The output is a folder, although its name ends in .pdf", "Choose another name.", Origin(path)
        )
    if papers > 1:
        raise DeliveryError(
            f"{papers} handouts cannot go into one file", "Name a folder, or ask for one handout.", Origin(path)
        )
    return Destination(None, path)


def deliver(pdf: Pdf, to: Destination, name: str) -> Receipt:
    """Write a PDF to its destination. `name` is its file name within a folder.

    Raises DeliveryError if it cannot be written; what was there before is then still there.
    """
    if to.is_stdout:
        try:
            sys.stdout.buffer.write(pdf.content)
            sys.stdout.buffer.flush()
        except OSError as problem:
            raise _undeliverable(problem, Path("-")) from None
        return Receipt("-", pdf.page_count)
    path = to.path_for(name)
    if is_folder(path):
        raise DeliveryError("The output exists, and is a folder", "Remove it or choose another name.", Origin(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, pdf.content)
    except OSError as problem:
        raise _undeliverable(problem, path) from None
    return Receipt(str(path), pdf.page_count)


def write_whole(path: Path, content: bytes) -> None:
    """Write beside, then swap: nobody ever sees half a file under the final name. Raises OSError."""
    descriptor, beside = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files for the owner only; a handout is for everyone at the front desk.
        mask = os.umask(0)
        os.umask(mask)
        Path(beside).chmod(0o666 & ~mask)
        Path(beside).replace(path)
    except BaseException:  # whatever ends it, Ctrl-C too: no half file stays behind, and the fault goes on
        Path(beside).unlink(missing_ok=True)
        raise


def _undeliverable(problem: OSError, path: Path) -> DeliveryError:
    where = Origin(path)
    match problem.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return DeliveryError("The disk is full", "Free some space and print again.", where)
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return DeliveryError("There is no right to write here", "Choose another folder with --output.", where)
        case errno.ENOTDIR | errno.EEXIST:
            return DeliveryError("A part of this path is a file, not a folder", "Choose another folder.", where)
        case _:
            return DeliveryError(f"The file cannot be written ({problem.strerror})", "Choose another folder.", where)
