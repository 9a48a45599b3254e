"""Runs the command line as a person would, and tells what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from handouts.cli import main

OLD = b"the paper of last week"


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def message(self) -> str:
        """The one message there is on standard error."""
        lines = self.err.splitlines()
        assert len(lines) == 1, f"not one message: {lines}"
        assert "Traceback" not in lines[0]
        return lines[0]


def run(*arguments: object) -> Outcome:
    """Run `handouts ARGUMENTS…` in this process. A bug comes out raised."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    return Outcome(result.exit_code, result.stdout, result.stderr)


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder, hidden ones too, by their names."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
