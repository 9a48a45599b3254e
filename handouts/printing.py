"""A finished file goes to the system's printer, by `lp`: two-sided, unscaled, under a title that tells nothing.

The file goes in by standard input. So neither the list of processes nor the print queue learns its name or folder.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from handouts.errors import DeliveryError, MachineError, Origin, RequestError, nearest

_OPTIONS = ("sides=two-sided-long-edge", "print-scaling=none", "fit-to-page=false")
_INSTALL = "sudo apt-get install -y cups-client"
_JOB = re.compile(r"request id is (\S+)")
_DEFAULT = re.compile(r"^system default destination: (\S+)$", re.MULTILINE)
_ASKING_SECONDS = 30
_SENDING_SECONDS = 600


@dataclass(frozen=True)
class PrintReceipt:
    """Which printer took a file, the number of the job (such as `Ward-12`; empty if it was not told), its sheets."""

    printer: str
    job: str
    sheets: int


def print_file(path: Path, printer: str | None, title: str, sheets: int) -> PrintReceipt:
    """Hand a PDF to a printer by name, or to the default one. The file stays where it is, whatever happens.

    `title` is what the queue and a banner page show: never a name. `sheets` is only for the receipt. Raises what
    `find_printer` raises, and DeliveryError if the printer does not take the file.
    """
    where = Origin(path)
    chosen = find_printer(printer, where)
    options = [word for option in _OPTIONS for word in ("-o", option)]
    try:
        with path.open("rb") as file:
            done = _run(["lp", "-d", chosen, "-t", title, *options], where, _SENDING_SECONDS, file)
    except OSError as problem:
        raise DeliveryError(
            f"The file cannot be read ({problem.strerror})", "Look whether it is still there.", where
        ) from None
    if done.returncode:
        raise DeliveryError(
            f"The printer “{chosen}” did not take the file: {_said(done)}",
            "The file is kept. Look at the printer, then print it.",
            where,
        )
    job = _JOB.search(done.stdout)
    return PrintReceipt(chosen, job[1] if job else "", sheets)


def find_printer(asked: str | None, where: Origin | None = None) -> str:
    """The printer of that name, or the default one; `where` is the file that is to be printed, for the message.

    Raises MachineError if there is no `lp`, no print service or no printer at all, RequestError if none has that name
    or none is the default, DeliveryError if the print service does not answer. Ask before a long run.
    """
    printers = tuple(_run(["lpstat", "-e"], where, _ASKING_SECONDS).stdout.split())
    if not printers:
        if "not running" in _run(["lpstat", "-r"], where, _ASKING_SECONDS).stdout:
            raise MachineError("The print service is not running", "Start it: sudo systemctl start cups", where)
        raise MachineError(
            "This machine has no printer", "Add one (http://localhost:631), or print the file elsewhere.", where
        )
    if asked is not None:
        if asked not in printers:
            raise RequestError(f"There is no printer “{asked}”", nearest(asked, printers), where)
        return asked
    default = _DEFAULT.search(_run(["lpstat", "-d"], where, _ASKING_SECONDS).stdout)
    if default is None:
        remedy = f"Name one: --print PRINTER. There is: {', '.join(sorted(printers))}."
        raise RequestError("No printer is the default one", remedy, where)
    return default[1]


def _run(
    command: list[str], where: Origin | None, seconds: int, given: BinaryIO | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program of the print service. It answers in English, whatever the language of the machine."""
    try:
        return subprocess.run(
            command,
            stdin=given or subprocess.DEVNULL,
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": "", "SOFTWARE": ""},
            timeout=seconds,
        )
    except (FileNotFoundError, PermissionError):
        problem = f"The program `{command[0]}` is not on this machine"
        raise MachineError(problem, f"Install it: {_INSTALL}.", where) from None
    except subprocess.TimeoutExpired:
        raise DeliveryError(
            "The print service does not answer", "Look whether the printer has it before you print it again.", where
        ) from None


def _said(done: subprocess.CompletedProcess[str]) -> str:
    """The first line of what the program said, without its own name and without a full stop."""
    lines = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()
    return lines[0].removeprefix("lp: ").removeprefix("Error - ").rstrip(".")
