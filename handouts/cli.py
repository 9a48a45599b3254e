"""The command line: a few lines for each command; the work is in `pipeline`.

What a command needs is imported when it runs, so that `--help` and `list` answer at once.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from handouts import __version__
from handouts.errors import HandoutError, RequestError, nearest
from handouts.formats import FORMAT_NAMES, FORMATS, PAPERS

Command = TypeVar("Command", bound=Callable[..., Any])
EXIT_CODES = """\b
Exit codes:
  0  done
  1  something a person must mend: an unknown handout or language, a clinic
     folder, text, picture or template that is not right, no room to write
  2  a wrong option, or an unknown value of one
"""


class _Door(click.Group):
    """Turns our errors into one message each, and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except HandoutError as error:
            click.echo(str(error), err=True)
            ctx.exit(1)


@click.group(cls=_Door, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="handouts")
def main() -> None:
    """Print handouts about ketamine therapy, in your clinic's own brand.

    \b
    Begin with:
      handouts list                                    what can be printed
      handouts render how-ketamine-works               the full handout
      handouts render how-ketamine-works --format summary --large-print
    """
    # A command lives for seconds: looking for garbage after every 700 new objects costs several percent of them.
    gc.set_threshold(50_000)


def clinic_option(command: Command) -> Command:
    return click.option(
        "--clinic",
        "clinic",
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help="The clinic's folder. Default: the folder here if it has clinic.toml, else the sample clinic.",
    )(command)


@main.command("list")
@click.option("--json", "as_json", is_flag=True, help="For other programs: a list of objects.")
@clinic_option
def list_command(as_json: bool, clinic: Path | None) -> None:
    """Show what can be printed."""
    from handouts.clinic import clinic_folder, load_library
    from handouts.content import list_handouts

    listings = list_handouts(load_library(clinic_folder(clinic)))
    if as_json:
        rows = [
            {
                "handout": listing.slug,
                "title": listing.title,
                "purpose": listing.purpose,
                "formats": list(FORMAT_NAMES),
                "languages": list(listing.languages),
                "review": "draft",
                "version": listing.edition.version,
                "updated": listing.edition.updated.isoformat(),
                "overridden": listing.overridden,
            }
            for listing in listings
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for listing in listings:
        own = " (your clinic's own text)" if listing.overridden else ""
        click.echo(f"{listing.slug:<22} {listing.title}{own}")
        click.echo(f"{'':<22} {listing.purpose}")
        click.echo(f"{'':<22} {', '.join(FORMAT_NAMES)} · {', '.join(listing.languages)} · draft, not yet reviewed")
    click.echo("\nPrint one: handouts render NAME [--format summary] [--large-print]")


@main.command(epilog=EXIT_CODES)
@click.argument("handouts", nargs=-1, metavar="HANDOUT...")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMAT_NAMES, case_sensitive=False),
    default="full",
    show_default=True,
    help="The full handout, or a one-page summary of the same text.",
)
@click.option("--large-print", is_flag=True, help="18 points or more everywhere.")
@click.option("--language", default="en", show_default=True, metavar="CODE", help="Such as en.")
@click.option("--paper", type=click.Choice(list(PAPERS), case_sensitive=False), default="letter", show_default=True)
@clinic_option
@click.option(
    "--output",
    default="output",
    show_default=True,
    metavar="PATH",
    help="A folder, a file ending in .pdf (for one handout), or - for standard output.",
)
@click.pass_context
def render(
    context: click.Context,
    handouts: tuple[str, ...],
    format_name: str,
    large_print: bool,
    language: str,
    paper: str,
    clinic: Path | None,
    output: str,
) -> None:
    """Make one PDF for each HANDOUT.

    The paths of the PDFs go to standard output, one a line; everything else goes to standard error. All handouts
    are read and checked before the first one is laid out.
    """
    from handouts.cache import PdfCache
    from handouts.clinic import clinic_folder, load_clinic
    from handouts.delivery import deliver, destination
    from handouts.pipeline import Order, prepare, produce_once

    if not handouts:
        _say_what_there_is(context, clinic, language)
        return
    chosen = load_clinic(clinic_folder(clinic))
    for told in chosen.brand.told:
        click.echo(told, err=True)
    form = FORMATS[(format_name, large_print)]
    orders = [Order(name, form, language, PAPERS[paper]) for name in dict.fromkeys(map(_tidy, handouts))]
    to = destination(output, len(orders))
    errors: list[HandoutError] = []
    prepared = []
    for order in orders:
        try:
            prepared.append((order, prepare(order, chosen)))
        except HandoutError as error:
            errors.append(error)
    if errors:
        _tell(errors)
        if len(orders) > 1:
            click.echo("Nothing was printed.", err=True)
        context.exit(1)
    cache = PdfCache.of_this_user()
    for order, composition in prepared:
        if sys.stderr.isatty():
            click.echo(f"{order.handout}: laying out …", err=True)
        try:
            receipt = deliver(produce_once(composition, cache), to, order.file_name)
        except HandoutError as error:
            errors.append(error)
            continue
        if not to.is_stdout:
            click.echo(receipt.destination)
    if errors:
        _tell(errors)
        context.exit(1)


