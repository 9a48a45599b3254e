"""Translations: which English each text was made from, and what has changed in the English since.

`content/LANGUAGE/made-from.yaml` remembers, for each translated text, a short hash of every English sentence it was
made from. When the English changes, the translation is stale: we can say which sentences are new, and do not print it
unseen.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from handouts.content import load_handout, load_section
from handouts.delivery import write_whole
from handouts.errors import ContentError, DeliveryError, Origin, RequestError, nearest
from handouts.evidence import SafetyFile
from handouts.furniture import Furniture, load_furniture
from handouts.handout import Figure, Handout, Prose, Section
from handouts.library import SOURCE_LANGUAGE, Library, is_file
from handouts.prose import CITATION
from handouts.reading import read_front_matter, read_yaml, validated

MEMORY = "made-from.yaml"
_HEAD = """\
# Written by `handouts translated`: which English each text was made from, as a short hash of each sentence.
"""
_TAG = re.compile(r"<[^>]+>")
_END = re.compile(r"(?<=[.!?])\s+")
_FURNITURE = "furniture"
_SAFETY = "ledger/safety.yaml"
_CARRIES = re.compile(rb"^(?:groups|safety_items):", re.MULTILINE)
_GLOSSARY = re.compile(rb"^words_from:", re.MULTILINE)


class MadeFrom(BaseModel):
    """The English that one text was made from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    english: Annotated[str, Field(description="SHA-256 of the English file, and of what else its words come from.")]
    sentences: Annotated[tuple[str, ...], Field(description="A short hash of each of its sentences.")]


class MadeFromFile(BaseModel):
    """`content/LANGUAGE/made-from.yaml`: the English that each translated text was made from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    texts: Annotated[Mapping[str, MadeFrom], Field(description="By the name of the text, such as blocks/safety.")]


@dataclass(frozen=True)
class Translation:
    """How a translated text stands to the English it was made from.

    `changed` are English sentences that are new since. For each one taken out, `gone` has the sentence that it
    followed: it was not kept itself. Without a record nobody knows.
    """

    name: str
    where: Origin
    recorded: bool
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def is_stale(self) -> bool:
        return not self.recorded or bool(self.changed or self.gone)

    @property
    def problem(self) -> str:
        """What is wrong with a stale one, in words."""
        if not self.recorded:
            return f"Nobody has recorded which English “{self.name}” was made from"
        told = "; ".join(f"“{sentence}”" for sentence in self.changed)
        parts = [f"new in English: {told}"] if told else []
        if self.gone:
            after = "; ".join(f"after “{sentence}”" if sentence else "at its beginning" for sentence in self.gone)
            parts.append(f"taken out or reworded in English: {after}")
        return f"The English of “{self.name}” has changed since it was translated: {'; '.join(parts)}"


def translations_of(handout: Handout, library: Library) -> tuple[Translation, ...]:
    """How each text of a handout stands to its English; nothing for a handout in English itself.

    Raises ContentError for a damaged record.
    """
    return _compared(
        _names(handout.slug, [section.slug for section in handout.sections]), handout.edition.language, library
    )


def translations_listed(slug: str, language: str, library: Library) -> tuple[Translation, ...]:
    """The same for a handout that has not been read: only what has changed is read."""
    path = library.find("content", f"{language}/handouts/{slug}.md")
    assert path is not None
    blocks = read_front_matter(path, ContentError)[0].values.get("sections")
    named = [name for name in blocks if isinstance(name, str)] if isinstance(blocks, list) else []
    return _compared(_names(slug, named), language, library)


def _names(slug: str, blocks: Iterable[str]) -> list[str]:
    return [f"handouts/{slug}", *(f"blocks/{block}" for block in blocks), _FURNITURE]


def _file(name: str, language: str) -> str:
    return f"{language}/{name}.{'yaml' if name == _FURNITURE else 'md'}"


def _compared(names: list[str], language: str, library: Library) -> tuple[Translation, ...]:
    if language == SOURCE_LANGUAGE:
        return ()
    records = _Records()
    found = []
    blocks: dict[str, Section] = {}
    for name in names:
        told = f"{language}/{name}"
        path = library.find("content", _file(name, language))
        original = library.find("content", _file(name, SOURCE_LANGUAGE))
        if original is None or path is None:
            continue  # a text that there is in one language only
        remembered = _remembered(name, _memory(path, original, language, library), path, records)
        if remembered is None:
            found.append(Translation(told, Origin(path), recorded=False))
        elif remembered.english == _hash(original, library):
            found.append(Translation(told, Origin(path), recorded=True))
        else:
            now = _english(library, name, blocks)
            found.append(Translation(told, Origin(path), True, *_compare(remembered.sentences, now)))
    return tuple(found)


def _compare(remembered: tuple[str, ...], now: list[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sentences that are new, and for each one that is gone the sentence before it that is still there.

    A sentence that has only moved is neither. One that stood twice and now stands once is gone once.
    """
    keys, said = tuple(key for key, _ in now), dict(now)
    new, gone = Counter(keys) - Counter(remembered), Counter(remembered) - Counter(keys)
    steps = SequenceMatcher(None, remembered, keys, autojunk=False).get_opcodes()
    cut = {at for step, start, end, _, _ in steps if step in ("delete", "replace") for at in range(start, end)}
    places, before = [], ""
    for at, key in enumerate(remembered):
        if gone[key] and at in cut:
            gone[key] -= 1
            places.append(before)
        else:
            before = said.get(key, before)
    return tuple(said[key] for key in new), tuple(dict.fromkeys(places))


