"""What the checks know about a language: names that must be used, hard words with plainer ones, and known capitals.

`content/LANGUAGE/words.yaml`. A language without it is not assessed for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from handouts.errors import ContentError
from handouts.library import Library
from handouts.reading import read_yaml, validated


class WordList(BaseModel):
    """`content/LANGUAGE/words.yaml`: what the checks of plain words know about a language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    taught: Annotated[
        tuple[str, ...], Field(description="Names that a text cannot do without; scores are given without them too.")
    ] = ()
    capitals: Annotated[tuple[str, ...], Field(description="Short forms that readers know, such as US.")] = ()
    hard: Annotated[Mapping[str, str], Field(description="A hard word, and what to write instead.")] = {}


def load_words(library: Library, language: str) -> WordList | None:
    """The word list of a language; None if it has none. Raises ContentError with file and line."""
    path = library.find("content", f"{language}/words.yaml")
    return None if path is None else validated(read_yaml(path, ContentError), WordList, ContentError)
