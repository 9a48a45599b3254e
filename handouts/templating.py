"""Fills in templates: the clinic's or ours. The only module that knows Jinja."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from handouts.clinic import unbroken
from handouts.errors import DesignError, Origin, nearest
from handouts.library import Library
from handouts.reading import read_text

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


class Templates:
    """The clinic's templates and ours, each compiled once."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._environment = template_environment(library)

    def fill(self, name: str, values: Mapping[str, object]) -> str:
        """The text of a template with these values. Raises DesignError, with file and line, if it is not right."""
        try:
            return self._environment.get_template(name).render(values)
        except jinja2.TemplateSyntaxError as problem:
            path = Path(problem.filename) if problem.filename else self._library.bundled_file("templates", name)
            raise DesignError(
                f"The template cannot be read: {problem.message}", "Mend the template.", Origin(path, problem.lineno)
            ) from None
        except jinja2.TemplateNotFound as problem:
            raise DesignError(
                f"There is no template “{problem.name}”",
                nearest(str(problem.name), self._environment.list_templates()),
                _template_line(problem, self._library),
            ) from None
        except jinja2.UndefinedError as problem:
            raise DesignError(
                f"The template asks for something that is not there: {problem.message}",
                "Check the name; docs/branding.md lists what a template is given.",
                _template_line(problem, self._library),
            ) from None
        except _TEMPLATE_FAULTS as problem:
            where = _template_line(problem, self._library)
            if not where.path.is_relative_to(self._library.clinic):
                raise  # a template of ours: a bug, which keeps its traceback
            said = "it includes or extends itself" if isinstance(problem, RecursionError) else problem
            raise DesignError(f"The template cannot be filled in: {said}", "Mend this line.", where) from None


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
    environment.filters["unbroken"] = unbroken
    environment.filters["ended"] = _ended
    environment.filters["alphabetically"] = _alphabetically
    environment.filters["page_of"] = _page_counter
    return environment


def _alphabetically(words: Mapping[str, object]) -> list[tuple[str, object]]:
    """Words with their meanings, as a dictionary has them: an accent does not move a word."""

    def letters(row: tuple[str, object]) -> str:
        return "".join(
            sign for sign in unicodedata.normalize("NFD", row[0].casefold()) if sign.isalnum() or sign == " "
        )

    return sorted(words.items(), key=letters)


def _ended(text: str) -> str:
    """A text with a full stop at its end, if it has none: “8 a. m. a 5 p. m.” has one."""
    return text if text.rstrip().endswith((".", "?", "!", "…")) else f"{text}."


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
