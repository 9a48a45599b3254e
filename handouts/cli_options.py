"""Options that many commands have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def clinic_option(command: Command) -> Command:
    return click.option(
        "--clinic",
        "clinic",
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help="The clinic's folder. Default: the folder here if it has clinic.toml, else the sample clinic.",
    )(command)