def _tidy(name: str) -> str:
    """A handout's name as somebody in a hurry types it: capitals, spaces, an ending."""
    return name.strip().lower().removesuffix(".pdf").removesuffix(".md").replace(" ", "-").replace("_", "-")


def _tell(errors: list[HandoutError]) -> None:
    """Each message once: several handouts may share the block or template that has to be mended."""
    lines = (line for error in errors for line in str(error).splitlines())
    for line in dict.fromkeys(lines):
        click.echo(line, err=True)


def _say_what_there_is(context: click.Context, clinic: Path | None, language: str) -> None:
    from handouts.clinic import clinic_folder, load_library
    from handouts.content import handout_names

    names = handout_names(load_library(clinic_folder(clinic)), language)
    click.echo(f"Which handout? There is: {', '.join(names)}.", err=True)
    click.echo("For example: handouts render how-ketamine-works --format summary", err=True)
    given = [
        name
        for name in context.params
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE and name != "handouts"
    ]
    if given:
        context.exit(2)


@main.command()
@click.argument("file")
@clinic_option
def which(file: str, clinic: Path | None) -> None:
    """Show every place where a template, style or content FILE is looked for, and which one is used.

    \b
    For example:
      handouts which full.html
      handouts which base.css
      handouts which en/blocks/safety.md
      handouts which logo.svg
    """
    from handouts.clinic import clinic_folder, load_library

    library = load_library(clinic_folder(clinic))
    looked = library.look_everywhere(file)
    winners = 0
    for places in looked:
        winner = next((place for place in places if place.found), None)
        if winner is None and any(any(place.found for place in others) for others in looked):
            continue
        for place in places:
            sign = "used" if place is winner else ("hidden" if place.found else "not there")
            click.echo(f"{sign:<10} {place.owner:<8} {place.path}")
        winners += winner is not None
    if not winners:
        raise RequestError(f"No template, style or content file is called “{file}”", nearest(file, library.all_names()))


@main.command()
@clinic_option
@click.pass_context
def doctor(context: click.Context, clinic: Path | None) -> None:
    """Look whether this machine is ready to print, and say what to do about what is missing."""
    from handouts.clinic import clinic_folder
    from handouts.doctor import examine

    ill = 0
    for answer in examine(clinic_folder(clinic)):
        click.echo(f"{'ok' if answer.well else 'MISSING':<8} {answer.part}: {answer.seen}")
        if not answer.well:
            click.echo(f"{'':<8} {answer.remedy}")
            ill += 1
    if ill:
        click.echo(f"\n{ill} thing{'s' if ill > 1 else ''} to mend.", err=True)
        context.exit(1)
    click.echo("\nReady to print.")
