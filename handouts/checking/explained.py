"""Warnings that may stay, each with its reason: `content/LANGUAGE/explained.yaml`.

An explanation never covers an error, and one that explains nothing any more is itself a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from handouts.checking.finding import Finding
from handouts.errors import ContentError, Origin
from handouts.library import Library
from handouts.reading import read_yaml, validated


class Explanation(BaseModel):
    """Why one warning may stay."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: Annotated[str, Field(min_length=1, description="The rule's name, as the finding shows it in brackets.")]
    file: Annotated[str, Field(min_length=1, description="How the path of the file ends, such as blocks/help.md.")]
    says: Annotated[str, Field(min_length=1, description="Words of the finding, so that it covers this one alone.")]
    because: Annotated[str, Field(min_length=1, description="The reason.")]

    def covers(self, finding: Finding) -> bool:
        return (
            finding.severity == "warning"
            and finding.rule == self.rule
            and finding.where is not None
            and f"/{finding.where.path.as_posix()}".endswith(f"/{self.file}")
            and self.says in finding.problem
        )


class ExplainedFile(BaseModel):
    """`content/LANGUAGE/explained.yaml`: warnings that may stay."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    explained: tuple[Explanation, ...]


def explain(findings: Iterable[Finding], library: Library, language: str, whole_library: bool) -> Iterator[Finding]:
    """The findings, those that are explained with their reason.

    If the whole library was checked, an explanation that covers nothing is a warning. Raises ContentError with file
    and line for a file that is not right.
    """
    path = library.find("content", f"{language}/explained.yaml")
    if path is None:
        yield from findings
        return
    written = read_yaml(path, ContentError)
    explanations = validated(written, ExplainedFile, ContentError).explained
    used: set[int] = set()
    for finding in findings:
        at = next((at for at, explanation in enumerate(explanations) if explanation.covers(finding)), None)
        if at is None:
            yield finding
            continue
        used.add(at)
        yield replace(finding, explained=explanations[at].because)
    for at, explanation in enumerate(explanations):
        if whole_library and at not in used:
            yield Finding(
                "warning",
                "idle-explanation",
                Origin(path, written.line(("explained", at))),
                f"Nothing is left of what this explains ({explanation.rule}: {explanation.says})",
                "Take it out.",
            )
