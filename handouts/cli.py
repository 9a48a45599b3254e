"""The command line: a few lines for each command; the work is in `pipeline`.

What a command needs is imported when it runs, so that `--help` and `list` answer at once.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from handouts import __version__
from handouts.cli_brochure import brochure, new_clinic
from handouts.cli_options import EXIT_CODES, PERSONAL_OUTPUT, Command, clinic_option, tell_errors
from handouts.cli_personal import day, render_for, tidy
from handouts.errors import HandoutError, RequestError, nearest
from handouts.formats import BILINGUAL_FORMATS, FORMAT_NAMES, FORMATS, PAPERS
from handouts.interpreter import seldom_look_for_garbage

if TYPE_CHECKING:
    from handouts.composing import Composition
    from handouts.content import Listing
    from handouts.delivery import Destination
    from handouts.handout import Review
    from handouts.library import Library
    from handouts.making import Extra
    from handouts.pipeline import Order
    from handouts.translating import Translation


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
      handouts check                                   what is wrong with the texts
    """
    seldom_look_for_garbage()


@main.command("list")
@click.option("--json", "as_json", is_flag=True, help="For other programs: a list of objects.")
@clinic_option
def list_command(as_json: bool, clinic: Path | None) -> None:
    """Show what can be printed."""
    from handouts.clinic import clinic_folder, load_library
    from handouts.content import list_handouts

    folder = clinic_folder(clinic)
    library = load_library(folder)
    listings = list_handouts(library)
    all_reviews = _reviews(folder, listings)
    older = [_stale(listing, library) for listing in listings]
    if as_json:
        rows = [
            {
                "handout": listing.slug,
                "title": listing.title,
                "purpose": listing.purpose,
                "formats": list(FORMAT_NAMES),
                "languages": list(listing.languages),
                **_as_values(next(iter(reviews.values()))),
                "reviews": {language: _as_values(review) for language, review in reviews.items()},
                "stale": [translation.name for translation in stale],
                "version": listing.edition.version,
                "updated": listing.edition.updated.isoformat(),
                "overridden": listing.overridden,
            }
            for listing, reviews, stale in zip(listings, all_reviews, older, strict=True)
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for listing, reviews, stale in zip(listings, all_reviews, older, strict=True):
        own = " (your clinic's own text)" if listing.overridden else ""
        click.echo(f"{listing.slug:<25} {listing.title}{own}")
        click.echo(f"{'':<25} {listing.purpose}")
        for words in dict.fromkeys(map(_in_words, reviews.values())):
            languages = [language for language, review in reviews.items() if _in_words(review) == words]
            click.echo(f"{'':<25} {', '.join(FORMAT_NAMES)} · {', '.join(languages)} · {words}")
        for translation in stale:
            click.echo(f"{'':<25} {translation.problem}")
    click.echo("\nPrint one: handouts render NAME [--format summary] [--large-print]")


def language_option(command: Command) -> Command:
    return click.option("--language", default="en", show_default=True, metavar="CODE", help="Such as en.")(command)


@main.command(epilog=EXIT_CODES)
@click.argument("handouts", nargs=-1, metavar="HANDOUT...")
@click.option("--all", "everything", is_flag=True, help="All handouts; in all formats and sizes, unless you name one.")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMAT_NAMES, case_sensitive=False),
    default="full",
    show_default=True,
    help="The full handout, or a one-page summary of the same text.",
)
@click.option("--large-print", is_flag=True, help="18 points or more everywhere.")
@language_option
@click.option("--paper", type=click.Choice(list(PAPERS), case_sensitive=False), default="letter", show_default=True)
@clinic_option
@click.option(
    "--output",
    default="output",
    show_default=True,
    metavar="PATH",
    help="A folder, a file ending in .pdf (for one handout), or - for standard output.",
)
@click.option("--patient", type=click.Path(path_type=Path), metavar="FILE", help="For the one person in this file.")
@click.option("--show-choices", is_flag=True, help="With --patient: why each section was kept or left out.")
@click.option("--clinician-copy", is_flag=True, help="With --patient: the facts and choices as a page of its own.")
@click.option("--escort", is_flag=True, help="With --patient: a page for the person who drives home.")
@click.option("--stale", is_flag=True, help="Print a translation whose English has changed. The page then says so.")
@click.option("--past-review", is_flag=True, help="Print a text whose review is due. The page then says so.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes at a time. Default: one a core.")
@click.pass_context
def render(
    context: click.Context,
    handouts: tuple[str, ...],
    everything: bool,
    format_name: str,
    large_print: bool,
    language: str,
    paper: str,
    clinic: Path | None,
    output: str,
    past_review: bool,
    stale: bool,
    jobs: int | None,
    patient: Path | None,
    show_choices: bool,
    clinician_copy: bool,
    escort: bool,
) -> None:
    """Make one PDF for each HANDOUT.

    With --patient, all HANDOUTs become one paper for the person in FILE, in their language and size, with a page of
    their own in front: as summaries, or in full with --format full. Without HANDOUT, what the file asks for.

    The paths of the PDFs go to standard output, one a line; everything else goes to standard error. All handouts
    are read and checked before the first one is laid out. What has not changed since last time is not laid out
    again.
    """
    from handouts.checking.freshness import lines_in_english
    from handouts.clinic import clinic_folder, load_clinic
    from handouts.delivery import destination
    from handouts.house import load_house
    from handouts.pipeline import Order, languages_asked, prepare_in

    if everything and handouts:
        raise click.UsageError("Name handouts, or ask for --all; not both.")
    extras: tuple[Extra, ...] = (*(("escort",) if escort else ()), *(("clinician-copy",) if clinician_copy else ()))
    if patient is not None:
        full = format_name == "full" and _was_given(context, "format_name")
        asked = tuple(_tidy(slug) + (" full" if full else "") for slug in handouts)
        folder = Path(output) if _was_given(context, "output") else PERSONAL_OUTPUT
        render_for(patient, asked, clinic, PAPERS[paper], folder, extras, show_choices)
        return
    if extras or show_choices:
        raise click.UsageError("--show-choices, --clinician-copy and --escort go with --patient FILE.")
    languages = languages_asked(language)
    if not handouts and not everything:
        _say_what_there_is(context, clinic, languages)
        return
    chosen = load_clinic(clinic_folder(clinic))
    for told in chosen.brand.told:
        click.echo(told, err=True)
    if len(languages) > 1 and large_print:
        raise RequestError(
            "Two languages side by side have no large print: the columns would hold two or three words",
            "Print each language by itself, with --large-print.",
        )
    names: tuple[str, ...] = (format_name,)
    sizes: tuple[bool, ...] = (large_print,)
    if everything:
        handouts = _names_in(languages, chosen.library)
        names = names if _was_given(context, "format_name") else FORMAT_NAMES
        sizes = sizes if _was_given(context, "large_print") else (False, True)
    forms = [FORMATS[(name, size)] for name in names for size in sizes]
    if len(languages) > 1:
        forms = [BILINGUAL_FORMATS[name] for name in names]
    slugs = dict.fromkeys(map(_tidy, handouts))
    orders = [Order(slug, form, "+".join(languages), PAPERS[paper]) for slug in slugs for form in forms]
    to = destination(output, len(orders))
    houses = [load_house(chosen, code, _today()) for code in languages]
    for line in (line for house in houses for line in lines_in_english(house.clinic)):
        click.echo(str(line), err=True)
    errors: list[HandoutError] = []
    prepared = []
    for order in orders:
        try:
            prepared.append((order, prepare_in(houses, order, past_review, stale)))
        except HandoutError as error:
            errors.append(error)
    if errors:
        tell_errors(errors)
        if len(orders) > 1:
            click.echo("Nothing was printed.", err=True)
        context.exit(1)
    errors = _print(prepared, to, jobs)
    if errors:
        tell_errors(errors)
        context.exit(1)