def remember(slugs: Iterable[str], language: str, library: Library) -> tuple[Path, ...]:
    """Record that these handouts, with all their texts, now say what the English says. Says which files it wrote.

    What is remembered of a text that the clinic has changed, in either language, stands in the clinic's folder.

    Raises RequestError for English itself and for a handout that is not there, DeliveryError if it cannot be written.
    """
    if language == SOURCE_LANGUAGE:
        others = [known for known in library.languages() if known != SOURCE_LANGUAGE]
        raise RequestError("English is what the others are translated from", nearest(language, others))
    records: dict[Path, dict[str, MadeFrom]] = {}
    blocks: dict[str, Section] = {}
    for slug in slugs:
        handout = load_handout(library, slug, language)
        for name in _names(slug, [section.slug for section in handout.sections]):
            path = library.find("content", _file(name, language))
            original = library.find("content", _file(name, SOURCE_LANGUAGE))
            if original is None or path is None:
                continue  # a text that there is in one language only
            memory = _memory(path, original, language, library)
            if memory not in records:
                records[memory] = dict(_record(memory))
            records[memory][name] = MadeFrom(
                english=_hash(original, library), sentences=tuple(key for key, _ in _english(library, name, blocks))
            )
    changed = {path: record for path, record in records.items() if record != _record(path)}
    for path, record in changed.items():
        rows = "".join(f"  {name}: {json.dumps(record[name].model_dump())}\n" for name in sorted(record))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, f"{_HEAD}texts:\n{rows}".encode())
        except OSError as problem:
            raise DeliveryError(
                f"The record cannot be written ({problem.strerror})", "Mend the folder's rights.", Origin(path)
            ) from None
    return tuple(changed)


def _memory(translation: Path, original: Path, language: str, library: Library) -> Path:
    """The record of a translated text: the clinic's, if the clinic has changed anything that either is made of."""
    own = library.clinic / "content"
    changed = any(own in path.parents for path in (translation, *_read_for(original, library)))
    return (library.clinic if changed else library.bundled) / "content" / language / MEMORY


def _remembered(name: str, memory: Path, translation: Path, records: _Records) -> MadeFrom | None:
    """What is remembered of a text. Of our translation of a clinic's own English we remember ours, at first."""
    ours = translation.parents[len(Path(name).parts) - 1] / MEMORY
    return records[memory].get(name) or records[ours].get(name)


class _Records(dict[Path, Mapping[str, MadeFrom]]):
    """The records by their files, each read once."""

    def __missing__(self, path: Path) -> Mapping[str, MadeFrom]:
        self[path] = _record(path)
        return self[path]


def _record(path: Path) -> Mapping[str, MadeFrom]:
    return validated(read_yaml(path, ContentError), MadeFromFile, ContentError).texts if is_file(path) else {}


