"""What the documentation shows is true: its commands run, its files exist, its tables are complete.

A page is followed from top to bottom in an empty folder that has the checkout's folders beside it. A block whose first
line names a file (```toml my-clinic/clinic.toml) is written to that file; each line of a block ```sh is run.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import click
import jinja2
import pytest
import yaml
from pydantic import BaseModel

from handouts import batch, cache, page_inspection, pipeline, reviewing, schemas
from handouts.brand import Colors
from handouts.brochures import testimonials
from handouts.brochures.content import BrochureFront, Kind, PanelFront, PartFront, Says, Tone
from handouts.checking.explained import Explanation
from handouts.checking.readability import FORMULAS
from handouts.checking.words import WordList
from handouts.cli import main
from handouts.clinic import ClinicFile, load_clinic
from handouts.composing import Composition
from handouts.content import BlockFront, HandoutFront, handout_names, load_handout
from handouts.day import DayRun
from handouts.evidence import CORRECTION, load_ledger, load_lint
from handouts.formats import BILINGUAL_FORMATS, FORMAT_NAMES, FORMATS, LETTER
from handouts.furniture import Furniture
from handouts.handout import Review
from handouts.house import load_house
from handouts.library import sample_clinic
from handouts.pdf import Pdf
from handouts.pipeline import Order
from handouts.protocol import BLANKS
from handouts.scribe import LINE_BLANK, Scribe
from handouts.templating import Templates, template_environment
from tests.command import Outcome, run
from tests.test_layers import LEVELS, MODULES

CHECKOUT = Path(__file__).parent.parent
DOCS = CHECKOUT / "docs"
PAGES = sorted([CHECKOUT / "README.md", CHECKOUT / "CHANGELOG.md", *DOCS.rglob("*.md")])
READMES = sorted(
    path
    for folder in ("handouts", "templates", "styles", "content", "tests", ".ci")
    for path in (CHECKOUT / folder).rglob("README.md")
)
TOP = ("handouts", "templates", "styles", "content", "docs", "tests", "assets")
# `content/en/blocks/safety.md`, but not `content/en/blocks/NAME.md`
_FILE = re.compile(rf"(?<![\w./-])((?:{'|'.join(TOP)}|my-clinic)/[\w./-]*)(?![\w{{*…])")
_BLOCK = re.compile(r"^```(\w*)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)#\s]+)\)")


@dataclass(frozen=True)
class Block:
    language: str
    file: str | None
    text: str


def blocks(page: Path) -> list[Block]:
    return [Block(*found) for found in _BLOCK.findall(page.read_text(encoding="utf-8"))]


def commands(page: Path) -> Iterator[str]:
    for block in blocks(page):
        if block.language == "sh":
            yield from block.text.splitlines()


def prepared(format_name: str, clinic: Path) -> Composition:
    order = Order("biological", FORMATS[(format_name, False)], "en", LETTER)
    return pipeline.prepare(order, load_clinic(clinic))


def name_of(page: Path) -> str:
    return str(page.relative_to(CHECKOUT))


WITH_COMMANDS = [page for page in PAGES if any(commands(page))]


@pytest.fixture
def beside_the_checkout(desk: Path) -> Path:
    """An empty folder to follow a page in, with a clinic of one's own."""
    for name in ("content", "templates", "styles", "docs"):
        (desk / name).symlink_to(CHECKOUT / name)
    return desk


