"""The commands for whoever makes brochures and sets up a clinic's folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from handouts.cli_options import clinic_option
from handouts.errors import RequestError, nearest
from handouts.formats import PAPERS


@click.command("brochure")
@click.argument("name", required=False)
@click.option("--fold", type=click.Choice(["tri", "half"]), default="tri", show_default=True, help="How it is folded.")
@click.option("--paper", type=click.Choice(list(PAPERS)), default="letter", show_default=True)
@click.option(
    "--for",
    "use",
    type=click.Choice(["press", "web", "office"]),
    default="office",
    show_default=True,
    help="A print shop (PDF/X-4 in four inks, with a report), a screen (PDF/UA, a panel a page), or your own printer.",
)
@click.option("--bleed", metavar="LENGTH", help="For the press: 3mm, 0.125in or none. Default: 3mm.")
@click.option(
    "--profile",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="ICC",
    help="For the press: the shop's own color profile. Default: FOGRA39, coated paper.",
)
@click.option("--location", metavar="PLACE", help="Whose address is printed. Default: the clinic's main location.")
@click.option("--language", default="en", show_default=True)
@click.option("--proof", is_flag=True, help="A numbered proof, made whatever is wrong, with all findings listed in it.")
@click.option(
    "--output", default="output", show_default=True, metavar="PATH", help="A folder, or a file ending in .pdf."
)
@clinic_option
def brochure(
    name: str | None,
    fold: str,
    paper: str,
    use: str,
    bleed: str | None,
    profile: Path | None,
    location: str | None,
    language: str,
    proof: bool,
    output: str,
    clinic: Path | None,
) -> None:
    """Make a brochure: for a print shop, a web page, or the office printer.

    Nothing is written if a risk is missing, a panel runs over, or a line of the press file is not right: each is told.

    \b
      handouts brochure                                the only one, tri-fold, for the office printer
      handouts brochure --for press --bleed 0.125in    PDF/X-4, and a preflight report for the shop
      handouts brochure --for web --language es        a file for the web page, in Spanish
    """
    from handouts.brochures.content import brochure_names
    from handouts.brochures.folding import FOLDS
    from handouts.brochures.making import BrochureOrder, make_brochure
    from handouts.brochures.purpose import USES, purpose
    from handouts.clinic import clinic_folder, load_clinic
    from handouts.delivery import deliver, destination

    if profile is not None and use != "press":
        raise RequestError("Only a press file has a color profile", "Take --profile out, or add --for press.")
    asked = next(one for one in USES if one == use)
    wanted = purpose(asked, bleed)
    made_for = load_clinic(clinic_folder(clinic))
    if language not in made_for.library.languages():
        remedy = nearest(language, made_for.library.languages())
        raise RequestError(f"There is nothing in the language “{language}”", remedy)
    known = brochure_names(made_for.library, language)
    if name is None:
        if len(known) != 1:
            raise RequestError("The name of the brochure is missing", nearest("", known))
        name = known[0]
    to = destination(output, 1)
    number = _next_proof(to.folder, name) if proof else None
    for told in made_for.brand.told:
        click.echo(told, err=True)
    order = BrochureOrder(name, language, FOLDS[fold, paper], wanted, location, profile, number)
    made = make_brochure(order, made_for, date.today())
    for finding in made.findings:
        click.echo(str(finding), err=True)
    file = made.name.replace(".pdf", f"-proof-{number}.pdf") if number else made.name
    receipt = deliver(made.pdf, to, file)
    if not to.is_stdout:
        click.echo(receipt.destination)
    if made.report is not None and not to.is_stdout:
        path = Path(receipt.destination)
        report = deliver(made.report, destination(str(path.with_name(f"{path.stem}-preflight.pdf")), 1), "")
        click.echo(report.destination)
        passed = sum(line.passed for line in made.lines)
        click.echo(f"Preflight: {passed} of {len(made.lines)} lines passed.", err=True)
    if use == "office":
        click.echo("Print on both sides, turned over the short edge, at 100 %.", err=True)


def _next_proof(folder: Path | None, name: str) -> int:
    """The number after the highest of the proofs of a brochure that are in a folder."""
    found = [0]
    for path in folder.glob(f"{name}-*-proof-*.pdf") if folder and folder.is_dir() else ():
        number = path.stem.rpartition("-")[2]
        found += [int(number)] if number.isdigit() else []
    return max(found) + 1


@click.command("new-clinic")
@click.argument("folder", type=click.Path(path_type=Path))
def new_clinic(folder: Path) -> None:
    """Make a clinic's folder to start from: its settings explained by comments, and where each thing goes.

    \b
      handouts new-clinic our-clinic
      handouts render how-ketamine-works --clinic our-clinic
    """
    from handouts.new_clinic import begin

    for path in begin(folder):
        click.echo(str(path))
    click.echo(f"Now change what is yours in {folder / 'clinic.toml'}. Everything in it is invented.", err=True)