def _print(prepared: list[tuple[Order, Composition]], to: Destination, jobs: int | None) -> list[HandoutError]:
    """Lay out, write and tell, one paper after the other. A paper that fails does not stop the next one."""
    from handouts.batch import Refused, produce_all
    from handouts.cache import PdfCache
    from handouts.delivery import deliver

    errors: list[HandoutError] = []
    kept = 0
    shown = len(prepared) > 1 or sys.stderr.isatty()
    results = produce_all([composition for _, composition in prepared], PdfCache.of_this_user(), jobs)
    for number, ((order, _), result) in enumerate(zip(prepared, results, strict=True), start=1):
        if isinstance(result, Refused):
            errors.append(result.error)
            continue
        try:
            receipt = deliver(result.pdf, to, order.file_name)
        except HandoutError as error:
            errors.append(error)
            continue
        kept += result.kept
        if not to.is_stdout:
            click.echo(receipt.destination)
        if shown:
            pages = result.pdf.page_count
            how = "as before" if result.kept else f"{pages} page{'s' if pages > 1 else ''}"
            click.echo(f"{number} of {len(prepared)}: {order.file_name}, {how}", err=True)
    if shown:
        done = len(prepared) - len(errors)
        click.echo(f"{done} of {len(prepared)} printed: {done - kept} laid out, {kept} as before.", err=True)
    return errors


