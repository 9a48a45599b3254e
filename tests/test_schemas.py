"""The JSON Schemas in the tree are what the models give, and fit the files that we ship."""

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
import yaml

from handouts.clinic import ClinicFile
from handouts.errors import ContentError
from handouts.library import bundled_root
from handouts.reading import read_front_matter
from handouts.schemas import DRAFT, KINDS, Kind, main, schema, write, written
from tests.small_clinic import BLOCK, CLINIC_TOML, HANDOUT, PROTOCOL

CONTENT = bundled_root() / "content"
SCHEMAS = CONTENT / "schemas"
BY_NAME = {kind.name: kind for kind in KINDS}
FLOORS = "floors:\n- {key: ketamine.stay_hours, at_least: 2, safety: stay-two-hours}\n"
WORDS = "capitals: [US]\nhard:\n  commence: begin\n"
EXPLAINED = "explained:\n- rule: hard-word\n  file: a.md\n  says: chronic\n  because: It is taught.\n"
PHRASES = "phrases:\n- {id: cure, pattern: miracle, suggest: less, bad: [Un miracle.], good: [Une aide.]}\n"
MADE_FROM = "texts:\n  blocks/safety: {english: abc, sentences: [a123456789]}\n"
SCHEMA_LINE = re.compile(r"^#(?::schema | yaml-language-server: \$schema=)(\S+)$")


def plain(value: Any) -> Any:
    """Values as an editor sees them: a date is text."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def values(path: Path) -> Any:
    if path.suffix == ".md":
        return plain(read_front_matter(path, ContentError)[0].values)
    if path.suffix == ".toml":
        return plain(tomllib.loads(path.read_text(encoding="utf-8")))
    return plain(yaml.safe_load(path.read_text(encoding="utf-8")))


def shipped() -> Iterator[tuple[str, Path]]:
    """Every file that has a schema, with the name of the schema."""
    for folder in (CONTENT, Path(__file__).parent.parent / "docs"):
        yield from (("clinic", path) for path in folder.rglob("clinic.toml"))
    yield from (("block", path) for path in CONTENT.glob("*/blocks/*.md"))
    yield from (("handout", path) for path in CONTENT.glob("*/handouts/*.md"))
    for name in ("furniture", "words", "explained"):
        yield from ((name, path) for path in CONTENT.glob(f"*/{name}.yaml"))
    yield "medicines", CONTENT / "medicines.yaml"
    yield from (("made-from", path) for path in CONTENT.glob("*/made-from.yaml"))
    yield from (("phrases", path) for path in CONTENT.glob("*/lint.yaml") if path.parent.name != "ledger")
    yield from ((path.stem, path) for path in (CONTENT / "ledger").glob("*.yaml"))


SHIPPED = sorted(shipped())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_file_in_the_tree_is_what_the_model_gives(kind: Kind) -> None:
    kept = (SCHEMAS / kind.file_name).read_text(encoding="utf-8")
    assert kept == written(kind), "run: python -m handouts.schemas"


def test_no_schema_is_left_over() -> None:
    assert {path.name for path in SCHEMAS.iterdir()} == {kind.file_name for kind in KINDS}


def test_every_kind_is_shipped() -> None:
    assert {name for name, _ in SHIPPED} == set(BY_NAME)


@pytest.mark.parametrize(("name", "path"), SHIPPED, ids=lambda value: getattr(value, "name", value))
def test_shipped_file_fits_its_schema(name: str, path: Path) -> None:
    fastjsonschema.compile(schema(BY_NAME[name]))(values(path))


@pytest.mark.parametrize(
    ("name", "text", "old", "new"),
    [
        ("clinic", CLINIC_TOML, 'name = "Test Clinic"', ""),
        ("clinic", CLINIC_TOML, 'name = "Test Clinic"', 'nam = "Test Clinic"'),
        ("clinic", CLINIC_TOML, "#0f5c63", "teal"),
        ("clinic", CLINIC_TOML, '["1 Nowhere Street"]', '"1 Nowhere Street"'),
        ("block", BLOCK, "kind: text", "kind: story"),
        ("block", BLOCK, "icon: square", "icon: Square.svg"),
        ("clinic", CLINIC_TOML + PROTOCOL, "in_force_from = 2026-02-01\n", ""),
        ("clinic", CLINIC_TOML + PROTOCOL, 'leaves_with = "adult"', 'leaves_with = "a friend"'),
        ("clinic", CLINIC_TOML + PROTOCOL, "stay_hours = 4", 'stay_hours = "4 hours"'),
        ("clinic", CLINIC_TOML + PROTOCOL, "stay_hours = 4", "stay_hour = 4"),
        ("floors", FLOORS, "at_least: 2", "at_least: two hours"),
        ("floors", FLOORS, ", safety: stay-two-hours", ""),
        ("words", WORDS, "capitals: [US]", "capitals: US"),
        ("explained", EXPLAINED, "because: It is taught.", ""),
        ("phrases", PHRASES, "pattern: ", "patern: "),
        ("phrases", PHRASES, "[Un miracle.]", "[]"),
        ("made-from", MADE_FROM, "[a123456789]", "a123456789"),
        ("made-from", MADE_FROM, "english: abc, ", ""),
        ("handout", HANDOUT, "code: SMALL", "code: small"),
        ("handout", HANDOUT, 'version: "1.0"', "version: 1.0"),
        ("handout", HANDOUT, "updated: 2026-11-22", "updated: last week"),
    ],
)
def test_mistake_is_marked(name: str, text: str, old: str, new: str, tmp_path: Path) -> None:
    ending = {"clinic": ".toml", "block": ".md", "handout": ".md"}.get(name, ".yaml")
    path = tmp_path / f"{name}{ending}"
    check = fastjsonschema.compile(schema(BY_NAME[name]))
    path.write_text(text, encoding="utf-8")
    check(values(path))
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(fastjsonschema.JsonSchemaValueException):
        check(values(path))


def test_every_table_and_kind_is_described() -> None:
    for kind in KINDS:
        made = schema(kind)
        assert made["$schema"] == DRAFT
        assert made["title"] == kind.title
        for table in (made, *made.get("definitions", {}).values()):
            assert table["description"], table
            assert table["additionalProperties"] is False, "a mistyped key would not be marked"


def test_keys_of_the_clinic_file_are_explained() -> None:
    made = schema(BY_NAME["clinic"])
    for table in made["definitions"].values():
        for name, key in table["properties"].items():
            assert "description" in key or "$ref" in key, name
            assert key.get("default", "") is not None, "TOML has no null"
    assert set(made["required"]) == {name for name, field in ClinicFile.model_fields.items() if field.is_required()}


def test_schema_line_of_each_file_leads_to_its_schema() -> None:
    """The first line of a TOML or YAML file names its schema, from where the file stands."""
    # made-from.yaml is written by `handouts translated`, not by people in an editor.
    named = [(name, path) for name, path in SHIPPED if path.suffix in (".toml", ".yaml") and name != "made-from"]
    assert len(named) >= 7
    for name, path in named:
        first = SCHEMA_LINE.match(path.read_text(encoding="utf-8").split("\n", 1)[0])
        assert first, f"{path} does not begin with the line that names its schema"
        assert (path.parent / first[1]).resolve() == (SCHEMAS / BY_NAME[name].file_name).resolve(), path


def test_command_writes_them_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(tmp_path / "new")])
    printed = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert printed == write(tmp_path / "new")
    assert all(json.loads(path.read_text(encoding="utf-8"))["$schema"] == DRAFT for path in printed)
    with pytest.raises(SystemExit, match="Usage: "):
        main(["--help"])
