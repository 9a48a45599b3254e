"""The folder that personal papers go into: only its owner can open it, and no file name says whose paper it is.

It holds papers and packets, a marker that says that the folder is ours, a random key, and the run ledger: what was
written, by keyed hashes. The same reference has another token in another folder: the key never leaves it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import hmac
import json
import os
import re
import secrets
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from handouts.errors import DeliveryError, Origin, RequestError

MARKER = ".handouts-private"
LEDGER = "run.jsonl"
_KEY = ".key"
_KEY_BYTES = 32
_LOCK = ".lock"
_PART = ".part"
_ABOUT = b"Personal papers made by handouts. This file marks the folder as one that `handouts tidy` may empty.\n"
# Read aloud and compared by eye: one of each pair that looks alike (0 O, 1 I L, 2 Z, 5 S, 6 G, 8 B, U V), and no
# vowel, so that chance writes no word.
ALPHABET = "23456789CDFHJKMNPQRTVWXY"
TOKEN_LENGTH = 7
_OURS = re.compile(rf"\d{{4}}-\d\d-\d\d-(?:[{ALPHABET}]{{{TOKEN_LENGTH}}}|packet)\.pdf")
_HALF_WRITTEN = re.compile(rf"\.[0-9a-f]{{16}}\{_PART}")
_NO_RIGHT = (errno.EACCES, errno.EPERM, errno.EROFS)


@dataclass(frozen=True)
class Record:
    """One paper that was written whole: its key (keyed), its inputs (keyed), its file's SHA-256, its pages, and when.

    `when` knows its time zone.
    """

    paper: str
    inputs: str
    file: str
    pages: int
    when: datetime


@dataclass(frozen=True)
class Tidied:
    """How many files were removed, and how many papers and packets are still there."""

    removed: int
    kept: int


@dataclass(frozen=True)
class PrivateFolder:
    """A folder of mode 0700 with a key of its own. It may travel to another process; its `repr` does not tell the key.

    Whatever its methods cannot write or read is raised as DeliveryError.
    """

    path: Path
    key: bytes = field(repr=False)

    @classmethod
    def at(cls, path: Path) -> PrivateFolder:
        """Make the folder, or open the one that is there, and shut out everybody else.

        Raises DeliveryError if it is a link or not ours to shut, if its key is lost, or if the disk cannot do it.
        """
        with _telling(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                path.mkdir(0o700)
            _shut(path)
            if not _is_marked(path):
                _create_once(path, MARKER, _ABOUT)
            return cls(path, _key_of(path))

    def keyed(self, text: str) -> str:
        """The hash that stands for a text: without this folder's key nobody can tell the text by trying."""
        return self._hash("text", text).hex()

    def token(self, reference: str, day: date) -> str:
        """The seven characters that stand on every page of one patient's paper of that day; always the same ones.

        Two references can get the same token, about once in four thousand million pairs: whoever makes papers looks.
        """
        number = int.from_bytes(self._hash("token", f"{day.isoformat()} {reference}"), "big")
        characters = []
        for _ in range(TOKEN_LENGTH):
            number, at = divmod(number, len(ALPHABET))
            characters.append(ALPHABET[at])
        return "".join(characters)

    def paper_name(self, reference: str, day: date) -> str:
        """The file name of that paper. A reference may be a chart number: it is not in it."""
        return f"{day.isoformat()}-{self.token(reference, day)}.pdf"

    def packet_name(self, day: date) -> str:
        """The file name of a day's packet, if nobody asks for another."""
        return f"{day.isoformat()}-packet.pdf"

    def write(self, name: str, content: bytes) -> Path:
        """Write a file that its owner alone can read, whole or not at all. Returns its path."""
        with self.writing(name) as file:
            file.write(content)
        return self.path / name

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """The same for a file that is written piece by piece. It gets its name when the block ends without a fault."""
        if name in ("", "..") or name != Path(name).name:
            raise ValueError("a plain file name is needed")
        path = self.path / name
        with _telling(path):
            beside = self.path / f".{secrets.token_hex(8)}{_PART}"
            try:
                # Opened by these flags, not by a mask: private from its first byte on, and never through a link.
                with os.fdopen(_open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL), "w+b") as file:
                    yield file
                    file.flush()
                    os.fsync(file.fileno())
                beside.replace(path)
                _sync_folder(self.path)
            except BaseException:  # whatever ends it, Ctrl-C too: no half file stays behind, and the fault goes on
                beside.unlink(missing_ok=True)
                raise

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Let no other run write here meanwhile. What a killed run left half written is removed first.

        The lock belongs to this process and ends with it, however it ends. Raises DeliveryError if another has it.
        """
        with _locked(self.path):
            with _telling(self.path):
                for path in self.path.iterdir():
                    if _HALF_WRITTEN.fullmatch(path.name):
                        path.unlink()
            yield

    def record(self, record: Record) -> None:
        """Add a line to the run ledger. It is on the disk when this returns. For the one run that is `alone` here."""
        path = self.path / LEDGER
        line = json.dumps({**asdict(record), "when": record.when.isoformat()}).encode() + b"\n"
        with _telling(path):
            is_new = not path.exists()
            with os.fdopen(_open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND), "r+b", buffering=0) as file:
                # A run that was killed may have left half a line: it stays a line of its own, which nobody can read.
                length = file.seek(0, os.SEEK_END)
                if length:
                    file.seek(-1, os.SEEK_END)
                    line = line if file.read(1) == b"\n" else b"\n" + line
                while line:
                    line = line[file.write(line) :]
                os.fsync(file.fileno())
            if is_new:
                _sync_folder(self.path)

    def records(self) -> dict[str, Record]:
        """The newest record of each paper, by the paper's key. A torn line is passed over: that paper is made again."""
        with _telling(self.path / LEDGER):
            return {record.paper: record for record, _ in _lines(self.path) if record}

    def _hash(self, use: str, text: str) -> bytes:
        # With its use in front: a token must not be the beginning of a hash that stands in the ledger.
        told = f"{use}\n{text}".encode("utf-8", "surrogatepass")
        return hmac.digest(self.key, told, "sha256")


