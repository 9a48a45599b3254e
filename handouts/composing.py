"""A handout and a clinic become one HTML text with its styles: a composition, not yet laid out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from pathlib import Path
from urllib.parse import unquote

from markupsafe import Markup, escape

from handouts import pictures
from handouts.brand import Brand
from handouts.clinic import Clinic
from handouts.errors import ContentError, DesignError, Origin, nearest, raise_all
from handouts.evidence import Ledger
from handouts.fonts import FALLBACK, FontFace, font_faces
from handouts.formats import FULL, Format, Paper
from handouts.furniture import Furniture
from handouts.handout import Handout, Review
from handouts.house import House
from handouts.library import SOURCE_LANGUAGE, Library
from handouts.pairing import paired
from handouts.patient import Patient
from handouts.reading import read_text
from handouts.scribe import Scribe

_IMPORT = re.compile(r'^@import\s+"bundled:([\w.-]+)"\s*;', re.MULTILINE)
_FILE_NAME = re.compile(r"[\w.-]+")
CLINIC_STYLE = "clinic.css"


@dataclass(frozen=True)
class Composition:
    """What is to be laid out: HTML that holds its styles and pictures, and the font files it names.

    `air` is not in it: the amount of white space is chosen while laying out, within `format.airs`.
    `roots` are the folders that files may come from, `base` the one that addresses start in. `sheets` (the files
    that the styles came from) and `titles` (the sections' titles by their ids on the page) are for messages.
    """

    slug: str
    title: str
    html: str
    format: Format
    paper: Paper
    faces: tuple[FontFace, ...]
    roots: tuple[Path, ...]
    base: Path
    sheets: tuple[Path, ...]
    titles: Mapping[str, str]
    origin: Origin

    def with_air(self, air: float, flowing: bool = False) -> str:
        """The HTML with that factor on the white space between blocks.

        `flowing`: it takes more pages than it should, so that nothing has a page of its own.
        """
        html = self.html.replace("--air: 1;", f"--air: {air:g};", 1)
        return html.replace('<body class="', '<body class="flowing ', 1) if flowing else html

    @cached_property
    def fingerprint(self) -> str:
        """A hash of everything in it: words, styles, pictures, fonts and the format's rules."""
        digest = hashlib.sha256(self.html.encode())
        digest.update(repr((self.format, self.paper)).encode())
        for face in self.faces:
            digest.update(face.css.encode())
            digest.update(face.path.read_bytes())
        for path in sorted(self._referred()):
            digest.update(str(path).encode())
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def _referred(self) -> set[Path]:
        """The files that a template or style may refer to: those whose name stands in the HTML, or in one of them."""
        fonts = {face.path.parent for face in self.faces}
        files = [path for root in self.roots if root not in fonts for path in root.rglob("*") if path.is_file()]
        found: set[Path] = set()
        texts = [self.html]
        while texts:
            text = texts.pop()
            text += unquote(unescape(text))
            names = set(_FILE_NAME.findall(text))
            for path in files:
                # A name with other signs in it, such as a space, is not found as one word.
                if path not in found and (path.name in names if _FILE_NAME.fullmatch(path.name) else path.name in text):
                    found.add(path)
                    if path.suffix.lower() in (".svg", ".css"):
                        texts.append(path.read_text(encoding="utf-8", errors="replace"))
        return found


@dataclass(frozen=True)
class Reviewed:
    """A handout in its language, with what became of its review."""

    handout: Handout
    house: House
    review: Review


@dataclass(frozen=True)
class Side:
    """One language of a bilingual paper, as its template sees it."""

    language: str
    clinic: Clinic
    furniture: Furniture
    scribe: Scribe
    edition_code: str
    review: str


def compose(
    handout: Handout,
    house: House,
    form: Format,
    paper: Paper,
    review: Review,
    stale: bool = False,
    patient: Patient | None = None,
    joined: bool = False,
) -> Composition:
    """Merge a handout with a clinic's brand and contact lines into HTML for one format and paper.

    `review` stands in the footer, and that a translation is older than its English (`stale`). Pages that are `joined`
    to others have no numbers of their own. `patient` is for a clinic's own templates; ours print none of it.
    Raises ContentError for unknown claims, blanks and pictures (all at once), DesignError for a broken template,
    ClinicError for a font that is not installed.
    """
    _carries_its_safety_texts(handout, house.ledger)
    values = {
        **_values(handout, house, form, paper),
        "edition_code": handout.edition.code_for(form.code),
        "review": _review_in_words(review, house, stale),
        "signed": review.state in ("signed", "overdue") and not stale,
        "patient": patient,
        "joined": joined,
    }
    fill = house.templates.fill
    scribe = Scribe(handout, house)
    if form.sources_of_full:
        fill(FULL.template, {**values, "format": FULL, "scribe": scribe})
        scribe = scribe.with_the_same_numbers()
    html = kept_together(fill(form.template, {**values, "scribe": scribe}), set(house.furniture.together))
    raise_all(list(dict.fromkeys(scribe.errors)))
    return _composed(handout, house, form, paper, html)


def compose_side_by_side(left: Reviewed, right: Reviewed, form: Format, paper: Paper) -> Composition:
    """The same handout in two languages, paragraph beside paragraph. Both columns count their sources together.

    Raises ContentError where the two have not the same parts, and what `compose` raises.
    """
    pair = paired(left.handout, right.handout)
    scribe = Scribe(left.handout, left.house)
    sides = [
        Side(
            language=text.house.language,
            clinic=text.house.clinic,
            furniture=text.house.furniture,
            scribe=shared,
            edition_code=text.handout.edition.code_for(form.code),
            review=_review_in_words(text.review, text.house, stale=False),
        )
        for text, shared in ((left, scribe), (right, scribe.beside(right.handout, right.house)))
    ]
    for text in (left, right):
        _carries_its_safety_texts(text.handout, text.house.ledger)
    values = {
        **_values(left.handout, left.house, form, paper),
        "pair": pair,
        "left": sides[0],
        "right": sides[1],
        "scribe": scribe,
    }
    html = left.house.templates.fill(form.template, values)
    html = kept_together(html, {*left.house.furniture.together, *right.house.furniture.together})
    raise_all(list(dict.fromkeys(scribe.errors)))
    return _composed(left.handout, left.house, form, paper, html, right.handout)


def _values(handout: Handout, house: House, form: Format, paper: Paper) -> dict[str, object]:
    """What every template is given."""
    return {
        "handout": handout,
        "clinic": house.clinic,
        "furniture": house.furniture,
        "paper": paper,
        "format": form,
        "logo": pictures.logo(house.clinic.brand),
        "styles": Markup(styles_of(house.clinic, form)),
    }


def _composed(
    handout: Handout, house: House, form: Format, paper: Paper, html: str, beside: Handout | None = None
) -> Composition:
    return composition_of(
        house,
        form,
        paper,
        html,
        handout.slug,
        f"{handout.title} · {beside.title}" if beside else handout.title,
        handout.origin,
        {section.slug: section.title for section in handout.sections},
    )


def composition_of(
    house: House,
    form: Format,
    paper: Paper,
    html: str,
    slug: str,
    title: str,
    origin: Origin,
    titles: Mapping[str, str] | None = None,
) -> Composition:
    """A filled template with the fonts, folders and styles that it may use. `titles` are those of its sections by id.

    Raises ClinicError for a font that is not installed.
    """
    library, faces = house.clinic.library, faces_of(house.clinic.brand)
    return Composition(
        slug=slug,
        title=title,
        html=html,
        format=form,
        paper=paper,
        faces=faces,
        roots=(*library.roots(), *sorted({face.path.parent for face in faces})),
        base=library.clinic,
        sheets=tuple(sheets_of(library, form)),
        titles=titles or {},
        origin=origin,
    )


def faces_of(brand: Brand) -> tuple[FontFace, ...]:
    """The font files that a brand's pages name, and those of the fallback. Raises ClinicError if one is missing."""
    families = (brand.heading_font, brand.text_font, FALLBACK)
    return tuple(dict.fromkeys(face for family in families for face in font_faces(family, brand.fonts_origin)))


def kept_together(html: str, phrases: set[str]) -> str:
    """The page with each of the phrases on one line. Their letters stay the same, for readers and for searching."""
    if not phrases:
        return html
    head, opening, body = html.partition("<body")
    wanted = re.compile("|".join(re.escape(escape(phrase)) for phrase in sorted(phrases, key=len, reverse=True)))
    pieces = re.split(r"(<[^>]*>)", opening + body)  # every second one is a tag
    pieces[::2] = [wanted.sub(lambda found: f'<span class="together">{found[0]}</span>', text) for text in pieces[::2]]
    return head + "".join(pieces)


def _review_in_words(review: Review, house: House, stale: bool) -> str:
    """The line of the footer that says who reviewed the text, or that nobody has.

    Under a translation that is older than its English no name stands: what was signed is not what the English says.
    """
    signed, furniture = review.signature, house.furniture
    if stale:
        return str(furniture.translation_stale)
    if signed is None or review.state in ("draft", "changed"):
        return furniture.draft if house.language == SOURCE_LANGUAGE else str(furniture.translation_draft)
    pattern = furniture.review_was_due if review.state == "overdue" else furniture.reviewed
    day = furniture.whole_date
    return pattern.format(name=signed.by, date=day(signed.on), next=day(signed.next_review))


def _carries_its_safety_texts(handout: Handout, ledger: Ledger) -> None:
    """Every full handout carries the ledger's `must` texts that concern it, and a summary has a safety block."""
    carried = frozenset[str]().union(*(section.carried for section in handout.sections))
    missing = [name for name in ledger.must_carry(handout.concerns) if name not in carried]
    if missing:
        raise ContentError(
            f"Safety texts that must stand in this handout are missing: {', '.join(missing)}",
            "Name them under `groups:` of its safety block, or under `safety_items:` of another block.",
            handout.origin,
        )
    if not any(section.kind == "safety" and section.short for section in handout.summary_sections):
        raise ContentError(
            "The summary has no safety block",
            "Name the safety block, which has the short list, under `summary:`.",
            handout.origin,
        )


def styles_of(clinic: Clinic, form: Format) -> str:
    """The CSS of a composition: the brand's colours and font names, and the sheets."""
    brand = clinic.brand
    tokens = "\n".join(f"  --{name}: {value};" for name, value in {**brand.tokens, **brand.measures}.items())
    root = (
        f":root {{\n{tokens}\n  --air: 1;\n"
        f'  --heading-font: "{brand.heading_font}", "{FALLBACK}";\n'
        f'  --text-font: "{brand.text_font}", "{FALLBACK}";\n}}'
    )
    texts = [_with_ours(clinic.library, path) for path in sheets_of(clinic.library, form)]
    return "\n".join((root, *texts))


def sheets_of(library: Library, form: Format) -> list[Path]:
    """The stylesheets of a format, the clinic's own in place of ours of the same name; its `clinic.css` comes last."""
    found = [library.find("styles", name) for name in (*form.stylesheets, CLINIC_STYLE)]
    return [path for path in found if path is not None]


def _with_ours(library: Library, path: Path) -> str:
    """A stylesheet in which `@import "bundled:NAME";` is our sheet of that name."""
    text = read_text(path, DesignError)

    def ours(named: re.Match[str]) -> str:
        sheet = library.bundled_file("styles", named[1])
        if not sheet.is_file():
            known = [found.name for found in (library.bundled / "styles").glob("*.css")]
            line = text[: named.start()].count("\n") + 1
            raise DesignError(f"We have no style “{named[1]}”", nearest(named[1], known), Origin(path, line))
        return read_text(sheet, DesignError)

    return _IMPORT.sub(ours, text)
