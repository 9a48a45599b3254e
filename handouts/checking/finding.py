"""What a check found: how bad it is, where it stands, what is wrong and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handouts.errors import ContentError, HandoutError, Origin, SeveralErrors

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """One thing that a check found.

    error: must be mended before the text is printed. warning: mend it, or say in `explained.yaml` why it stays.
    note: good to know. `rule` names what was broken, `explained` the reason why a warning may stay.
    """

    severity: Severity
    rule: str
    where: Origin | None
    problem: str
    remedy: str
    explained: str | None = None

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        said = f"{place}{self.severity} [{self.rule}]: {self.problem}. {self.remedy}"
        if self.explained:
            said += f" (Explained: {self.explained})"
        return said.replace("\n", " ")

    def as_refusal(self) -> ContentError:
        """The same as an error: this is why a text is not printed."""
        return ContentError(f"[{self.rule}] {self.problem}", self.remedy, self.where)


def findings_from(error: HandoutError, rule: str) -> list[Finding]:
    """What the program refuses to print, as findings."""
    if isinstance(error, SeveralErrors):
        return [finding for one in error.errors for finding in findings_from(one, rule)]
    return [Finding("error", rule, error.where, error.problem, error.remedy)]
