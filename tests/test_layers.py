"""Imports go downwards only; WeasyPrint and Click stay behind their doors; quick commands stay quick."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import handouts

CHECKS = {
    f"checking.{name}"
    for name in (
        *("brand", "claims", "explained", "finding", "freshness", "instruments", "manuscript", "pages"),
        *("plain_words", "readability", "structure", "syllables", "syllables_es", "words"),
    )
}
# From docs/architecture.md. A module may import from the levels below its own, and from its own level.
LEVELS = (
    (
        "nouns",
        {
            *("errors", "colours", "handout", "formats", "patient", "pdf", "interpreter"),
            *("brochures.folding", "brochures.purpose"),
        },
    ),
    ("places", {"library", "reading", "brand", "clinic", "fonts", "picture_styles", "pictures"}),
    (
        "readers",
        {
            *("content", "evidence", "fhir", "furniture", "intake", "medicines", "prose", "protocol"),
            *("brochures.content", "brochures.testimonials"),
        },
    ),
    (
        "stages",
        {
            *("house", "scribe", "templating", "composing", "typesetting", "finishing", "delivery", "reviewing"),
            *("pairing", "translating", "notes", "tailoring", "personal"),
            *("press.profile", "press.inks", "press.conversion", "press.pdfx"),
            *("brochures.composing", "brochures.qr"),
            *(
                "object_table",
                "pdf_writer",
                "pdf_reader",
                "stamping",
                "parts",
                "joining",
                "guard",
                "encrypting",
                "private_folder",
                "printing",
            ),
        },
    ),
    ("checks", {*CHECKS, "press.drawn", "press.preflight", "brochures.honesty"}),
    (
        "running",
        {
            *("cache", "pipeline", "doctor", "batch", "inspection", "page_inspection", "reporting"),
            *("planning", "processes", "making", "packet", "day", "brochures.making", "new_clinic"),
        },
    ),
    ("doors", {"cli", "cli_brochure", "cli_options", "cli_personal", "schemas"}),
)
LEVEL = {module: at for at, (_, modules) in enumerate(LEVELS) for module in modules}
LAYING_OUT = {"typesetting", "finishing"}
FOLDER = Path(handouts.__file__).parent
MODULES = {
    ".".join(path.relative_to(FOLDER).with_suffix("").parts): path
    for path in FOLDER.rglob("*.py")
    if path.stem != "__init__"
}


def imports(module: str) -> Iterator[tuple[str, bool]]:
    """Every module that one imports, with whether it does so when it is itself imported."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    at_once = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((name.name, id(node) in at_once) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            base = str(node.module)
            for name in node.names:
                # `from handouts import pictures` names a module, `from handouts.errors import Origin` does not.
                whole = f"{base}.{name.name}"
                yield whole if whole.removeprefix("handouts.") in MODULES else base, id(node) in at_once


def our_imports(module: str) -> set[str]:
    return {name.removeprefix("handouts.") for name, _ in imports(module) if name.startswith("handouts.")}


def all_imports(module: str) -> set[str]:
    return {name.partition(".")[0] for name, _ in imports(module)}


def test_modules_are_found_and_have_a_level() -> None:
    assert len(MODULES) >= 40
    assert set(MODULES) == set(LEVEL), "a new module needs a level in this file and in docs/architecture.md"
    assert sum(len(our_imports(module)) for module in MODULES) > 120, "the imports were not read"
    assert {"checking.brand", "checking.finding"} <= our_imports("inspection"), "those of the package were not read"


@pytest.mark.parametrize("module", sorted(LEVEL))
def test_imports_go_downwards(module: str) -> None:
    upwards = {name for name in our_imports(module) if LEVEL[name] > LEVEL[module]}
    assert not upwards, f"{module} imports {', '.join(sorted(upwards))} from above"


def test_no_cycles() -> None:
    above: list[str] = []
    done: set[str] = set()

    def visit(module: str) -> None:
        assert module not in above, f"a cycle: {' → '.join([*above, module])}"
        if module in done:
            return
        above.append(module)
        for name in sorted(our_imports(module)):
            visit(name)
        above.pop()
        done.add(module)

    for module in sorted(MODULES):
        visit(module)


@pytest.mark.parametrize(
    ("library", "doors"),
    [
        ("weasyprint", LAYING_OUT),
        ("pydyf", LAYING_OUT),
        ("click", {"cli", "cli_brochure", "cli_options", "cli_personal"}),
        ("jinja2", {"templating"}),
        ("markdown", {"prose"}),
        ("yaml", {"reading", "intake"}),
        ("openpyxl", {"intake"}),
        ("csv", {"intake"}),
        ("tomllib", {"reading"}),
        ("fontpkg", {"fonts"}),
        ("pypdfium2", {"checking.pages", "guard", "press.preflight"}),
        (
            "pikepdf",
            {
                *("stamping", "parts", "guard", "encrypting"),
                *("press.conversion", "press.drawn", "press.pdfx", "press.preflight"),
            },
        ),
        ("PIL", {"checking.pages", "press.profile", "press.inks", "press.conversion", "press.drawn"}),
        ("segno", {"brochures.qr"}),
        ("fcntl", {"private_folder"}),
        ("fontTools", {"checking.brand", "finishing", "personal"}),
        ("multiprocessing", {"processes"}),
    ],
)
def test_a_library_is_seen_by_its_door_only(library: str, doors: set[str]) -> None:
    seen = {module for module in MODULES if library in all_imports(module)}
    assert seen, f"nobody imports {library}"
    assert seen <= doors


def test_layout_is_imported_by_the_pipeline_alone_and_late() -> None:
    for module in set(MODULES) - LAYING_OUT:
        layout = [at_once for name, at_once in imports(module) if name.removeprefix("handouts.") in LAYING_OUT]
        assert bool(layout) == (module == "pipeline"), module
        assert not any(layout), f"{module} imports the layout before it is needed"


def test_no_module_of_the_network() -> None:
    """Nothing of ours opens an address; WeasyPrint asks our fetcher, which serves files."""
    for module in MODULES:
        assert all_imports(module).isdisjoint({"socket", "http", "requests", "ssl", "smtplib", "ftplib"}), module
        assert "urllib.request.urlopen" not in MODULES[module].read_text(encoding="utf-8")


SAY_WHAT_IS_LOADED = """
import sys
from handouts.cli import main
try:
    main({arguments})
except SystemExit as end:
    code = end.code
heavy = {{"weasyprint", "pydyf", "fontTools", "PIL", "pypdfium2", "pikepdf", "openpyxl"}}
print("EXIT", code, *sorted(sys.modules.keys() & {{*heavy, "handouts.cli"}}))
"""


@pytest.mark.parametrize(
    "arguments",
    [
        *(["--help"], ["list"], ["list", "--json"], ["render", "--help"], ["render"], ["which", "base.css"]),
        *(["check", "--help"], ["sign-off", "--help"], ["translated", "--help"], ["day", "--help"], ["tidy", "--help"]),
        *(["brochure", "--help"], ["new-clinic", "--help"]),
    ],
)
def test_quick_commands_do_not_load_weasyprint(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SAY_WHAT_IS_LOADED.format(arguments=arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "EXIT 0 handouts.cli"
