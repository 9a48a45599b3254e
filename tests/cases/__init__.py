"""Reads the cases: a title, a dot, what is typed, a dot, what comes of it, a dot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Case:
    title: str
    typed: str
    expected: str
    line: int

    def __str__(self) -> str:
        return f"{self.line}: {self.title}"


def read_cases(name: str) -> list[Case]:
    """The cases of `tests/cases/NAME.md`. There is at least one, and none is half."""
    path = Path(__file__).parent / f"{name}.md"
    lines = path.read_text(encoding="utf-8").split("\n")
    cases = []
    dots = [at for at, line in enumerate(lines) if line == "."]
    assert dots, f"{path} has no cases"
    assert len(dots) % 3 == 0, f"{path}: a case has three dots"
    for first, second, third in zip(dots[::3], dots[1::3], dots[2::3], strict=True):
        title = lines[first - 1]
        assert title.strip(), f"{path}:{first}: a case has a title just above its first dot"
        typed, expected = "\n".join(lines[first + 1 : second]), "\n".join(lines[second + 1 : third])
        cases.append(Case(title, typed, expected, first))
    assert len({case.title for case in cases}) == len(cases), f"{path}: two cases have the same title"
    return cases
