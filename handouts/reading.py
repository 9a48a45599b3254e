"""Files that people write: TOML, YAML and front matter, each mistake with its line."""

from __future__ import annotations

import re
import reprlib
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from xml.etree import ElementTree

import yaml
from pydantic import BaseModel, ValidationError

from handouts.errors import HandoutError, Origin, nearest, raise_all

Model = TypeVar("Model", bound=BaseModel)
KeyPath = tuple[str | int, ...]
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*$\n?", re.DOTALL | re.MULTILINE)
# What a drawing refers to must be inside it: its own parts, and pictures that it carries.
_ELSEWHERE = re.compile(
    r"""(?:\b(?:href|src)\s*=\s*["']|url\(\s*["']?|@import\s+["'])\s*(?!\#|data:)([^"')\s]+)""", re.IGNORECASE
)
_TOO_DEEP = "it is nested too deeply"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML's plain values. A key that is written twice is refused: the first text would be lost in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key “{key.value}” stands here twice", key.start_mark
                    )
                seen.add(key.value)
        values: dict[Any, Any] = super().construct_mapping(node, deep)
        return values


class _PointingLoader(_Loader):
    """The same, slower: it knows the line of a value that Python cannot read, such as 2026-13-40."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except _UNREADABLE:
            raise yaml.constructor.ConstructorError(
                None, None, f"the value “{node.value}” cannot be read", node.start_mark
            ) from None


# What PyYAML lets through: a month 13, `!!int` without a number, `!!bool` without yes or no.
_UNREADABLE = (ValueError, LookupError, AttributeError)


@dataclass(frozen=True)
class Written:
    """What a file says, as plain values, with a way to find the line of any key in it."""

    path: Path
    values: dict[str, Any]
    find_line: Callable[[KeyPath], int | None]

    def line(self, key: KeyPath) -> int | None:
        """The line on which a key stands (or, if it is missing, the nearest key above it)."""
        for length in range(len(key), 0, -1):
            if line := self.find_line(key[:length]):
                return line
        return None

    def value(self, *key: str | int) -> Any:
        """What stands under a key; None if nothing does."""
        found: Any = self.values
        for part in key:
            try:
                found = found[part]
            except (KeyError, IndexError, TypeError):
                return None
        return found

    def origin(self, *key: str | int) -> Origin:
        return Origin(self.path, self.line(key))


def read_text(path: Path, error: type[HandoutError]) -> str:
    """The text of a file. A file that cannot be read, or is not UTF-8, is reported as `error`."""
    content = read_bytes(path, error)
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise error("The file is not UTF-8 text", "Save it as UTF-8.", Origin(path, line)) from None


def read_bytes(path: Path, error: type[HandoutError]) -> bytes:
    """What a file holds. A file that cannot be read is reported as `error`."""
    try:
        return path.read_bytes()
    except OSError as problem:
        raise error(
            f"The file cannot be read ({problem.strerror})", "Check that it is there and may be read.", Origin(path)
        ) from None


def read_toml(path: Path, error: type[HandoutError]) -> Written:
    """Read a TOML file."""
    text = read_text(path, error)
    try:
        values = tomllib.loads(text)
    except RecursionError:
        raise error(f"This is not valid TOML: {_TOO_DEEP}", "Take brackets out.", Origin(path, 1)) from None
    except ValueError as problem:  # tomllib.TOMLDecodeError, or a number of thousands of digits
        found = re.search(r"at line (\d+)", str(problem))
        line = int(found.group(1)) if found else text.count("\n") + 1
        said = re.sub(r"\s*\(at .*\)$", "", str(problem))
        raise error(
            f"This is not valid TOML: {said}",
            'Values that are text stand in quotes, as in name = "Harbor Light".',
            Origin(path, line),
        ) from None
    return Written(path, values, lambda key: _toml_line(text, key))


def read_yaml(path: Path, error: type[HandoutError]) -> Written:
    """Read a YAML file that holds keys and values."""
    return _yaml(read_text(path, error), path, 0, error)


def read_front_matter(path: Path, error: type[HandoutError]) -> tuple[Written, str, int]:
    """Read a Markdown file: its front matter, the text below it, and the line on which that text begins."""
    text = read_text(path, error)
    front = _FRONT.match(text)
    if front is None:
        raise error(
            "The front matter is missing",
            "The file begins with a line ---, then keys such as title:, then another line ---.",
            Origin(path, 1),
        )
    written = _yaml(front.group(1), path, 1, error)
    return written, text[front.end() :], text[: front.end()].count("\n") + 1


def read_svg(path: Path, error: type[HandoutError]) -> str:
    """The text of a drawing that stands by itself: it refers to no file or address outside it."""
    text = read_text(path, error)
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as problem:
        raise error(
            f"This is not an SVG drawing: {problem.msg.partition(':')[0]}",
            "Save it again as SVG.",
            Origin(path, problem.position[0]),
        ) from None
    if root.tag.rpartition("}")[2] != "svg":
        raise error("This is not an SVG drawing", "Save it again as SVG.", Origin(path, 1))
    if found := _ELSEWHERE.search(text):
        raise error(
            f"The drawing refers to “{found[1]}”, which is outside it",
            "Save it with everything embedded.",
            Origin(path, text[: found.start(1)].count("\n") + 1),
        )
    return text


def validated(written: Written, model: type[Model], error: type[HandoutError], **context: str) -> Model:
    """The values as a model; all that does not fit is reported at once, each with its line.

    `context` is what the model's validators have to know besides, such as the language.
    """
    try:
        return model.model_validate(written.values, context=context)
    except ValidationError as problems:
        keys = [problem["loc"] for problem in problems.errors()]
        found = [
            _spoken(dict(problem), problem["loc"], written, model, error)
            for problem in problems.errors()
            # A list is called too short when it only has a faulty item: the item's own message is enough.
            if not (problem["type"] == "too_short" and any(_is_below(key, problem["loc"]) for key in keys))
        ]
        raise_all(found)
        raise


def _is_below(key: KeyPath, above: KeyPath) -> bool:
    return len(key) > len(above) and key[: len(above)] == above


def _spoken(
    problem: dict[str, Any], key: KeyPath, written: Written, model: type[BaseModel], error: type[HandoutError]
) -> HandoutError:
    name = ".".join(str(part + 1 if isinstance(part, int) else part) for part in key)
    where = written.origin(*key)
    match problem["type"]:
        case "missing":
            return error(f"The key “{name}” is missing", "Add it.", where)
        case "extra_forbidden":
            known = _known_keys(model, key[:-1])
            return error(f"The key “{name}” is not known here", nearest(str(key[-1]), known), where)
        case "value_error":
            return error(f"“{name}”: {problem['ctx']['error']}", "Mend the value.", where)
        case _:
            shown = reprlib.repr(problem["input"])
            said = str(problem["msg"]).replace("Input should be", "it should be")
            return error(f"“{name}” is {shown}; {said}", "Mend the value.", where)


def _known_keys(model: type[BaseModel], key: KeyPath) -> list[str]:
    """The keys a model knows at that depth."""
    schema = model.model_json_schema()
    node = schema
    for part in key:
        node = _resolved(node, schema)
        node = node.get("items", {}) if isinstance(part, int) else node.get("properties", {}).get(part, {})
    return list(_resolved(node, schema).get("properties", {}))


def _resolved(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    for option in node.get("anyOf", [node]):
        if reference := option.get("$ref"):
            found: dict[str, Any] = schema["$defs"][reference.rpartition("/")[2]]
            return found
    return node


def _yaml(text: str, path: Path, above: int, error: type[HandoutError]) -> Written:
    try:
        values = _values(text)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        raise error(
            f"This is not valid YAML: {problem.problem or problem.context}",
            "Text that holds a colon, or begins with a bracket or a quote, stands in quotes.",
            Origin(path, mark.line + 1 + above if mark else None),
        ) from None
    except yaml.reader.ReaderError as problem:
        raise error(
            "This is not valid YAML: a control character cannot stand in it",
            "Type the line again.",
            Origin(path, text[: problem.position].count("\n") + 1 + above),
        ) from None
    except RecursionError:
        raise error(f"This is not valid YAML: {_TOO_DEEP}", "Take brackets out.", Origin(path, 1 + above)) from None
    if not isinstance(values, dict):
        raise error("Keys and values were expected here", "Write lines such as title: …", Origin(path, above + 1))
    return Written(path, values, lambda key: _yaml_line(text, key, above))


def _values(text: str) -> Any:
    try:
        return yaml.load(text, Loader=_Loader)
    except _UNREADABLE:
        return yaml.load(text, Loader=_PointingLoader)


def _yaml_line(text: str, key: KeyPath, above: int) -> int | None:
    """The line of a key."""
    node = _nodes(text)
    line = None
    for part in key:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == str(part)), None)
            if pair is None:
                return None
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
        else:
            return None
    return None if line is None else line + 1 + above


@lru_cache(maxsize=8)
def _nodes(text: str) -> Any:
    """A text with the places of its keys. Asked for one key after the other, so the last few texts are kept."""
    return yaml.compose(text, Loader=_Loader)


def _toml_line(text: str, key: KeyPath) -> int | None:
    """The line of a key or a table in TOML text. Arrays of tables are counted."""
    seen: dict[tuple[str, ...], int] = {}
    table: tuple[str | int, ...] = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := re.match(r"\s*(\[\[?)\s*([^\]]+?)\s*\]", line):
            names = tuple(part.strip().strip("\"'") for part in header.group(2).split("."))
            table = names
            if header.group(1) == "[[":
                seen[names] = seen.get(names, -1) + 1
                table = (*names, seen[names])
            if key in (names, table):
                return number
        elif (entry := re.match(r"\s*([\w.\"'-]+)\s*=", line)) and (*table, entry.group(1).strip("\"'")) == key:
            return number
    return None
