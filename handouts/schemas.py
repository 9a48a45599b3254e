"""JSON Schemas of every file that people write, so that an editor completes the keys and marks mistakes.

`python -m handouts.schemas [FOLDER]` writes them, into `content/schemas/` unless told otherwise. They are written
in draft 7, which the TOML and YAML extensions of editors know best. What only the program can know, such as whether
a cited claim exists, is not in them.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from handouts.checking.explained import ExplainedFile
from handouts.checking.words import WordList
from handouts.clinic import ClinicFile
from handouts.content import BlockFront, HandoutFront
from handouts.evidence import AboutFile, ClaimsFile, FloorsFile, LintFile, PhrasesFile, SafetyFile, SourcesFile
from handouts.furniture import Furniture
from handouts.library import bundled_root
from handouts.medicines import MedicinesFile
from handouts.translating import MadeFromFile

DRAFT = "http://json-schema.org/draft-07/schema#"


@dataclass(frozen=True)
class Kind:
    """A kind of file: the name of its schema, what an editor calls it, and the model that reads it."""

    name: str
    title: str
    model: type[BaseModel]

    @property
    def file_name(self) -> str:
        return f"{self.name}.schema.json"


KINDS = (
    Kind("clinic", "A clinic: clinic.toml", ClinicFile),
    Kind("block", "The front matter of a building block", BlockFront),
    Kind("handout", "The front matter of a handout", HandoutFront),
    Kind("furniture", "The words of the page itself: furniture.yaml", Furniture),
    Kind("words", "What the checks know about a language: words.yaml", WordList),
    Kind("explained", "Warnings that may stay: explained.yaml", ExplainedFile),
    Kind("medicines", "Medicines and why they matter: medicines.yaml", MedicinesFile),
    Kind("claims", "The ledger's claims", ClaimsFile),
    Kind("safety", "The ledger's safety texts", SafetyFile),
    Kind("sources", "The ledger's sources", SourcesFile),
    Kind("lint", "The ledger's word rules", LintFile),
    Kind("floors", "What a clinic's own rules may not fall short of", FloorsFile),
    Kind("phrases", "The ledger's word rules in another language: lint.yaml", PhrasesFile),
    Kind("made-from", "The English that translations were made from: made-from.yaml", MadeFromFile),
    Kind("about", "About the ledger: scales, corrections, what is unverified", AboutFile),
)


class _Plain(GenerateJsonSchema):
    """Without a title for each key: an editor would show “After Hours” beside `after_hours`."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def _as_written(key: dict[str, Any]) -> dict[str, Any]:
    """A key as a person would write it or leave it out: never as null, which TOML does not even know.

    Only a plain default is told; an editor would write a whole table or list into the file.
    """
    default = key.get("default", "")
    kept = {name: value for name, value in key.items() if name != "default" or isinstance(default, str | int)}
    if default is None:
        options = [option for option in kept.pop("anyOf") if option != {"type": "null"}]
        kept = {**(options[0] if len(options) == 1 else {"anyOf": options}), **kept}
    return kept


def schema(kind: Kind) -> dict[str, Any]:
    """The JSON Schema of a kind of file."""
    made = kind.model.model_json_schema(ref_template="#/definitions/{model}", schema_generator=_Plain)
    definitions = made.pop("$defs", {})
    for definition in definitions.values():
        definition.pop("title", None)
    for table in (made, *definitions.values()):
        table["properties"] = {name: _as_written(key) for name, key in table["properties"].items()}
    made = {"$schema": DRAFT, **made, "title": kind.title}
    return {**made, "definitions": definitions} if definitions else made


def written(kind: Kind) -> str:
    """The schema as it stands in its file."""
    return json.dumps(schema(kind), ensure_ascii=False, indent=2) + "\n"


def write(folder: Path) -> list[Path]:
    """Write all schemas into a folder, and say where."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / kind.file_name for kind in KINDS]
    for kind, path in zip(KINDS, paths, strict=True):
        path.write_text(written(kind), encoding="utf-8")
    return paths


def main(arguments: list[str]) -> None:
    """The command: one optional argument, the folder."""
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        sys.exit("Usage: python -m handouts.schemas [FOLDER]")
    for path in write(Path(arguments[0]) if arguments else bundled_root() / "content" / "schemas"):
        print(path)


if __name__ == "__main__":
    main(sys.argv[1:])