@main.command(epilog=EXIT_CODES)
@click.argument("handouts", nargs=-1, metavar="[HANDOUT...]")
@click.option("--pages", is_flag=True, help="Print everything too, and measure the finished PDFs.")
@click.option("--json", "as_json", is_flag=True, help="For other programs: findings, grades and items as one object.")
@language_option
@clinic_option
@click.pass_context
def check(
    context: click.Context,
    handouts: tuple[str, ...],
    pages: bool,
    as_json: bool,
    language: str,
    clinic: Path | None,
) -> None:
    """Say everything that is wrong with the texts and settings, all at once.

    Each finding has its file, line, rule, what is wrong and what to do. An error stops a text from being printed
    or from being fit to print; a warning wants mending or a reason (explained.yaml); a note is good to know. Then
    come the school grades, and the items of PEMAT-P and the CDC Clear Communication Index.

    \b
    For example:
      handouts check                          all handouts
      handouts check your-treatment-day       one of them
      handouts check --pages                  the finished PDFs too: takes minutes
    """
    from handouts.clinic import clinic_folder, load_clinic
    from handouts.house import load_house
    from handouts.inspection import inspect
    from handouts.page_inspection import measured_pages
    from handouts.reporting import as_values, in_words

    house = load_house(load_clinic(clinic_folder(clinic)), language, _today())
    measure = measured_pages(lambda said: click.echo(said, err=True)) if pages else None
    report = inspect(house, tuple(dict.fromkeys(map(_tidy, handouts))), measure)
    if as_json:
        click.echo(json.dumps(as_values(report), ensure_ascii=False, indent=2))
    else:
        for line in in_words(report):
            click.echo(line)
    if report.has_errors:
        context.exit(1)


@main.command("sign-off", epilog=EXIT_CODES)
@click.argument("handout")
@click.option("--by", required=True, metavar="NAME", help='Who has read it: "Name, role".')
@click.option(
    "--next-review",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Until when it holds, such as 2027-11-22. Default: a year from today.",
)
@click.option("--translator", metavar="NAME", help="For a translation: the qualified person who compared it.")
@click.option("--qualification", metavar="TEXT", help="What qualifies the translator.")
@language_option
@clinic_option
def sign_off(
    handout: str,
    by: str,
    next_review: datetime | None,
    translator: str | None,
    qualification: str | None,
    language: str,
    clinic: Path | None,
) -> None:
    """Record that a clinician has read a HANDOUT and approves exactly this text.

    Who, when, in which language and a hash of the text go into sign-offs/ in the clinic folder. The footer then says
    so. If the text is edited, it is a draft again.
    """
    from handouts.clinic import clinic_folder, load_clinic
    from handouts.house import load_house
    from handouts.inspection import sign_checked
    from handouts.reviewing import Translator

    if (translator is None) != (qualification is None):
        raise click.UsageError("--translator and --qualification go together.")
    compared = None if translator is None else Translator(translator, qualification or "")
    house = load_house(load_clinic(clinic_folder(clinic)), language, _today())
    until = next_review.date() if next_review else _a_year_after(house.today)
    path = sign_checked(_tidy(handout), house, by, until, compared)
    click.echo(f"Signed by {by.strip()}, next review {until}: {path}")