@pytest.fixture
def without_layout(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Words for real, pages in no time. Returns the handouts that were printed."""
    printed: list[str] = []
    personal: list[bool] = []
    make = DayRun.make

    def make_for_real(*given: Any) -> Iterator[Any]:
        personal.append(True)
        try:
            yield from make(*given)
        finally:
            personal.clear()

    monkeypatch.setattr(DayRun, "make", make_for_real)

    def produce(composition: Composition) -> Pdf:
        printed.append(composition.slug)
        if personal:
            return pipeline.produce(composition)  # it is joined and read back: it has to be a PDF
        return Pdf(b"%PDF-1.7\n", composition.title, 1)

    monkeypatch.setattr(batch, "produce", produce)
    monkeypatch.setattr(batch, "cores", lambda: 1)  # another process would lay out for real
    monkeypatch.setattr(page_inspection, "measure", lambda pdf, composition: iter(()))
    return printed


def follow(page: Path, folder: Path) -> None:
    """Do what the page says, in its order."""
    for block in blocks(page):
        if block.file:
            path = folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.language == "sh":
            for line in block.text.splitlines():
                do(line, folder)


def do(line: str, folder: Path) -> None:
    """Run one command of a page, or see that it names something that exists."""
    words = shlex.split(line.partition(" > ")[0])
    while "=" in words[0]:
        name, _, _ = words.pop(0).partition("=")
        assert name in Path(cache.__file__).read_text(encoding="utf-8"), f"nothing reads {name}"
    match words:
        case ["handouts", *arguments]:
            assert "translated" not in arguments, "it would write into the checkout"
            outcome = run(*arguments)
            assert outcome.code == 0, f"{line}\n{outcome.err}"
            assert "render" not in arguments or len(arguments) == 1 or outcome.out, line
        case ["make", target]:
            makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), line
        case ["python", "-m", "handouts.schemas", *arguments]:
            schemas.main(arguments or [str(folder / "schemas")])
        case [".venv/bin/python", script]:
            compile((CHECKOUT / script).read_text(encoding="utf-8"), script, "exec")
        case [".", ".venv/bin/activate"]:
            pass
        case ["cp" | "mkdir", *paths]:
            assert not any(Path(path).is_absolute() or ".." in path for path in paths), line
            subprocess.run(words, cwd=folder, check=True)
        case _:
            pytest.fail(f"no test knows how to check: {line}")


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=name_of)
def test_page_can_be_followed(page: Path, beside_the_checkout: Path, without_layout: list[str]) -> None:
    if page.name == "command-line.md":  # it describes a clinic folder; branding.md makes one
        do("cp -r content/sample-clinic my-clinic", beside_the_checkout)
    follow(page, beside_the_checkout)
    assert bool(without_layout) == any("render " in line or "--pages" in line for line in commands(page))


def test_the_pages_with_commands_are_found() -> None:
    names = {page.name for page in WITH_COMMANDS}
    assert {"README.md", "branding.md", "command-line.md", "editors.md"} <= names
    assert sum(1 for page in WITH_COMMANDS for _ in commands(page)) > 55


def test_branding_example_is_printed(beside_the_checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With real pages: the clinic of branding.md, its own template and its two styles."""
    with monkeypatch.context() as only_words:
        only_words.setattr(batch, "produce", lambda composition: Pdf(b"", composition.title, 1))
        follow(DOCS / "branding.md", beside_the_checkout)

    def text(path: str) -> str:
        return subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True, text=True).stdout

    def printed(*options: str) -> Outcome:
        outcome = run("render", "biological", *options, "--clinic", "my-clinic", "--output", "mine.pdf")
        assert (outcome.code, outcome.err) == (0, ""), outcome.err
        return outcome

    printed()
    first_page = text("mine.pdf").split("\f")[0]
    assert "Maple Street Clinic" in first_page
    assert "My next visit:" in first_page
    assert "What is inside" in first_page, "super() prints what was there"
    printed("--format", "summary")
    assert "(555) 010-0160" in text("mine.pdf")
    changed = [block for block in blocks(DOCS / "branding.md") if block.file and block.file.endswith("summary.css")]
    composition = prepared("summary", beside_the_checkout / "my-clinic")
    assert changed[0].text.splitlines()[-1] in composition.html
    assert "@import" not in composition.html


@pytest.mark.parametrize("page", [*PAGES, *READMES], ids=name_of)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{name_of(page)} points to {target}"


@pytest.mark.parametrize("page", [*PAGES, *READMES], ids=name_of)
def test_named_files_exist(page: Path) -> None:
    """Every path in code style, in the checkout or, if it begins with my-clinic/, made by the page itself."""
    text = page.read_text(encoding="utf-8")
    made = {block.file for block in blocks(page) if block.file}
    for code in re.findall(r"`([^`\n]+)`", _BLOCK.sub("", text)):
        for path in _FILE.findall(code):
            if re.search(r"[A-Z]{4,}", path.replace("README", "")):
                continue  # a stand-in, such as NAME or LANGUAGE
            if path.startswith("my-clinic/"):
                assert path in made or path.endswith("/") or path == "my-clinic/clinic.toml", f"{name_of(page)}: {path}"
            elif path not in ("styles/clinic.css", "assets/", "handouts/_bundled/"):  # only a clinic, or a wheel
                assert (CHECKOUT / path).exists(), f"{name_of(page)} names {path}"


