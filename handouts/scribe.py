"""What depends on the place on the page: citation and figure numbers, filled blanks, marks of strength."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup, escape

from handouts import pictures
from handouts.clinic import unbroken
from handouts.errors import ClinicError, ContentError, HandoutError, Origin, nearest
from handouts.evidence import STRENGTHS, Evidence, Source
from handouts.handout import Figure, Handout, Prose, Section
from handouts.house import House
from handouts.library import SOURCE_LANGUAGE
from handouts.prose import CITATION, citations
from handouts.protocol import BLANKS, rule_in_words

BLANK = re.compile(r"\(\(([^()]*)\)\)")
LINE_BLANK = "line"
_SHORT_VALUE = 12  # letters: a value no longer than “24 hours” stays on one line


@dataclass(frozen=True)
class Mark:
    """How strong the evidence is, as filled dots of three and in words."""

    dots: int
    words: str


class Scribe:
    """Fills in what depends on the place on the page: citation numbers, figure numbers, blanks, marks.

    One scribe serves one composition. Templates call it; it numbers sources in the order in which they are cited.
    """

    def __init__(self, handout: Handout, house: House) -> None:
        self._handout = handout
        self._house = house
        self._clinic = house.clinic
        self._ledger = house.ledger
        self._furniture = house.furniture
        self._numbers: dict[str, int] = {}
        self._figures: dict[Origin, int] = {}
        self.errors: list[HandoutError] = []

    def with_the_same_numbers(self) -> Scribe:
        """A scribe for another paper of the same handout, in which each source keeps its number."""
        other = Scribe(self._handout, self._house)
        other._numbers = dict(self._numbers)
        other.errors = self.errors
        return other

    def beside(self, handout: Handout, house: House) -> Scribe:
        """A scribe for the same handout in another language, on the same paper: they count sources together."""
        other = Scribe(handout, house)
        other._numbers = self._numbers
        other.errors = self.errors
        return other

    def prose(self, prose: Prose) -> Markup:
        """A text with its citations numbered and its blanks filled in. What is wrong is collected in `errors`."""
        html = CITATION.sub(lambda found: self._citation(found[1], prose.origin), prose.html)
        return Markup(BLANK.sub(lambda found: self._blank(found[1], prose.origin), html))

    def words(self, prose: Prose) -> Markup:
        """A text without the numbers of its citations; `numbers` prints them for a whole list at once."""
        return self.prose(Prose(CITATION.sub("", prose.html), prose.origin))

    def numbers(self, *prose: Prose) -> Markup:
        """The source numbers of all citations in these texts, once."""
        found = [citation[1] for text in prose for citation in CITATION.finditer(text.html)]
        return Markup(self._citation("; ".join(found), prose[0].origin)) if found else Markup("")

    def mark(self, *prose: Prose) -> Mark | None:
        """The mark of the weakest evidence that these texts cite; None if they cite nothing."""
        evidence = [entry for text in prose for entry in self._evidence(text)]
        if not evidence:
            return None
        weakest = min(evidence, key=lambda entry: STRENGTHS.index(entry.strength))
        words = self._furniture.strengths[weakest.strength]
        if any(entry.contested for entry in evidence):
            words = f"{words}; {self._furniture.contested}"
        return Mark(STRENGTHS.index(weakest.strength), words)

    def safety(self, section: Section, name: str) -> Markup:
        """A safety text of the ledger: in the section's own wording if it has one, else as the ledger has it."""
        entry = self._ledger.safety.get(name)
        if entry is None:
            self.errors.append(
                ContentError(
                    f"There is no safety text “{name}” in the ledger",
                    nearest(name, self._ledger.safety),
                    section.origin,
                )
            )
            return Markup("")
        own = section.texts.get(name)
        if own is None and self._handout.edition.language != SOURCE_LANGUAGE:
            self.errors.append(
                ContentError(
                    f"The safety text “{name}” has no words in “{self._handout.edition.language}”",
                    f"Translate it under `texts: {name}:`. In English: {entry.text}",
                    section.origin,
                )
            )
        text = own or Prose(str(escape(_curly(entry.text))), section.origin)
        if "[@" in text.html:
            return self.prose(text)
        return self.prose(Prose(f"{text.html}[@{name}]", text.origin))

    def figure_number(self, figure: Figure) -> int:
        return self._figures.setdefault(figure.origin, len(self._figures) + 1)

    def shown(self, section: Section) -> list[Prose | Figure]:
        """The parts of a section's text, without a drawing that already stands beside the handout's title."""
        title = self._handout.picture
        return [
            part
            for part in section.body
            if not (isinstance(part, Figure) and (part.kind, part.name) == (title.kind, title.name))
        ]

    def picture(self, figure: Figure) -> str:
        """The address of a drawing."""
        return self._drawing(figure.name, figure.origin)

    def icon(self, name: str) -> Markup:
        """CSS that shows an icon as a background: it is decoration, so no reader's voice should meet it."""
        return Markup(f"background-image: url({self._drawing(f'icon-{name}', self._handout.origin)})")

    def people(self, section: Section, figure: Figure) -> list[tuple[str, str, str]]:
        """For each group of little people: the picture's address, the number in words, and what happened to them."""
        return [
            (
                pictures.people(self._clinic.library, self._clinic.brand, group, figure.origin),
                self._furniture.people.format(count=group.count, of=group.of),
                group.label,
            )
            for group in section.people[figure.name]
        ]

    @property
    def sources(self) -> list[tuple[int, Source]]:
        """The sources cited so far, by number."""
        return [(number, self._ledger.sources[key]) for key, number in self._numbers.items()]

    def _drawing(self, name: str, where: Origin) -> str:
        try:
            return pictures.drawing(self._clinic.library, self._clinic.brand, name, where)
        except ContentError as error:
            self.errors.append(error)
            return ""

    def _evidence(self, prose: Prose) -> list[Evidence]:
        found = []
        for reference in citations(prose.html):
            try:
                found.append(self._ledger.cited(reference, _written_at(prose.origin, reference)))
            except ContentError as error:
                self.errors.append(error)
        return found

    def _citation(self, written: str, where: Origin) -> str:
        numbers: set[int] = set()
        for entry in self._evidence(Prose(f"[{written}]", where)):
            for source in entry.sources:
                numbers.add(self._numbers.setdefault(source.key, len(self._numbers) + 1))
        return f'<span class="cite">&#160;[{_ranges(sorted(numbers))}]</span>'

    def _blank(self, name: str, where: Origin) -> str:
        key = " ".join(name.split()).lower()
        if key == LINE_BLANK:
            return '<span class="blank-line"></span>'
        if key in BLANKS:
            try:
                rule = rule_in_words(self._clinic, self._furniture, key, self._house.today)
                short = rule.replace(" ", "\N{NO-BREAK SPACE}") if len(rule) <= _SHORT_VALUE else rule
                return str(escape(unbroken(short)))
            except ClinicError as error:
                self.errors.append(error)
                return ""
        filled = self._clinic.blanks.get(key)
        if filled:
            return str(escape(unbroken(filled)))
        known = [known for known, value in self._clinic.blanks.items() if value] + [*BLANKS, LINE_BLANK]
        line = _written_at(where, name)
        self.errors.append(ContentError(f"Nothing fills the blank (({name}))", nearest(key, known), line))
        return ""


def _written_at(origin: Origin, words: str) -> Origin:
    """The line, from where a text begins, that holds these words of it."""
    try:
        lines = origin.path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return origin
    first = origin.line or 1
    return next((Origin(origin.path, at) for at, line in enumerate(lines, 1) if at >= first and words in line), origin)


def _ranges(numbers: list[int]) -> str:
    """Numbers as a reader wants them: 1, 2, 5–7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts: list[str] = []
    for run in runs:
        parts.extend([f"{run[0]}–{run[-1]}"] if len(run) > 2 else [str(number) for number in run])
    return ",&#160;".join(parts)


def _curly(text: str) -> str:
    """The ledger's straight apostrophes as typographic ones, like those of the Markdown texts."""
    return text.replace("'", "’")