@main.command(epilog=EXIT_CODES)
@click.argument("handouts", nargs=-1, metavar="HANDOUT...")
@click.option("--all", "everything", is_flag=True, help="All handouts of the language.")
@click.option("--language", required=True, metavar="CODE", help="Such as es.")
@clinic_option
def translated(handouts: tuple[str, ...], everything: bool, language: str, clinic: Path | None) -> None:
    """Record that translated HANDOUTs now say what the English says.

    Each of their texts remembers the English sentences that it was made from. When one of these changes, `list` and
    `check` say which, and `render` refuses the translation.
    """
    from handouts.clinic import clinic_folder, load_library
    from handouts.translating import remember

    if everything == bool(handouts):
        raise click.UsageError("Name handouts, or ask for --all.")
    library = load_library(clinic_folder(clinic))
    slugs = _names_in((language,), library) if everything else tuple(dict.fromkeys(map(_tidy, handouts)))
    written = remember(slugs, language, library)
    for path in written:
        click.echo(f"Recorded: {path}")
    if not written:
        click.echo("Nothing to record: the English is what it was.")


def _reviews(folder: Path, listings: tuple[Listing, ...]) -> tuple[Mapping[str, Review], ...]:
    """The reviews of listed handouts, by language. What reads the texts is loaded only if somebody has signed one."""
    from handouts.clinic import SIGN_OFFS
    from handouts.handout import Review
    from handouts.library import is_folder

    if not is_folder(folder / SIGN_OFFS):
        return tuple({language: Review("draft") for language in row.languages} for row in listings)
    from handouts.reviewing import reviews_of

    return reviews_of(folder, listings, _today())


def _as_values(review: Review) -> dict[str, str | None]:
    signed = review.signature
    return {
        "review": review.state,
        "reviewed_by": signed.by if signed else None,
        "reviewed_on": signed.on.isoformat() if signed else None,
        "next_review": signed.next_review.isoformat() if signed else None,
        "translator": signed.translator if signed else None,
    }


def _stale(listing: Listing, library: Library) -> list[Translation]:
    """The translated texts of a handout whose English has changed."""
    from handouts.library import SOURCE_LANGUAGE

    others = [language for language in listing.languages if language != SOURCE_LANGUAGE]
    if not others:
        return []
    from handouts.translating import translations_listed

    found = [row for language in others for row in translations_listed(listing.slug, language, library)]
    return [row for row in found if row.is_stale]


def _today() -> date:
    return date.today()


def _a_year_after(day: date) -> date:
    """The same day of the next year; February 29 becomes the 28th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def _in_words(review: Review) -> str:
    signed = review.signature
    if signed is None:
        return "draft, not yet reviewed"
    match review.state:
        case "changed":
            return f"draft, changed since {signed.by} reviewed it on {signed.on}"
        case "overdue":
            return f"reviewed by {signed.by} on {signed.on}; review was due on {signed.next_review}"
    return f"reviewed by {signed.by} on {signed.on}, next review {signed.next_review}"


def _was_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def _tidy(name: str) -> str:
    """A handout's name as somebody in a hurry types it: capitals, spaces, an ending."""
    return name.strip().lower().removesuffix(".pdf").removesuffix(".md").replace(" ", "-").replace("_", "-")


def _names_in(languages: tuple[str, ...], library: Library) -> tuple[str, ...]:
    """The handouts that there are in all of these languages. Raises RequestError if there is none."""
    from handouts.content import handout_names

    by_language = [handout_names(library, language) for language in languages]
    for language, names in zip(languages, by_language, strict=True):
        if not names:
            raise RequestError(f"There is nothing in the language “{language}”", nearest(language, library.languages()))
    return tuple(name for name in by_language[0] if all(name in names for names in by_language))


def _say_what_there_is(context: click.Context, clinic: Path | None, languages: tuple[str, ...]) -> None:
    from handouts.clinic import clinic_folder, load_library

    names = _names_in(languages, load_library(clinic_folder(clinic)))
    click.echo(f"Which handout? There is: {', '.join(names)}.", err=True)
    click.echo("For example: handouts render how-ketamine-works --format summary", err=True)
    if any(_was_given(context, name) for name in context.params if name != "handouts"):
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


for _command in (day, tidy, brochure, new_clinic):
    main.add_command(_command)
