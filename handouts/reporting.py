"""What the checks found, in words for people or as plain values for other programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from handouts.checking.finding import SEVERITIES, Finding
from handouts.checking.plain_words import Grade, Readability
from handouts.inspection import Judged, Report


def in_words(report: Report) -> Iterator[str]:
    """The report, line by line: findings, grades, items of the instruments, and a last line that sums it up."""
    for finding in report.findings:
        yield str(finding)
    if report.findings:
        yield ""
    if report.readability:
        yield from _grades(report.readability)
        yield ""
    yield from (f"Not assessed: {what}." for what in report.not_assessed)
    if any(judged.answers for judged in report.judged):
        yield from _items(report.judged)
        yield ""
    yield _sum(report)


def as_values(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "findings": [_finding(finding) for finding in report.findings],
        "readability": [
            {
                "handout": row.paper.handout.slug,
                "format": row.paper.form.name,
                "words": row.everything.words,
                **{key: value for grade in row.grades for key, value in _grade(grade).items()},
            }
            for row in report.readability
        ],
        "instruments": [
            {
                "instrument": judged.item.instrument,
                "item": judged.item.number,
                "asks": judged.item.asks,
                "answers": judged.answers,
            }
            for judged in report.judged
        ],
        "not_assessed": report.not_assessed,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "rule": finding.rule,
        "file": str(finding.where.path) if finding.where else None,
        "line": finding.where.line if finding.where else None,
        "problem": finding.problem,
        "remedy": finding.remedy,
        "explained": finding.explained,
    }


def _grade(grade: Grade) -> dict[str, float]:
    key = grade.formula.key
    return {
        key: round(grade.whole, 2),
        f"{key}_without_taught_words": round(grade.bare, 2),
        f"{key}_limit": grade.limit,
    }


def _grades(rows: list[Readability]) -> Iterator[str]:
    formula = next(rows[0].grades).formula  # a report is about one language
    yield (
        f"How {'easy' if formula.higher_is_easier else 'hard'} to read ({formula.unit}; "
        f"without the words that the text teaches / with them / {formula.limit_is}):"
    )
    for row in rows:
        said = "   ".join(_grade_in_words(grade) for grade in row.grades)
        yield f"  {row.paper.name:<38} {row.everything.words:>5} words   {said}"


def _grade_in_words(grade: Grade) -> str:
    formula = grade.formula
    name = formula.in_words(grade.bare)
    said = f"{formula.name} {grade.bare:4.1f} / {grade.whole:4.1f} / {grade.limit:g}"
    return f"{said} ({name})" if name else said


def _items(rows: list[Judged]) -> Iterator[str]:
    machine = [judged for judged in rows if judged.item.decide]
    yield "What PEMAT-P and the CDC Clear Communication Index ask, as far as a machine can decide it:"
    for judged in machine:
        yield f"  {_name(judged):<12} {judged.item.asks}: {_answers(judged)}"
    yield "For a person to judge (not guessed here):"
    for judged in rows:
        if not judged.item.decide:
            yield f"  {_name(judged):<12} {judged.item.asks}"


def _name(judged: Judged) -> str:
    return f"{judged.item.instrument} {judged.item.number}"


def _answers(judged: Judged) -> str:
    asked = len(judged.answers) - len(judged.names("does not apply"))
    missed = judged.names("not met")
    if not asked:
        return "does not apply"
    said = "met" if asked == 1 and not missed else f"met in {asked - len(missed)} of {asked}"
    return f"{said}; not in {', '.join(missed)}" if missed else said


def _sum(report: Report) -> str:
    parts = []
    for severity in SEVERITIES:
        count, explained = report.count(severity), report.count(severity, explained=True)
        parts.append(
            f"{count} {severity}{'' if count == 1 else 's'}" + (f" (and {explained} explained)" if explained else "")
        )
    return f"{', '.join(parts)}."
