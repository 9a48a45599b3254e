"""Words that promise too much, parts that must be there, and facts with nothing behind them.

Source: the ledger's word rules (`content/ledger/lint.yaml`), which rest on the FTC Act and the FTC's Health Products
Compliance Guidance (2022), 21 CFR 202.1 (fair balance), FDA alerts on ketamine, and the trials that each rule names.
A text that passes is not proved lawful or fair: about.yaml says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from handouts.checking.finding import Finding, Severity
from handouts.checking.manuscript import Manuscript, Passage, Role, manuscript, sentences
from handouts.errors import Origin
from handouts.evidence import ALWAYS, Ledger, Lint, LintRule, Source, load_lint
from handouts.formats import FULL, SUMMARY
from handouts.handout import Handout
from handouts.house import House
from handouts.library import SOURCE_LANGUAGE, Library

_SEVERITY: dict[str, Severity] = {"error": "error", "warn": "warning"}
# What names a thing or asks a question states no fact that could be cited.
_STATES_FACTS: frozenset[Role] = frozenset(
    ("main message", "key point", "paragraph", "list item", "caption", "known", "still learning", "step", "short list")
)
_REACH = 4  # sentences
_CITED = re.compile(r"\[[^\]]+\]")
_NOT_A_FACT = re.compile(
    r"\(\d{3}\)\s*\d{3}-\d{4}|\b1-\d{3}-\w{3}-\w{4}|\b911\b|\b988\b|\(\d+(?:,\s*\d+)*\)|\b\d{1,2}\s*(?:am|pm)\b"
)
_NUMBER = re.compile(r"\d")
_COMPARISON = re.compile(
    r"\b(?:more|less|fewer|better|worse|faster|slower|higher|lower|safer|stronger|weaker|oftener)\b[^.]{0,40}\bthan\b",
    re.IGNORECASE,
)
_STUDY = re.compile(
    r"\b(?:in|a|one|two|some|small|large|recent|most|many)\s+(?:\w+\s+){0,2}(?:stud(?:y|ies)|trials?|reviews?|surveys?)\b",
    re.IGNORECASE,
)


def phrases(passages: Iterable[Passage], lint: Lint) -> Iterator[Finding]:
    """The ledger's rules for phrases, on each sentence (or passage) that they catch.

    The ledger's own safety texts are not tried: the rules are for what is written beside them.
    """
    by_sentence = [rule for rule in lint.rules if rule.scope == "sentence"]
    by_block = [rule for rule in lint.rules if rule.scope == "block"]
    for passage in passages:
        if passage.is_the_ledgers:
            continue
        for sentence in sentences(passage.cited_text):
            yield from _caught(sentence, by_sentence, passage)
        yield from _caught(passage.cited_text, by_block, passage)


def misleading_words_of_the_clinic(handout: Handout, house: House) -> list[Finding]:
    """The errors of these rules in what the clinic itself wrote into a handout, such as a pasted advertisement.

    Our own texts have passed the same rules before they were shipped.
    """
    papers = [manuscript(handout, form, house) for form in (FULL, SUMMARY)]
    own = [passage for paper in papers for passage in paper.passages if _stands_on_the_clinics_shelf(passage, house)]
    if not own:
        return []
    found = phrases(dict.fromkeys(own), load_lint(house.clinic.library, house.language))
    return [finding for finding in dict.fromkeys(found) if finding.severity == "error"]


def required_parts(paper: Manuscript, lint: Lint) -> Iterator[Finding]:
    """What the whole of a handout or a summary has to say."""
    cited = {reference for passage in paper.passages for reference in passage.cites}
    for part in lint.required:
        applies = part.when == ALWAYS or _pattern(part.when).search(paper.whole)
        if paper.language == SOURCE_LANGUAGE:
            said = _pattern(part.require).search(paper.whole) is not None
        else:  # in every language, a part is known by the safety text or claim behind it
            said = any(text in cited for text in part.texts)
        if applies and not said:
            yield Finding(
                _SEVERITY[part.severity],
                part.id,
                paper.handout.origin,
                f"{paper.name} lacks something that it must say: {part.why.rstrip('.')}",
                f"Add it: {part.suggest}.",
            )


def facts_without_a_claim(passages: Iterable[Passage], language: str = SOURCE_LANGUAGE) -> Iterator[Finding]:
    """A number, a comparison or a study in a sentence that cites nothing. Only numbers in other languages."""
    in_words = language == SOURCE_LANGUAGE
    for passage in passages:
        if passage.role not in _STATES_FACTS:
            continue
        spoken = sentences(passage.writers_text)
        for at, sentence in enumerate(spoken):
            # A citation stands for the sentences before it too, as far back as a reader would take it to.
            if _CITED.search(" ".join(spoken[at : at + _REACH])) or sentence.endswith("?"):
                continue
            said = _NOT_A_FACT.sub("", sentence)
            if not any(sign.isalpha() for sign in said):
                continue  # the number of a line in a list
            what = "number" if _NUMBER.search(said) else None
            if in_words and what is None:
                what = "comparison" if _COMPARISON.search(said) else "study" if _STUDY.search(said) else None
            if what:
                yield Finding(
                    "warning",
                    "fact-without-a-claim",
                    passage.place(sentence),
                    f"A {what} without a claim of the ledger: “{_short(sentence)}”",
                    "Cite the claim behind it, such as [@not-everyone], or take it out.",
                )


def unused(papers: Iterable[Manuscript], ledger: Ledger, library: Library) -> Iterator[Finding]:
    """Claims and sources of the ledger that no handout cites. There may be good reasons: each is a note."""
    cited = {reference for paper in papers for passage in paper.passages for reference in passage.cites}
    idle = [claim.id for claim in ledger.claims.values() if claim.use != "omit" and claim.id not in cited]
    used = {source.key for reference in cited for source in _sources(reference, ledger)}
    rooms = (("claims", "claim", idle), ("sources", "source", [key for key in ledger.sources if key not in used]))
    for room, kind, names in rooms:
        if names:
            yield Finding(
                "note",
                f"unused-{kind}",
                Origin(library.find("content", f"ledger/{room}.yaml") or library.bundled),
                f"No handout cites {len(names)} {kind}{'s' if len(names) > 1 else ''}: {', '.join(names)}",
                "Nothing has to be done: what is not cited is not printed.",
            )


def _stands_on_the_clinics_shelf(passage: Passage, house: House) -> bool:
    path, library = passage.origin.path, house.clinic.library
    return path.is_relative_to(library.clinic) and not path.is_relative_to(library.bundled / "content" / house.language)


def _sources(reference: str, ledger: Ledger) -> tuple[Source, ...]:
    evidence = ledger.look_up(reference)
    return evidence.sources if evidence else ()


def _caught(text: str, rules: list[LintRule], passage: Passage) -> Iterator[Finding]:
    for rule in rules:
        found = _pattern(rule.pattern).search(text)
        if found is None or (rule.unless and _pattern(rule.unless).search(text)):
            continue
        yield Finding(
            _SEVERITY[rule.severity],
            rule.id,
            passage.place(_CITED.sub("", text)),
            f"“{_short(text, found.start())}”: {rule.why.rstrip('.')}",
            rule.suggest,
        )


def _short(text: str, about: int = 0, most: int = 90) -> str:
    """A sentence, or the part of a long one around a place in it."""
    text = _CITED.sub("", text).strip()
    if len(text) <= most:
        return text
    first = max(0, min(about - most // 3, len(text) - most))
    return f"{'…' if first else ''}{text[first : first + most].strip()}{'…' if first + most < len(text) else ''}"


@lru_cache(maxsize=512)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)
