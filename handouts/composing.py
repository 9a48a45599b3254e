"""A handout and a clinic become one HTML text with its styles: a composition, not yet laid out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from handouts import pictures
from handouts.clinic import Clinic
from handouts.content import Furniture
from handouts.errors import ContentError, DesignError, HandoutError, Origin, nearest, raise_all
from handouts.evidence import STRENGTHS, Evidence, Ledger, Source
from handouts.fonts import FALLBACK, FontFace, font_faces
from handouts.formats import FULL, Format, Paper
from handouts.handout import Figure, Handout, Prose, Section
from handouts.library import Library
from handouts.reading import read_text

_CITATION = re.compile(r"\[(@[^\]]*)\]")
_BLANK = re.compile(r"\(\(([^()]*)\)\)")
_IMPORT = re.compile(r'^@import\s+"bundled:([\w.-]+)"\s*;', re.MULTILINE)
LINE_BLANK = "line"
CLINIC_STYLE = "clinic.css"
# What an expression in a template may raise while it is worked out.
_TEMPLATE_FAULTS = (
    jinja2.TemplateRuntimeError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True)
class Composition:
    """What is to be laid out: HTML that holds its styles and pictures, and the font files it names.

    `air` is not in it: the amount of white space is chosen while laying out, within `format.airs`.
    `roots` are the folders that files may come from, `base` the one that addresses start in. `sheets` (the files
    that the styles came from) and `titles` (the sections' titles by their ids on the page) are for messages.
    """

    slug: str
    title: str
    language: str
    html: str
    format: Format
    paper: Paper
    faces: tuple[FontFace, ...]
    roots: tuple[Path, ...]
    base: Path
    sheets: tuple[Path, ...]
    titles: Mapping[str, str]
    origin: Origin

    def with_air(self, air: float) -> str:
        """The HTML with that factor on the white space between blocks."""
        return self.html.replace("--air: 1;", f"--air: {air:g};", 1)

    @property
    def fingerprint(self) -> str:
        """A hash of everything in it: words, styles, pictures, fonts and the format's rules."""
        digest = hashlib.sha256(self.html.encode())
        digest.update(repr((self.format, self.paper)).encode())
        for face in self.faces:
            digest.update(face.css.encode())
            digest.update(face.path.read_bytes())
        fonts = {face.path.parent for face in self.faces}
        for root in self.roots:  # what a template or style may refer to by its address
            if root not in fonts:
                for path in sorted(path for path in root.rglob("*") if path.is_file()):
                    digest.update(str(path).encode())
                    digest.update(path.read_bytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Mark:
    """How strong the evidence is, as filled dots of three and in words."""

    dots: int
    words: str


class Scribe:
    """Fills in what depends on the place on the page: citation numbers, figure numbers, blanks, marks.

    One scribe serves one composition. Templates call it; it numbers sources in the order in which they are cited.
    """

    def __init__(self, handout: Handout, clinic: Clinic, ledger: Ledger, furniture: Furniture) -> None:
        self._handout = handout
        self._clinic = clinic
        self._ledger = ledger
        self._furniture = furniture
        self._numbers: dict[str, int] = {}
        self._figures: dict[Origin, int] = {}
        self.errors: list[HandoutError] = []

    def with_the_same_numbers(self) -> Scribe:
        """A scribe for another paper of the same handout, in which each source keeps its number."""
        other = Scribe(self._handout, self._clinic, self._ledger, self._furniture)
        other._numbers = dict(self._numbers)
        other.errors = self.errors
        return other

    def prose(self, prose: Prose) -> Markup:
        """A text with its citations numbered and its blanks filled in. What is wrong is collected in `errors`."""
        html = _CITATION.sub(lambda found: self._citation(found[1], prose.origin), prose.html)
        return Markup(_BLANK.sub(lambda found: self._blank(found[1], prose.origin), html))

    def words(self, prose: Prose) -> Markup:
        """A text without the numbers of its citations; `numbers` prints them for a whole list at once."""
        return self.prose(Prose(_CITATION.sub("", prose.html), prose.origin))

    def numbers(self, *prose: Prose) -> Markup:
        """The source numbers of all citations in these texts, once."""
        found = [citation[1] for text in prose for citation in _CITATION.finditer(text.html)]
        return Markup(self._citation("; ".join(found), prose[0].origin)) if found else Markup("")

    def mark(self, *prose: Prose) -> Mark | None:
        """The mark of the weakest evidence that these texts cite; None if they cite nothing."""
        evidence = [entry for text in prose for entry in self._evidence(text)]
        if not evidence:
            return None
        weakest = min(evidence, key=lambda entry: STRENGTHS.index(entry.strength))
        words = self._furniture.strengths[weakest.strength]
        if any(entry.contested for entry in evidence):
            words = f"{words}; {self._furniture.contested}"
        return Mark(STRENGTHS.index(weakest.strength), words)

    def safety(self, section: Section, name: str) -> Markup:
        """A safety text of the ledger: in the section's own wording if it has one, else as the ledger has it."""
        entry = self._ledger.safety.get(name)
        if entry is None:
            self.errors.append(
                ContentError(
                    f"There is no safety text “{name}” in the ledger",
                    nearest(name, self._ledger.safety),
                    section.origin,
                )
            )
            return Markup("")
        own = section.texts.get(name)
        text = own or Prose(str(escape(_curly(entry.text))), section.origin)
        if "[@" in text.html:
            return self.prose(text)
        return self.prose(Prose(f"{text.html}[@{name}]", text.origin))

    def figure_number(self, figure: Figure) -> int:
        return self._figures.setdefault(figure.origin, len(self._figures) + 1)

    def shown(self, section: Section) -> list[Prose | Figure]:
        """The parts of a section's text, without a drawing that already stands beside the handout's title."""
        title = self._handout.picture
        return [
            part
            for part in section.body
            if not (isinstance(part, Figure) and (part.kind, part.name) == (title.kind, title.name))
        ]

    def picture(self, figure: Figure) -> str:
        """The address of a drawing."""
        return self._drawing(figure.name, figure.origin)

    def icon(self, name: str) -> Markup:
        """CSS that shows an icon as a background: it is decoration, so no reader's voice should meet it."""
        return Markup(f"background-image: url({self._drawing(f'icon-{name}', self._handout.origin)})")

    def decoration(self, name: str) -> Markup:
        """CSS that shows a drawing as a background."""
        return Markup(f"background-image: url({self._drawing(name, self._handout.origin)})")

    def people(self, section: Section, figure: Figure) -> list[tuple[str, str, str]]:
        """For each group of little people: the picture's address, the number in words, and what happened to them."""
        return [
            (
                pictures.people(self._clinic.library, self._clinic.brand, group, figure.origin),
                self._furniture.people.format(count=group.count, of=group.of),
                group.label,
            )
            for group in section.people[figure.name]
        ]

    @property
    def sources(self) -> list[tuple[int, Source]]:
        """The sources cited so far, by number."""
        return [(number, self._ledger.sources[key]) for key, number in self._numbers.items()]

    def _drawing(self, name: str, where: Origin) -> str:
        try:
            return pictures.drawing(self._clinic.library, self._clinic.brand, name, where)
        except ContentError as error:
            self.errors.append(error)
            return ""

    def _evidence(self, prose: Prose) -> list[Evidence]:
        found = []
        for citation in _CITATION.finditer(prose.html):
            for reference in _references(citation[1]):
                try:
                    found.append(self._ledger.cited(reference, prose.origin))
                except ContentError as error:
                    self.errors.append(error)
        return found

    def _citation(self, written: str, where: Origin) -> str:
        numbers: set[int] = set()
        for entry in self._evidence(Prose(f"[{written}]", where)):
            for source in entry.sources:
                numbers.add(self._numbers.setdefault(source.key, len(self._numbers) + 1))
        return f'<span class="cite">&#160;[{_ranges(sorted(numbers))}]</span>'

    def _blank(self, name: str, where: Origin) -> str:
        key = " ".join(name.split()).lower()
        if key == LINE_BLANK:
            return '<span class="blank-line"></span>'
        filled = self._clinic.blanks.get(key)
        if filled:
            return str(escape(filled))
        known = [known for known, value in self._clinic.blanks.items() if value] + [LINE_BLANK]
        self.errors.append(ContentError(f"Nothing fills the blank (({name}))", nearest(key, known), where))
        return ""


def compose(
    handout: Handout, clinic: Clinic, ledger: Ledger, furniture: Furniture, form: Format, paper: Paper
) -> Composition:
    """Merge a handout with a clinic's brand and contact lines into HTML for one format and paper.

    Raises ContentError for unknown claims, blanks and pictures (all at once), DesignError for a broken template,
    ClinicError for a font that is not installed.
    """
    _carries_its_safety_texts(handout, ledger)
    brand = clinic.brand
    faces = tuple(
        dict.fromkeys(
            face
            for family in (brand.heading_font, brand.text_font, FALLBACK)
            for face in font_faces(family, brand.fonts_origin)
        )
    )
    values = {
        "handout": handout,
        "clinic": clinic,
        "furniture": furniture,
        "paper": paper,
        "logo": pictures.logo(brand),
        "styles": Markup(_styles(clinic, form)),
        "edition_code": handout.edition.code_for(form.code),
    }
    scribe = Scribe(handout, clinic, ledger, furniture)
    if form.sources_of_full:
        _fill_template(clinic.library, FULL.template, {**values, "format": FULL, "scribe": scribe})
        scribe = scribe.with_the_same_numbers()
    html = _fill_template(clinic.library, form.template, {**values, "format": form, "scribe": scribe})
    raise_all(list(dict.fromkeys(scribe.errors)))
    return Composition(
        slug=handout.slug,
        title=handout.title,
        language=handout.edition.language,
        html=html,
        format=form,
        paper=paper,
        faces=faces,
        roots=(*clinic.library.roots(), *sorted({face.path.parent for face in faces})),
        base=clinic.library.clinic,
        sheets=tuple(_sheets(clinic.library, form)),
        titles={section.slug: section.title for section in handout.sections},
        origin=handout.origin,
    )


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
    if not any(section.short for section in handout.summary_sections):
        raise ContentError(
            "The summary has no safety block",
            "Name the safety block, which has the short list, under `summary:`.",
            handout.origin,
        )


def _fill_template(library: Library, name: str, values: Mapping[str, object]) -> str:
    environment = template_environment(library)
    try:
        return environment.get_template(name).render(values)
    except jinja2.TemplateSyntaxError as problem:
        path = Path(problem.filename) if problem.filename else library.bundled_file("templates", name)
        raise DesignError(
            f"The template cannot be read: {problem.message}", "Mend the template.", Origin(path, problem.lineno)
        ) from None
    except jinja2.TemplateNotFound as problem:
        raise DesignError(
            f"There is no template “{problem.name}”",
            nearest(str(problem.name), environment.list_templates()),
            _template_line(problem, library),
        ) from None
    except jinja2.UndefinedError as problem:
        raise DesignError(
            f"The template asks for something that is not there: {problem.message}",
            "Check the name; docs/branding.md lists what a template is given.",
            _template_line(problem, library),
        ) from None
    except _TEMPLATE_FAULTS as problem:
        where = _template_line(problem, library)
        if not where.path.is_relative_to(library.clinic):
            raise  # a template of ours: a bug, which keeps its traceback
        said = "it includes or extends itself" if isinstance(problem, RecursionError) else problem
        raise DesignError(f"The template cannot be filled in: {said}", "Mend this line.", where) from None


class _Shelf(jinja2.FileSystemLoader):
    """The templates in one folder."""

    def __init__(self, library: Library, folder: Path) -> None:
        super().__init__(folder)
        self._library = library
        self._folder = folder

    def get_source(self, environment: jinja2.Environment, template: str) -> Any:
        """A template's text, path and freshness. Raises DesignError if it is a link out of all shelves, or no text."""
        try:
            found = super().get_source(environment, template)
        except UnicodeDecodeError:
            read_text(self._folder / template, DesignError)
            raise
        if not self._library.holds(Path(found[1])):
            raise DesignError(
                "This is a link to a file outside the clinic's folder",
                "Put the file itself here.",
                Origin(Path(found[1])),
            )
        return found


class _Templates(SandboxedEnvironment):
    """Templates cannot reach into files or into Python: a clinic's template prints what it is given, nothing else."""

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        return not isinstance(obj, (Path, Library)) and super().is_safe_attribute(obj, attr, value)


def template_environment(library: Library) -> jinja2.Environment:
    """Templates: the clinic's first, then ours; `bundled:NAME` is always ours."""
    ours = _Shelf(library, library.bundled / "templates")
    environment = _Templates(
        loader=jinja2.ChoiceLoader(
            [
                _Shelf(library, library.clinic / "templates"),
                ours,
                jinja2.PrefixLoader({"bundled": ours}, delimiter=":"),
            ]
        ),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["css"] = _css_string
    environment.filters["page_of"] = _page_counter
    return environment


def _css_string(text: str) -> Markup:
    """A text as a CSS string that can neither end the string nor the style element."""
    safe = "".join(char if char not in '"\\<>' and char >= " " else f"\\{ord(char):x} " for char in str(text))
    return Markup(f'"{safe}"')


def _page_counter(pattern: str) -> Markup:
    """`Page {page} of {pages}` as CSS content."""
    before, _, rest = pattern.partition("{page}")
    between, _, after = rest.partition("{pages}")
    return Markup(f"{_css_string(before)} counter(page) {_css_string(between)} counter(pages) {_css_string(after)}")


def _template_line(problem: BaseException, library: Library) -> Origin:
    """The innermost template line of a traceback: Jinja rewrites it so that templates show as files."""
    folders = (library.clinic / "templates", library.bundled / "templates")
    trace, found = problem.__traceback__, None
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if any(path.is_relative_to(folder) for folder in folders):
            found = Origin(path, trace.tb_lineno)
        trace = trace.tb_next
    return found or Origin(folders[-1])


def _styles(clinic: Clinic, form: Format) -> str:
    """The CSS of a composition: the brand's colours and font names, and the sheets."""
    brand = clinic.brand
    tokens = "\n".join(f"  --{name}: {colour};" for name, colour in brand.tokens.items())
    root = (
        f":root {{\n{tokens}\n  --air: 1;\n"
        f'  --heading-font: "{brand.heading_font}", "{FALLBACK}";\n'
        f'  --text-font: "{brand.text_font}", "{FALLBACK}";\n}}'
    )
    texts = [_with_ours(clinic.library, path) for path in _sheets(clinic.library, form)]
    return "\n".join((root, *texts))


def _sheets(library: Library, form: Format) -> list[Path]:
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


def _references(written: str) -> list[str]:
    """The ids in `@one; @two`."""
    return [part.strip().removeprefix("@") for part in written.split(";") if part.strip()]


def _ranges(numbers: list[int]) -> str:
    """Numbers as a reader wants them: 1, 2, 5–7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts: list[str] = []
    for run in runs:
        parts.extend([f"{run[0]}–{run[-1]}"] if len(run) > 2 else [str(number) for number in run])
    return ",&#160;".join(parts)


def _curly(text: str) -> str:
    """The ledger's straight apostrophes as typographic ones, like those of the Markdown texts."""
    return text.replace("'", "’")
