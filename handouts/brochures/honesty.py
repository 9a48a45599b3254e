"""What an advertisement has to say, and may not: asked of a brochure's words, and of its laid-out panels.

Sources: FTC Act, section 5; FTC, Health Products Compliance Guidance (2022); 21 CFR 202.1(e)(5) to (7), fair balance:
risks are told as plainly, as near and as large as benefits; the ledger's word rules (`content/ledger/lint.yaml`).
A brochure that passes is not proved lawful: about.yaml says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from handouts.brochures.content import Brochure, Panel, Part, as_handout
from handouts.brochures.folding import Fold
from handouts.brochures.testimonials import FILE as TESTIMONIALS
from handouts.checking.claims import facts_without_a_claim, phrases, required_parts
from handouts.checking.finding import Finding, findings_from
from handouts.checking.manuscript import manuscript
from handouts.composing import Composition
from handouts.evidence import load_lint
from handouts.formats import FULL
from handouts.house import House
from handouts.prose import citations
from handouts.scribe import Scribe

_STATUS = "status-"  # how the ledger's claims on what is approved begin
_QUOTE = "testimonial-quote"  # the ledger's rule against first-person praise
_LEAST_FILL = 0.55  # of a panel's live height: what ends above looks unfinished
_BY_THE_TEMPLATE = {"need-sources", "need-date", "need-clinic-contact"}  # printed on every back, not in the text


class FilledPanel(Protocol):
    """A laid-out panel: its name, and how much of its height is used (0 to 1)."""

    @property
    def name(self) -> str: ...

    @property
    def fill(self) -> float: ...


class LaidOut(Protocol):
    """What is asked of laid-out pages (`typesetting.Rendering`)."""

    @property
    def composition(self) -> Composition: ...

    @property
    def panels(self) -> Sequence[FilledPanel]: ...

    @property
    def sizes_said(self) -> Mapping[str, frozenset[float]]: ...


def in_words(brochure: Brochure, fold: Fold, house: House) -> Iterator[Finding]:
    """What is wrong with a brochure's words. A phrase that a handout is only warned of is an error here."""
    paper = manuscript(as_handout(brochure), FULL, house)
    lint = load_lint(house.clinic.library, house.language)
    for finding in phrases(paper.passages, lint):
        # Somebody's own words, with their consent on record and what is typical beside them, are allowed.
        if finding.rule != _QUOTE or finding.where is None or finding.where.path.name != TESTIMONIALS:
            yield replace(finding, severity="error")
    yield from (row for row in required_parts(paper, lint) if row.rule not in _BY_THE_TEMPLATE)
    yield from facts_without_a_claim(paper.passages, house.language)
    yield from _unknown_claims(brochure, house)
    yield from _risks_beside_benefits(brochure, fold)
    yield from _status_near_the_first_benefit(brochure)


def _unknown_claims(brochure: Brochure, house: House) -> Iterator[Finding]:
    """Claims that the ledger does not have, or that are not to be printed. A panel prints no numbers of its sources,
    so nothing else would ask for them.
    """
    scribe = Scribe(as_handout(brochure), house)
    for panel in brochure.panels:
        for prose in panel.prose:
            scribe.numbers(prose)
    for error in dict.fromkeys(scribe.errors):
        yield from findings_from(error, "unknown-claim")


def on_panels(brochure: Brochure, rendering: LaidOut) -> Iterator[Finding]:
    """What is wrong with how a brochure looks: small risks, and panels that look unfinished."""
    sizes = rendering.sizes_said
    risk, benefit = sizes.get("risk"), sizes.get("benefit")
    if risk and benefit and min(risk) < min(benefit):
        yield Finding(
            "error", "risk-in-small-type", brochure.origin,
            f"Risks are set in {min(risk):.1f} points, and benefits in {min(benefit):.1f}",
            "Set them in the same size.",
        )  # fmt: skip
    for panel in rendering.panels:
        kinds = {one.kind for one in _panels_of(brochure, rendering, panel.name)}
        if kinds & {"text", "steps"} and panel.fill < _LEAST_FILL:
            yield Finding(
                "warning", "underfilled-panel", brochure.origin,
                f"The panel “{rendering.composition.titles[panel.name]}” ends after {panel.fill:.0%} of its height",
                "Say more, or give it a `picture:`.",
            )  # fmt: skip


def _panels_of(brochure: Brochure, rendering: LaidOut, name: str) -> tuple[Panel, ...]:
    titles = rendering.composition.titles[name].split(" / ")
    return tuple(panel for panel in brochure.panels if panel.title in titles)


def _risks_beside_benefits(brochure: Brochure, fold: Fold) -> Iterator[Finding]:
    """Risks stand on the side of the sheet that tells of a benefit, in at least as many words."""
    parts = [part for panel in brochure.panels for part in panel.parts]
    if not any(part.says == "risk" for part in parts):
        yield Finding(
            "error", "no-risk-text", brochure.origin, "The brochure says nothing of risks",
            "Add a part with says: risk. Risks stand as near and as large as benefits.",
        )  # fmt: skip
        return
    pages = brochure.pages_of(fold.panels)
    for side in fold.sides:
        seen = [panel for place in side.places for panel in pages[place.panel - 1]]
        said = {part.says for panel in seen for part in panel.parts}
        first = next((panel for panel in seen if panel.tells_benefits), None)
        if first is not None and "risk" not in said:
            yield Finding(
                "error", "risk-on-another-side", first.origin,
                f"A benefit stands on the {side.name} of the sheet, and no risk does", "Tell both on the same side.",
            )  # fmt: skip
    risks, benefits = (_words(parts, says) for says in ("risk", "benefit"))
    if risks < benefits:
        yield Finding(
            "error", "less-risk-than-benefit", brochure.origin,
            f"Benefits are told in {benefits} words, and risks in {risks}",
            "Say as much of risks as of benefits, or say less of benefits.",
        )  # fmt: skip


def _words(parts: list[Part], says: str) -> int:
    return sum(len(prose.html.split()) for part in parts if part.says == says for prose in part.prose)


def _status_near_the_first_benefit(brochure: Brochure) -> Iterator[Finding]:
    """What is approved stands in the part that first tells of a benefit, or in the one right before it."""
    parts = [(panel, part) for panel in brochure.panels for part in panel.parts]
    first = next((at for at, (_, part) in enumerate(parts) if part.says == "benefit"), None)
    if first is None:
        return
    near = [part for _, part in parts[max(0, first - 1) : first + 1]]
    if any(part.says == "status" or _cites_status(part) for part in near):
        return
    yield Finding(
        "error", "status-far-from-benefit", parts[first][0].origin,
        "Nothing near the first benefit says what is approved",
        "Say it in the same part, such as [@status-ketamine-off-label], or in a part with says: status before it.",
    )  # fmt: skip


def _cites_status(part: Part) -> bool:
    return any(name.startswith(_STATUS) for prose in part.prose for name in citations(prose.html))
