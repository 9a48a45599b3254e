"""What many commands share: options, exit codes, how errors are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from handouts.errors import HandoutError

PERSONAL_OUTPUT = Path("output/personal")
EXIT_CODES = """\b
Exit codes:
  0  done
  1  something a person must mend: an unknown handout or language, a clinic
     folder, text, picture or template that is not right, no room to write;
     for check: an error was found
  2  a wrong option, or an unknown value of one
"""

Command = TypeVar("Command", bound=Callable[..., Any])


def clinic_option(command: Command) -> Command:
    return click.option(
        "--clinic",
        "clinic",
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help="The clinic's folder. Default: the folder here if it has clinic.toml, else the sample clinic.",
    )(command)


def tell_errors(errors: Iterable[HandoutError]) -> None:
    """Each message once: several handouts may share the block or template that has to be mended."""
    lines = (line for error in errors for line in str(error).splitlines())
    for line in dict.fromkeys(lines):
        click.echo(line, err=True)