def tidy(path: Path, older_than_days: int, now: datetime) -> Tidied:
    """Remove what is older than so many days: papers, packets, half-written files, lines of the ledger.

    A packet of any name is known by its hash in the ledger; other files, folders and links stay. Raises DeliveryError
    if the folder is not ours or a run is writing there, RequestError for fewer days than none.
    """
    if older_than_days < 0:
        raise RequestError(f"{older_than_days} days lie in the future", "Give 0 days or more.")
    with _telling(path):
        if not _is_ours(path.lstat()) or not _is_marked(path):
            raise DeliveryError(
                "This is not a folder of personal papers, so nothing was removed",
                "Name the folder that `handouts day` wrote to.",
                Origin(path),
            )
    limit = now - timedelta(days=older_than_days)
    removed = kept = 0
    with _locked(path), _telling(path):
        lines = list(_lines(path))
        hashes = {record.file for record, _ in lines if record}
        for file in sorted(path.iterdir()):
            status = file.lstat()
            if not stat.S_ISREG(status.st_mode):
                continue
            half = _HALF_WRITTEN.fullmatch(file.name)
            if not half and not _OURS.fullmatch(file.name) and not (file.suffix == ".pdf" and _sha256(file) in hashes):
                continue
            if status.st_mtime < limit.timestamp():
                file.unlink()
                removed += 1
            elif not half:
                kept += 1
        # A record is later than its file, so no paper stays without its record.
        young = [line for record, line in lines if record and record.when >= limit]
        if len(young) < len(lines):
            # No line of it needs the key, and a folder whose key is lost can be tidied too.
            PrivateFolder(path, b"").write(LEDGER, b"".join(young))
        _sync_folder(path)
    return Tidied(removed, kept)


def _shut(path: Path) -> None:
    """Take all rights from others, if the folder is ours to shut."""
    status = path.lstat()
    if not _is_ours(status):
        raise DeliveryError(
            "This is a link, a file, or another user's folder; personal papers do not go there",
            "Name a folder of your own.",
            Origin(path),
        )
    mode = stat.S_IMODE(status.st_mode) & 0o777
    if mode == 0o700:
        return
    if mode & 0o077 and not _is_marked(path) and any(path.iterdir()):
        raise DeliveryError(
            "Other users can open this folder, and it holds files that are not ours",
            "Name a new folder, or shut this one yourself: chmod 700 FOLDER.",
            Origin(path),
        )
    path.chmod(0o700)
    if stat.S_IMODE(path.lstat().st_mode) & 0o077:
        raise DeliveryError(
            "This disk cannot keep a folder from other users", "Name a folder on another disk.", Origin(path)
        )