def _english(library: Library, name: str, blocks: dict[str, Section]) -> list[tuple[str, str]]:
    """What an English text says, sentence by sentence, each with its short hash before it."""
    room, _, slug = name.partition("/")
    if room == "blocks":
        if slug not in blocks:
            blocks[slug] = load_section(library, slug, SOURCE_LANGUAGE, Origin(Path(name)))
        texts = _texts_of_section(blocks[slug], library)
    elif name == _FURNITURE:
        texts = _texts_of_furniture(load_furniture(library, SOURCE_LANGUAGE))
    else:
        texts = _texts_of_handout(load_handout(library, slug, SOURCE_LANGUAGE, blocks))
    found = []
    for kind, text in texts:
        for sentence in _END.split(" ".join(text.split())):
            if sentence:
                found.append((_short(f"{kind}{sentence}"), sentence))
    return found


def _texts_of_handout(handout: Handout) -> Iterator[tuple[str, str]]:
    """Each text of a handout, with what kind of text it is where that matters."""
    yield "", handout.title
    for part in (handout.main_message, *handout.welcome, handout.picture):
        yield from _of_part(part)
    for section in handout.sections:
        yield "section: ", f"the section {section.slug}"
    for slug in handout.summary:
        yield "summary: ", f"the section {slug} in the summary"


def _texts_of_furniture(furniture: Furniture) -> Iterator[tuple[str, str]]:
    """The words of the page, each with its key: “In a crisis” may stay while the line below it changes."""
    yield from _rows_of((), furniture.model_dump(exclude_none=True, exclude={"together"}))


def _rows_of(keys: tuple[str, ...], words: object) -> Iterator[tuple[str, str]]:
    if isinstance(words, dict):
        for key, row in words.items():
            yield from _rows_of((*keys, key), row)
    else:
        key, *below = keys
        yield f"{key} {' '.join(below)}: ", ", ".join(words) if isinstance(words, tuple) else str(words)


def _texts_of_section(section: Section, library: Library) -> Iterator[tuple[str, str]]:
    """The same for a building block. A line that moves from “still learning” to “what we know” is another text."""
    yield "", section.title
    yield "", section.safety_title or ""
    if section.key_point:
        yield from _of_part(section.key_point)
    yield from (("know: ", _plain(line)) for line in section.know)
    yield from (("learning: ", _plain(line)) for line in section.learning)
    for part in (*section.body, *section.checklist, *section.short):
        yield from _of_part(part)
    yield from (("", f"{word}: {_plain(meaning)}") for word, meaning in section.words.items())
    for groups in section.people.values():
        yield from (("", f"{group.count} of {group.of}: {group.label}") for group in groups)
    beside = [(step.title, step.text) for step in section.steps]
    beside += [(choice.title, choice.text) for choice in section.choices]
    for title, prose in beside:
        yield from (("", title), ("", _plain(prose)))
    yield from (("", label) for label in section.fields)
    yield from (("", group.title) for group in section.groups)
    if section.carried:
        path = library.find("content", _SAFETY)
        ledgers = validated(read_yaml(path, ContentError), SafetyFile, ContentError).safety if path else ()
        own = {row.id: row.text for row in ledgers} | {name: _plain(text) for name, text in section.texts.items()}
        yield from (("", own.get(item, item)) for item in sorted(section.carried))


def _of_part(part: Prose | Figure) -> Iterator[tuple[str, str]]:
    if isinstance(part, Figure):
        yield from (("", part.alternative), ("", _plain(part.caption)))
    else:
        yield "", _plain(part)


def _plain(prose: Prose) -> str:
    return html.unescape(_TAG.sub("", CITATION.sub("", prose.html)))


def _hash(original: Path, library: Library) -> str:
    """Of an English file with the others that its words come from."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in _read_for(original, library))).hexdigest()


def _read_for(original: Path, library: Library) -> list[Path]:
    """An English file, and the others that its words come from: other blocks for a glossary, the safety texts."""
    content = original.read_bytes()
    names = [_SAFETY] if _CARRIES.search(content) else []
    if _GLOSSARY.search(content):
        blocks = read_front_matter(original, ContentError)[0].values.get("words_from")
        names += [_file(f"blocks/{block}", SOURCE_LANGUAGE) for block in (blocks if isinstance(blocks, list) else ())]
    return [original, *(path for name in names if (path := library.find("content", name)))]


def _short(sentence: str) -> str:
    return hashlib.sha256(sentence.encode()).hexdigest()[:10]
