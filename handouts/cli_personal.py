"""The commands that make papers for patients: one person's, or everybody's on a schedule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handouts.cli_options import EXIT_CODES, PERSONAL_OUTPUT, clinic_option, tell_errors
from handouts.errors import RequestError, raise_all
from handouts.formats import PAPERS

if TYPE_CHECKING:
    from handouts.day import Done, NotDone
    from handouts.formats import Paper
    from handouts.making import Extra
    from handouts.planning import Plan


@click.command("day", epilog=EXIT_CODES)
@click.argument("schedule", type=click.Path(path_type=Path))
@click.option("--date", "asked", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Which day of the schedule.")
@click.option("--only", metavar="REFERENCE", help="One patient's paper again.")
@click.option("--output", type=click.Path(path_type=Path), default=PERSONAL_OUTPUT, show_default=True, metavar="FOLDER")
@click.option("--packet", metavar="FILE.pdf", help="All papers in one file for the printer too; a name in the folder.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes at a time. Default: one a core.")
@click.option("--resume", is_flag=True, help="Go on after a run that was ended: what is done stays.")
@click.option("--dry-run", is_flag=True, help="Check everything, and write nothing.")
@click.option("--skip-bad-rows", is_flag=True, help="Leave out the rows with problems.")
@click.option("--escort", is_flag=True, help="A page for the person who drives each patient home, too.")
@click.option("--encrypt", is_flag=True, help="Ask for a password, and lock every file with it (AES-256).")
@click.option("--password-file", type=click.Path(path_type=Path), metavar="FILE", help="Its first line, if not asked.")
@click.option(
    "--print", "printer", is_flag=False, flag_value="", metavar="[PRINTER]", help="Hand the packet to a printer."
)
@click.option("--paper", type=click.Choice(list(PAPERS), case_sensitive=False), default="letter", show_default=True)
@clinic_option
@click.pass_context
def day(
    context: click.Context,
    schedule: Path,
    asked: datetime | None,
    only: str | None,
    output: Path,
    packet: str | None,
    jobs: int | None,
    resume: bool,
    dry_run: bool,
    skip_bad_rows: bool,
    escort: bool,
    encrypt: bool,
    password_file: Path | None,
    printer: str | None,
    paper: str,
    clinic: Path | None,
) -> None:
    """Make a paper for everybody on a SCHEDULE: CSV, Excel (.xlsx), YAML, JSON or FHIR.

    Everything is read and checked first. If anything is wrong, all of it is told and nothing is written, unless you
    say --skip-bad-rows. The papers are named by date and token, never by a patient. Only you can read the folder.

    \b
    For example:
      handouts day today.csv --dry-run                 what is wrong, and how many papers
      handouts day today.csv --packet packet.pdf       papers, and one file for the printer
      handouts day today.csv --only 1042               one paper again
    """
    from handouts.clinic import clinic_folder, load_clinic
    from handouts.day import DayRun, Wishes, workshops
    from handouts.encrypting import read_password
    from handouts.house import Houses
    from handouts.intake import on_day, read_patients
    from handouts.planning import Planner
    from handouts.printing import find_printer, print_file
    from handouts.private_folder import PrivateFolder

    if packet is not None and (Path(packet).name != packet or Path(packet).suffix.lower() != ".pdf"):
        raise RequestError(
            "The packet stands among the papers, so --packet takes a plain file name",
            "Write a name that ends in .pdf, such as packet.pdf. --output chooses the folder.",
        )
    if printer is not None and packet is None and only is None:
        packet = "packet.pdf"
    today, size = date.today(), PAPERS[paper]
    houses = Houses(load_clinic(clinic_folder(clinic)), today)
    the_day, intake = on_day(read_patients(schedule), asked.date() if asked else None, today)
    for line in intake.told:
        click.echo(line, err=True)
    wanted = [person for person in intake.patients if only in (None, person.reference)]
    with workshops(houses, size, () if dry_run else wanted, jobs) as processes:
        processes.start()  # they get ready while the day is planned
        plans, problems = Planner(houses, size).plans(intake)
        if only is not None:
            plans = tuple(plan for plan in plans if plan.patient.reference == only)
            if not plans and not problems:
                raise RequestError(
                    f"Nobody on this schedule has the reference “{only}” on {the_day}", "Look it up in the schedule."
                )
        _tell_clashes(plans)
        tell_errors(problems)
        if problems and not skip_bad_rows:
            count = "One problem" if len(problems) == 1 else f"{len(problems)} problems"
            click.echo(f"{count}. Nothing was written. Mend what is told above, or add --skip-bad-rows.", err=True)
            context.exit(1)
        left_out = f", {intake.left_out} cancelled or no-show" if intake.left_out else ""
        if dry_run:
            click.echo(f"{the_day}: {len(plans)} papers could be made{left_out}. Nothing was written.")
            return
        if printer is not None:
            printer = find_printer(printer or None)
        password = None
        if encrypt or password_file:
            password = read_password(
                lambda: str(click.prompt("Password", hide_input=True, confirmation_prompt=True)), password_file
            )
        folder = PrivateFolder.at(output)
        with folder.alone():
            run = DayRun(the_day, plans, folder, processes)
            wishes = Wishes(resume, ("escort",) if escort else (), packet, password)
            made = _told(run.make(wishes, lambda said: click.echo(said, err=True)), len(plans))
    if packet and made.done:
        click.echo(folder.path / packet)
    road = f" {run.plain} took the plain road: a template of the clinic prints patients' facts." if run.plain else ""
    click.echo(
        f"{the_day}: {made.done} of {len(plans)} papers made ({made.kept} as before, {made.pages} pages, "
        f"{run.variants} variants), {made.failed} failed{left_out}.{road}",
        err=True,
    )
    if printer is not None and made.first is not None:
        sent = folder.path / packet if packet else made.first
        receipt = print_file(sent, printer, f"Papers of {the_day}", made.pages)
        click.echo(f"Sent to {receipt.printer}.", err=True)
    if made.failed or problems:
        context.exit(1)


@click.command("tidy", epilog=EXIT_CODES)
@click.argument("folder", type=click.Path(path_type=Path), default=PERSONAL_OUTPUT)
@click.option("--older-than", "days", type=click.IntRange(min=0), default=30, show_default=True, metavar="DAYS")
def tidy(folder: Path, days: int) -> None:
    """Remove personal papers older than so many days from a FOLDER that `handouts day` or --patient wrote."""
    from datetime import timezone

    from handouts.private_folder import tidy as tidy_folder

    tidied = tidy_folder(folder, days, datetime.now(timezone.utc))  # noqa: UP017
    click.echo(f"{tidied.removed} files removed, {tidied.kept} kept.")


def render_for(
    file: Path,
    handouts: tuple[str, ...],
    clinic: Path | None,
    paper: Paper,
    output: Path,
    extras: tuple[Extra, ...],
    show_choices: bool,
) -> None:
    """`render --patient`: one person's paper, and the pages that go with it."""
    from handouts.clinic import clinic_folder, load_clinic
    from handouts.day import DayRun, NotDone, Wishes, workshops
    from handouts.house import Houses
    from handouts.intake import read_patients
    from handouts.planning import Planner
    from handouts.private_folder import PrivateFolder

    intake = read_patients(file, kit_needed=not handouts)
    if intake.problems:
        raise_all(list(intake.problems))
    if len(intake.patients) != 1:
        raise RequestError(
            f"There are {len(intake.patients)} patients in this file, and --patient prints one",
            f"For a schedule: handouts day {file.name} [--only REFERENCE].",
        )
    today = date.today()
    houses = Houses(load_clinic(clinic_folder(clinic)), today)
    person = replace(intake.patients[0], handouts=handouts or intake.patients[0].handouts)
    plan = Planner(houses, paper).plan(person)
    _tell_clashes([plan])
    if show_choices:
        for decision in plan.decisions:
            click.echo(f"{'kept' if decision.kept else 'left out':<9} {decision.title}: {decision.why}", err=True)
    the_day = next((visit.day for visit in person.visits if visit.day), None) or today
    folder = PrivateFolder.at(output)
    with folder.alone(), workshops(houses, paper, [person]) as processes:
        run = DayRun(the_day, [plan], folder, processes)
        for outcome in run.make(Wishes(extras=extras), lambda said: None):
            if isinstance(outcome, NotDone):
                raise outcome.error
            for path in (outcome.path, *outcome.extras):
                click.echo(path)
    if run.plain:
        click.echo("By the plain road: a template of the clinic prints the patient's facts.", err=True)


@dataclass
class _Tally:
    """What a run has made so far."""

    first: Path | None = None
    done: int = 0
    kept: int = 0
    pages: int = 0
    failed: int = 0


def _told(outcomes: Iterable[Done | NotDone], count: int) -> _Tally:
    """Say of each paper that it is there, or what is wrong with it."""
    from handouts.day import Done

    tally = _Tally()
    for outcome in outcomes:
        if not isinstance(outcome, Done):
            tally.failed += 1
            tell_errors([outcome.error])
            continue
        tally.first = tally.first or outcome.path
        tally.done += 1
        tally.kept += outcome.kept
        tally.pages += outcome.pages
        click.echo(outcome.path)
        how = "as before" if outcome.kept else f"{outcome.pages} pages"
        click.echo(f"{tally.done + tally.failed} of {count}: {outcome.path.name}, {how}", err=True)
    return tally


def _tell_clashes(plans: Sequence[Plan]) -> None:
    for plan in plans:
        for clash in plan.clashes:
            click.echo(f"{plan.patient.origin}: {clash.problem}. {clash.remedy}", err=True)