def _is_ours(folder: os.stat_result) -> bool:
    return stat.S_ISDIR(folder.st_mode) and folder.st_uid == os.geteuid()


def _is_marked(folder: Path) -> bool:
    try:
        return stat.S_ISREG((folder / MARKER).lstat().st_mode)
    except FileNotFoundError:
        return False


def _key_of(folder: Path) -> bytes:
    """Read the key, or make one for a folder that has none yet."""
    path = folder / _KEY
    if not path.exists() and not path.is_symlink():
        # With another key every paper would get another name and stand there twice.
        if (folder / LEDGER).exists() or any(_OURS.fullmatch(file.name) for file in folder.iterdir()):
            raise DeliveryError(
                "This folder has papers, but its key is gone",
                "Put the key back, or name a new folder.",
                Origin(path),
            )
        _create_once(folder, _KEY, secrets.token_bytes(_KEY_BYTES))
    with os.fdopen(_open(path, os.O_RDONLY), "rb") as file:
        os.fchmod(file.fileno(), 0o600)
        key = file.read(_KEY_BYTES + 1)
    if len(key) != _KEY_BYTES:
        raise DeliveryError("This is no key", "Put the key back, or name a new folder.", Origin(path))
    return key


def _create_once(folder: Path, name: str, content: bytes) -> None:
    """Write a file that is not there yet. If another process was faster, its file stays."""
    beside = folder / f".{secrets.token_hex(8)}{_PART}"
    try:
        with os.fdopen(_open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            (folder / name).hardlink_to(beside)  # a second name, unlike a rename, never takes the place of a file
    finally:
        beside.unlink(missing_ok=True)
    _sync_folder(folder)


def _open(path: Path, flags: int) -> int:
    """Open a file that is for its owner alone, whatever the mask says; a link is an error."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if flags & os.O_CREAT:
        os.fchmod(descriptor, 0o600)
    return descriptor


def _sync_folder(folder: Path) -> None:
    """A new name is on the disk only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with _telling(folder):
        descriptor = _open(folder / _LOCK, os.O_RDWR | os.O_CREAT)
    try:
        with _telling(folder):
            try:
                # The process's own lock, not the file's: a child that outlives a killed run does not keep it.
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):
                raise DeliveryError(
                    "Another run is writing to this folder", "Wait until it is done.", Origin(folder)
                ) from None
        yield
    finally:
        os.close(descriptor)


def _lines(folder: Path) -> Iterator[tuple[Record | None, bytes]]:
    """Every line of the ledger with the record it holds; None if nobody can read it."""
    try:
        descriptor = _open(folder / LEDGER, os.O_RDONLY)
    except FileNotFoundError:
        return
    with os.fdopen(descriptor, "rb") as file:
        for line in file:
            yield _record(line), line


def _record(line: bytes) -> Record | None:
    try:
        read = json.loads(line)
        record = Record(**{**read, "when": datetime.fromisoformat(read["when"])})
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    texts = (record.paper, record.inputs, record.file)
    whole = all(isinstance(text, str) for text in texts) and type(record.pages) is int
    return record if whole and record.when.tzinfo else None


def _sha256(path: Path) -> str:
    with os.fdopen(_open(path, os.O_RDONLY), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def _telling(path: Path) -> Iterator[None]:
    """Say in our words what the disk refuses."""
    try:
        yield
    except OSError as problem:
        where = Origin(path)
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DeliveryError("The disk is full", "Free some space and start again.", where) from None
        if problem.errno in _NO_RIGHT:
            raise DeliveryError("There is no right to read or write here", "Name another folder.", where) from None
        if problem.errno == errno.ELOOP:
            raise DeliveryError("A link stands where our file should be", "Remove it and start again.", where) from None
        if problem.errno in (errno.ENOTDIR, errno.EEXIST):
            raise DeliveryError("A part of this path is a file, not a folder", "Name another folder.", where) from None
        raise DeliveryError(
            f"The disk refuses it ({problem.strerror})", "Look at the disk, or name another folder.", where
        ) from None