@pytest.mark.parametrize("page", [*PAGES, *READMES], ids=name_of)
def test_page_is_tidy(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith(("# ", "- ")), "a page begins with its title"
    assert text.endswith("\n") and not text.endswith("\n\n")
    assert "/work/" not in text
    assert text.count("—") == 0
    for british in ("colour", "favour", "behaviour", "licence", "centre", "grey"):
        assert british not in text.lower().replace("colours.py", "").replace("`colours`", ""), british


def test_pictures_are_light_and_used() -> None:
    pictures = {path.name for path in (DOCS / "pictures").glob("*.png")}
    shown = {Path(target).name for target in _LINK.findall((CHECKOUT / "README.md").read_text(encoding="utf-8"))}
    assert 4 <= len(pictures) <= 8
    assert pictures <= shown
    assert all(path.stat().st_size < 120_000 for path in (DOCS / "pictures").glob("*.png"))
    made = (DOCS / "pictures" / "make").read_text(encoding="utf-8")
    assert all(f'("{Path(name).stem}"' in made for name in pictures)


def section(page: Path, title: str) -> str:
    """The text of a page below the heading, up to the next one of its level."""
    level = title.partition(" ")[0]
    _, _, rest = page.read_text(encoding="utf-8").partition(f"\n{title}\n")
    assert rest, f"{name_of(page)} has no heading “{title}”"
    return re.split(rf"^#{{1,{len(level)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_option_is_documented(name: str) -> None:
    text = section(DOCS / "command-line.md", f"## handouts {name}")
    options = [option for option in main.commands[name].params if isinstance(option, click.Option)]
    documented = set(re.findall(r"^\| `(--[a-z-]+)", text, re.MULTILINE))
    assert documented == {option.opts[0] for option in options}
    for option in options:
        if isinstance(option.type, click.Choice):
            assert all(f"`{choice}`" in text or f"{choice}`" in text for choice in option.type.choices)


def test_every_command_is_documented() -> None:
    headings = set(re.findall(r"^## handouts ([\w-]+)$", (DOCS / "command-line.md").read_text(encoding="utf-8"), re.M))
    assert headings == set(main.commands)


def test_every_key_of_the_clinic_file_is_documented() -> None:
    rows = re.findall(r"^\| (?:\*\*)?`([^`]+)`", section(DOCS / "branding.md", "## clinic.toml"), re.MULTILINE)

    def keys(model: type[BaseModel], table: str) -> Iterator[str]:
        """The plain keys of a table first, then the tables within it, as TOML wants them."""
        tables = []
        for name, field in model.model_fields.items():
            kind = field.annotation
            named = get_origin(kind) is Mapping  # [visits.first-infusion]: whoever writes the table names it
            inner = getattr(kind, "__args__", (kind,))[1 if named else 0]
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                path = ".".join(part for part in (table, name, "NAME" if named else "") if part)
                tables.append((f"[[{path}]]" if get_origin(kind) is tuple else f"[{path}]", path, inner))
            else:
                yield name
        for heading, path, inner in tables:
            yield heading
            yield from keys(inner, path)

    assert rows == list(keys(ClinicFile, ""))


def test_every_colour_property_is_documented() -> None:
    named = set(re.findall(r"`--([a-z-]+)`", section(DOCS / "branding.md", "## Colors")))
    assert named == set(load_clinic(sample_clinic()).brand.tokens)
    assert set(Colors.model_fields) - {"ground"} <= named, "the third color is only seen in its tints"


def test_every_measure_of_a_brand_is_documented() -> None:
    named = set(re.findall(r"`--([a-z-]+)`", section(DOCS / "branding.md", "## Shape")))
    assert named == {*load_clinic(sample_clinic()).brand.measures, "band-top", "bleed"}


def test_what_a_template_is_given_is_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, object] = {}
    fill = Templates.fill

    def remember(self: Templates, name: str, values: Mapping[str, object]) -> str:
        given.update(values)
        return fill(self, name, values)

    monkeypatch.setattr(Templates, "fill", remember)
    prepared("full", sample_clinic())
    houses = [load_house(load_clinic(sample_clinic()), code, date.today()) for code in ("en", "es")]
    order = Order("how-ketamine-works", BILINGUAL_FORMATS["full"], "en+es", LETTER)
    pipeline.prepare_in(houses, order)
    text = section(DOCS / "branding.md", "### What a template is given")
    filters = set(template_environment(load_clinic(sample_clinic()).library).filters) - set(
        jinja2.Environment().filters
    )
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == {*given, *filters}
    calls = set(re.findall(r"`scribe\.(\w+)", text))
    assert calls == {name for name in vars(Scribe) if not name.startswith("_")}
    for name in ("handout", "clinic", "format", "paper"):
        row = re.search(rf"^\| `{name}` \| (.*) \|$", text, re.MULTILINE)
        assert row
        assert all(hasattr(given[name], part) for part in re.findall(r"`(\w+)`", row[1]) if part not in FORMAT_NAMES)


def test_blocks_of_the_templates_are_documented() -> None:
    text = section(DOCS / "branding.md", "## Change a part of a page")
    clinic = load_clinic(sample_clinic())
    environment = template_environment(clinic.library)
    for name in ("page.html", "full.html", "summary.html", "bilingual.html", "bilingual-summary.html"):
        row = re.search(rf"^\| `templates/{name}` \| (.*) \|$", text, re.MULTILINE)
        assert row, name
        documented = set(re.findall(r"`(\w+)`", row[1]))
        inherited: set[str] = set().union(
            *(environment.get_template(base).blocks for base in ("page.html", "bilingual.html") if base in row[1])
        )
        own = set(environment.get_template(name).blocks)
        assert documented - inherited <= own <= documented | inherited, name


def test_architecture_has_every_module_at_its_level() -> None:
    text = section(DOCS / "architecture.md", "## The levels")
    rows = re.findall(r"^\| (\w+) \| (`.*`) \|$", text, re.MULTILINE)
    documented = [(level, set(re.findall(r"`([\w.]+)`", modules))) for level, modules in rows]
    assert documented == list(reversed(LEVELS))
    paragraphs = re.findall(r"^\*\*`([\w.]+)`\*\*: ", section(DOCS / "architecture.md", "## The modules"), re.MULTILINE)
    assert sorted(paragraphs) == sorted(MODULES)


def test_decisions_are_listed_and_short() -> None:
    records = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    index = (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")
    assert [record.name[:4] for record in records] == [f"{number:04}" for number in range(1, len(records) + 1)]
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert f"({record.name})" in index
        assert text.count("\n") < 40, record.name
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


def test_files_that_the_program_refers_to_exist() -> None:
    named = {
        path for module in MODULES.values() for path in re.findall(r"docs/[\w./-]+\.md", module.read_text("utf-8"))
    }
    assert "docs/decisions/0003-mending-tags.md" in named
    assert all((CHECKOUT / path).is_file() for path in named)


def test_every_reworded_safety_text_has_its_reason() -> None:
    record = (DOCS / "decisions" / "0008-texts-reworded.md").read_text(encoding="utf-8")
    library = load_clinic(sample_clinic()).library
    handouts = [load_handout(library, slug, "en") for slug in handout_names(library, "en")]
    reworded = {name for handout in handouts for part in handout.sections for name in part.texts}
    assert reworded
    assert reworded == set(re.findall(r"`([a-z-]+)`", "\n".join(re.findall(r"^\| (`.*?) \|", record, re.MULTILINE))))


def test_examples_of_writing_content_are_true() -> None:
    text = (DOCS / "writing-content.md").read_text(encoding="utf-8")
    clinic = load_clinic(sample_clinic())
    citable = set(load_ledger(clinic.library).citable)
    cited = {one.strip().removeprefix("@") for group in re.findall(r"\[(@[^\]]*)\]", text) for one in group.split(";")}
    assert cited - {"claim", "a", "b"} <= citable
    assert any(one.startswith(CORRECTION) for one in cited)
    blanks = section(DOCS / "writing-content.md", "### Blanks")
    rows = "".join(re.findall(r"^\| (`.*?`) \|", blanks, re.MULTILINE))
    assert set(re.findall(r"`([a-z ]+)`", rows)) - {", "} == {*clinic.blanks, *BLANKS, LINE_BLANK}


def test_every_key_of_front_matter_is_in_the_guide() -> None:
    text = (DOCS / "writing-content.md").read_text(encoding="utf-8")
    for model in (BlockFront, HandoutFront, WordList, Explanation):
        for key in model.model_fields:
            assert re.search(rf"^\s*{key.rstrip('_')}:|`{key.rstrip('_')}`", text, re.MULTILINE), key


def test_every_kind_of_block_is_in_the_guide() -> None:
    """With the keys of a block that its template prints."""
    text = section(DOCS / "writing-content.md", "### Kinds of blocks")
    text = text.partition("\nKeys besides those above")[0]
    kinds = re.findall(r"^\| `(\w+)` \| ([^`|]*) \| (.*) \|$", text, re.MULTILINE)
    assert [kind for kind, _, _ in kinds] == list(get_args(BlockFront.model_fields["kind"].annotation))
    pieces = {"choices", "steps", "checklist", "fields", "short", "groups", "safety_items", "know"}
    calls = {"short_safety": "short", "safety_groups": "groups", "know_and_learning": "know"}
    for kind, _, prints in kinds:
        template = (CHECKOUT / "templates" / "sections" / f"{kind}.html").read_text(encoding="utf-8")
        called = {calls.get(name, name) for name in re.findall(r"parts\.(\w+)\(section\b", template)}
        called |= set(re.findall(r"section\.(safety_items)", template))
        assert set(re.findall(r"`(\w+)`", prints)) & pieces == called & pieces, kind


def test_environment_variables_are_documented() -> None:
    read = {
        name
        for module in MODULES.values()
        for name in re.findall(r"environ(?:\.get\(|\[)\"(\w+)\"", module.read_text(encoding="utf-8"))
    }
    assert read == {"HANDOUTS_CACHE", "FONTCONFIG_FILE", "SOURCE_DATE_EPOCH"}
    assert all(f"`{name}`" in section(DOCS / "command-line.md", "## Environment variables") for name in read)


def test_make_targets_are_documented() -> None:
    targets = re.findall(r"^([a-z]+):.*## ", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    text = section(DOCS / "command-line.md", "## For developers")
    assert {f"make {target}" for target in targets} - {"make help"} == set(re.findall(r"`(make \w+)`", text))


def test_every_rule_of_the_checks_is_documented() -> None:
    rows = re.findall(r"^\| (`.*?`) \|", section(DOCS / "command-line.md", "### The rules"), re.MULTILINE)
    assert set(re.findall(r"`([\w-]+)`", " ".join(rows))) == set(rules_of_the_program())


def rules_of_the_program() -> Iterator[str]:
    """The names that the checks give their findings, but for those of the ledger: as they stand in the code."""
    for name, module in MODULES.items():
        if not name.startswith(("checking.", "inspection", "page_inspection")):
            continue
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            at = {"Finding": 1, "findings_from": 1, "_finding": 0}.get(node.func.id)
            rule = node.args[at] if at is not None and len(node.args) > at else None
            if isinstance(rule, ast.Constant):
                yield str(rule.value)
            elif isinstance(rule, ast.JoinedStr):
                said = ast.unparse(rule)
                yield from ("no-know", "no-learning") if "no-" in said else ("unused-claim", "unused-source")
            elif isinstance(rule, ast.Subscript):  # in `structure`: one of three
                yield from ("alternative-text", "caption", "empty-heading")


def test_rules_of_brochures_are_documented() -> None:
    text = section(DOCS / "brochures.md", "## What is asked of an advertisement")
    documented = re.findall(r"^\| `([\w-]+)` \| (?:error|warning) \|", text, re.MULTILINE)
    given = {
        str(node.args[at].value)
        for name in ("brochures.honesty", "brochures.making")
        for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        for at in [{"Finding": 1, "findings_from": 1}.get(node.func.id)]
        if at is not None and len(node.args) > at and isinstance(node.args[at], ast.Constant)
    }
    assert set(documented) == given | {"fact-without-a-claim"}


def test_every_key_of_a_brochure_is_documented() -> None:
    text = section(DOCS / "brochures.md", "## The text")
    rows = {name for row in re.findall(r"^\| (`.*?`) \|", text, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert rows == {key for model in (BrochureFront, PanelFront, PartFront) for key in model.model_fields}
    assert all(f"`{word}`" in text for kind in (Kind, Says, Tone) for word in get_args(kind))
    shown = section(DOCS / "brochures.md", "### What patients say")
    assert all(f"{key} =" in shown for key in testimonials.TestimonialRow.model_fields)


def test_example_of_a_finding_is_true(beside_the_checkout: Path) -> None:
    """The lines that README.md and command-line.md show come of a clinic's own words."""
    do("cp -r content/sample-clinic my-clinic", beside_the_checkout)
    do("mkdir -p my-clinic/content/en/blocks", beside_the_checkout)
    own = beside_the_checkout / "my-clinic" / "content" / "en" / "blocks" / "notes.md"
    text = (CHECKOUT / "content" / "en" / "blocks" / "notes.md").read_text(encoding="utf-8")
    own.write_text(f"{text}\nKetamine is a breakthrough. We utilize it.\n", encoding="utf-8")
    line = text.count("\n") + 2
    found = run("check", "psychological", "--clinic", "my-clinic")
    assert found.code == 1
    for page in (CHECKOUT / "README.md", DOCS / "command-line.md"):
        shown = [
            line for block in blocks(page) for line in block.text.splitlines() if re.match(r"my-clinic/.* \[", line)
        ]
        assert shown, page
        for one in shown:
            assert re.sub(r":\d+:", f":{line}:", one) in found.out.splitlines(), found.out


def test_readme_names_every_handout() -> None:
    library = load_clinic(sample_clinic()).library
    rows = re.findall(r"^\| `([a-z-]+)` \|", section(CHECKOUT / "README.md", "## The twelve handouts"), re.MULTILINE)
    assert len(rows) == 12
    assert set(rows) == set(handout_names(library, "en"))


def test_floors_in_the_guide_are_those_of_the_ledger() -> None:
    text = section(DOCS / "branding.md", "## clinic.toml")
    table, given = "", {}
    for key, said in re.findall(r"^\| (?:\*\*)?`([^`]+)`(?:\*\*)? \| (.*) \|$", text, re.MULTILINE):
        table = key.strip("[]").removeprefix("protocol.") if key.startswith("[") else table
        if least := re.search(r"([\d.]+) or more\.", said):
            given[f"{table}.{key}"] = float(least[1])
    floors = load_ledger(load_clinic(sample_clinic()).library).floors
    assert given == {floor.key: floor.at_least for floor in floors if floor.at_least is not None}


def test_states_of_a_review_are_documented() -> None:
    rows = re.findall(r"^\| (\w+) \| ", section(DOCS / "command-line.md", "## handouts list"), re.MULTILINE)
    states = get_args(get_type_hints(Review)["state"])
    assert set(rows) - {"Option", "Review"} == set(states)


def test_explained_warning_in_the_guide_is_ours() -> None:
    shown = [block.text for block in blocks(DOCS / "command-line.md") if block.language == "yaml"]
    ours = yaml.safe_load((CHECKOUT / "content" / "en" / "explained.yaml").read_text(encoding="utf-8"))
    assert yaml.safe_load(shown[0])["explained"][0] in ours["explained"]


def test_keys_of_a_signature_are_documented(beside_the_checkout: Path) -> None:
    do("cp -r content/sample-clinic my-clinic", beside_the_checkout)
    do('handouts sign-off biological --by "A. Test" --clinic my-clinic', beside_the_checkout)
    written = (beside_the_checkout / "my-clinic" / "sign-offs" / "biological-en.toml").read_text(encoding="utf-8")
    shown = next(block.text for block in blocks(DOCS / "command-line.md") if block.text.startswith("[[signed]]"))
    assert re.findall(r"^(\w+) =", written, re.MULTILINE) == re.findall(r"^(\w+) =", shown, re.MULTILINE)
    assert f"on = {date.today()}" in written
    named = set(re.findall(r"`(\w+)`", section(DOCS / "command-line.md", "## handouts sign-off")))
    assert set(reviewing._Entry.model_fields) - set(re.findall(r"^(\w+) =", shown, re.MULTILINE)) <= named


def test_signature_of_a_translation_has_its_translator(beside_the_checkout: Path) -> None:
    """The command of the page, and what the page says of the file."""
    do("cp -r content/sample-clinic my-clinic", beside_the_checkout)
    line = next(line for line in commands(DOCS / "command-line.md") if "--translator" in line)
    do(line, beside_the_checkout)
    (written,) = (beside_the_checkout / "my-clinic" / "sign-offs").glob("*-es.toml")
    assert {"translator", "qualification"} <= set(re.findall(r"^(\w+) =", written.read_text("utf-8"), re.MULTILINE))


def test_files_of_a_language_are_in_the_guide() -> None:
    text = section(DOCS / "writing-content.md", "## Translations")
    rows = " ".join(re.findall(r"^\| (`.*?`) \|", text, re.MULTILINE))
    there = {path.name for language in ("en", "es") for path in (CHECKOUT / "content" / language).iterdir()}
    assert there <= {name.rstrip("/") for name in re.findall(r"`([^`]+)`", rows)}
    assert all(f"`{key}`" in text for key in Furniture.model_fields if key.startswith("translation_"))


def test_example_of_a_phrase_rule_is_one(beside_the_checkout: Path) -> None:
    text = section(DOCS / "writing-content.md", "## Translations")
    (shown,) = (found for _, _, found in _BLOCK.findall(text) if found.startswith("phrases:"))
    own = beside_the_checkout / "my-clinic"
    do("cp -r content/sample-clinic my-clinic", beside_the_checkout)
    (own / "content" / "es").mkdir(parents=True)
    (own / "content" / "es" / "lint.yaml").write_text(shown, encoding="utf-8")
    rules = load_lint(load_clinic(own).library, "es").rules
    assert rules
    for rule in rules:
        assert all(re.search(rule.pattern, bad, re.IGNORECASE) for bad in rule.bad)
        assert not any(re.search(rule.pattern, good, re.IGNORECASE) for good in rule.good)


def test_safety_text_of_the_guide_is_one() -> None:
    text = section(DOCS / "writing-content.md", "### Every safety text needs its own wording")
    (shown,) = (yaml.safe_load(found) for _, _, found in _BLOCK.findall(text))
    named = {item for group in shown["groups"] for item in group["items"]}
    assert named == set(shown["texts"])
    assert named <= set(load_ledger(load_clinic(sample_clinic()).library).safety)


def test_every_schema_is_in_the_guide_for_editors() -> None:
    rows = " ".join(re.findall(r"^\| .*$", (DOCS / "editors.md").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"`(?:content/schemas/)?([\w-]+)(?:\.schema\.json)?`", rows))
    assert {kind.name for kind in schemas.KINDS} <= named


def test_json_keys_of_the_check_are_documented() -> None:
    found = json.loads(run("check", "questions-and-words", "--json").out)
    text = section(DOCS / "command-line.md", "### The JSON")
    rows = {key: set(re.findall(r"`(\w+)`", said)) for key, said in re.findall(r"^\| `(\w+)` \| (.*) \|$", text, re.M)}
    assert set(rows) == set(found)
    for key in ("findings", "readability", "instruments"):
        assert rows[key] == set(found[key][0]), key
    named = set(re.findall(r"`(\w+)`", text))
    for formulas in FORMULAS.values():
        for formula in formulas.values():
            assert {formula.key, f"{formula.key}_without_taught_words", f"{formula.key}_limit"} <= named


def test_json_keys_are_documented() -> None:
    keys = set(json.loads(run("list", "--json").out)[0])
    row = re.search(r"^\| `--json` \| (.*) \|$", section(DOCS / "command-line.md", "## handouts list"), re.MULTILINE)
    assert row
    assert set(re.findall(r"`(\w+)`", row[1])) == keys
