"""What of a handout suits one patient: sections and choices are kept or left out, each with its reason.

A text says in its front matter for whom it is (`for:`). What nobody knows about a patient leaves nothing out. Safety
texts and whom to call always stay. Reasons and errors hold no name, medicine or condition of the patient: only a rule
of the text, and the place of a word in the row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from handouts.clinic import Clinic, MedicineRules
from handouts.errors import HandoutError, RequestError, nearest, raise_all
from handouts.handout import Choice, Condition, ForWhom, Handout, Section, WhichVisit
from handouts.medicines import MedicineClasses, is_nothing, plain_words
from handouts.patient import Drug, Patient, Route

_FOR_ROUTES: Mapping[Route, str] = {
    "infusion": "infusions",
    "injection": "injections",
    "nasal": "the nasal spray",
    "lozenge": "lozenges",
}
_HAS_ROUTE: Mapping[Route, str] = {
    "infusion": "an infusion",
    "injection": "an injection",
    "nasal": "the nasal spray",
    "lozenge": "lozenges",
}
_CONDITION_NAMES: Mapping[Condition, str] = {
    "depression": "depression",
    "ptsd": "PTSD",
    "pain": "long-lasting pain",
    "anxiety": "anxiety",
    "alcohol": "alcohol",
}
# How conditions are written, in English and Spanish, without accents. Trauma alone is no PTSD: it may be an injury.
_CONDITION_WORDS: Mapping[Condition, re.Pattern[str]] = {
    "depression": re.compile(r"\b(?:depress|depresi|mdd|mde|trd|dysthymi|distimi)"),
    "ptsd": re.compile(
        r"\b(?:c?ptsd|tept|post ?traumatic stress|stress after (?:a )?trauma"
        r"|estres (?:post? ?traumatico|tras (?:un )?trauma|despues de (?:un )?trauma))\b"
    ),
    "pain": re.compile(r"\b(?:pain|dolor|dolores|crps|neuralgia|fibromyalgia|fibromialgia)\b"),
    "anxiety": re.compile(r"\b(?:anxi|ansied|ansios|panic|phobi|fobia|gad\b)"),
    "alcohol": re.compile(r"\b(?:alcohol|aud\b|heavy drinking|problem drinking)"),
}
# A pain of today that no paper of ours is about.
_OTHER_PAIN = re.compile(r"\b(?:chest|pecho|acute|agudo)\b")
# ICD-10-CM: the beginnings of codes, without the dot.
_ICD: Mapping[str, Condition] = {
    "F32": "depression",
    "F33": "depression",
    "F341": "depression",
    "F431": "ptsd",
    "G89": "pain",
    "G905": "pain",
    "M797": "pain",
    "F40": "anxiety",
    "F41": "anxiety",
    "F10": "alcohol",
}
_ICD_CODE = re.compile(r"\b([A-Z]\d[0-9A-Z])(?:\.([0-9A-Z]{1,4})|([0-9A-Z]{1,4}))?\b")
_FIRST_WORDS = frozenset({"first", "initial", "new", "primera", "primer", "inicial"})
_LATER_WORDS = frozenset({"later", "followup", "next", "repeat", "booster", "maintenance", "seguimiento", "siguiente"})
_RULES = {
    "no_food_hours": "no food before",
    "no_drink_hours": "no drink before",
    "stay_hours": "stay after",
    "no_driving_hours": "no driving after",
}


@dataclass(frozen=True)
class Decision:
    """Why a section was kept or left out; for a choice the slug is that of its section and its place: `routes/2`.

    `why` says a rule of the text, never a name, a medicine or a condition of the patient. But which sections are kept
    may tell a condition: decisions are for the clinician, not for logs.
    """

    slug: str
    title: str
    kept: bool
    why: str


@dataclass(frozen=True)
class Clash:
    """Something that a person has to settle before the paper is handed over: a finding, not a guess.

    `problem` and `remedy` may be shown anywhere. `detail` names the kind of medicine and the ledger's words about it:
    it is for the clinician's copy alone.
    """

    problem: str
    remedy: str
    detail: str = ""


@dataclass(frozen=True)
class TailoredHandout:
    """A handout with what suits the patient, why, and what a person has to settle. No fact of the patient is in it."""

    handout: Handout
    decisions: tuple[Decision, ...]
    findings: tuple[Clash, ...] = ()

    @property
    def left_out(self) -> tuple[str, ...]:
        """What was left out, sections and choices. Two patients with the same here get the same pages."""
        return tuple(decision.slug for decision in self.decisions if not decision.kept)


@dataclass(frozen=True)
class Vocabulary:
    """The words that a row may name under `include` and `exclude`: handouts, their sections, and topics.

    Sections and topics lead to the handouts that have them. `stays` are sections that nobody leaves out. `telling`
    are names that would tell a condition if a message guessed them.
    """

    handouts: frozenset[str]
    sections: Mapping[str, tuple[str, ...]]
    topics: Mapping[str, tuple[str, ...]]
    stays: frozenset[str]
    telling: frozenset[str]

    @property
    def words(self) -> frozenset[str]:
        return self.handouts | self.sections.keys() | self.topics.keys()

    def near(self, word: str) -> str:
        """A sentence about the nearest word, never a telling one: messages go into logs."""
        return nearest(word, self.words - self.telling)


def vocabulary_of(handouts: Iterable[Handout]) -> Vocabulary:
    """The words of all handouts there are in a language."""
    slugs: set[str] = set()
    sections: dict[str, tuple[str, ...]] = {}
    topics: dict[str, tuple[str, ...]] = {}
    stays: set[str] = set()
    telling: set[str] = set()
    for handout in handouts:
        slugs.add(handout.slug)
        for section in handout.sections:
            sections[section.slug] = (*sections.get(section.slug, ()), handout.slug)
            for topic in _topics(section):
                topics[topic] = tuple(dict.fromkeys((*topics.get(topic, ()), handout.slug)))
            if section.always_stays:
                stays.add(section.slug)
            if section.for_whom and section.for_whom.conditions:
                telling |= {section.slug, handout.slug}
    return Vocabulary(frozenset(slugs), sections, topics, frozenset(stays), frozenset(telling))


def handouts_for(patient: Patient, kit: tuple[str, ...], vocabulary: Vocabulary) -> tuple[str, ...]:
    """The handouts of a patient in order: those of the row or of its visit type (`kit`), without what the row
    excludes, and then what it includes.

    Raises RequestError, all at once, for a word under `include` or `exclude` that names nothing, for a section that
    cannot be left out or that is in none of these handouts, and where no handout is left.
    """
    errors: list[HandoutError] = []
    include = _asked(patient, "include", patient.include, vocabulary, errors)
    exclude = _asked(patient, "exclude", patient.exclude, vocabulary, errors)
    for word, place in exclude.items():
        if word in include:
            errors.append(
                RequestError(
                    f"Word {include[word]} under “include” is word {place} under “exclude” too",
                    "Take one of the two out.",
                    patient.origin,
                )
            )
        elif word in vocabulary.stays and word not in vocabulary.handouts:
            errors.append(_must_stay(place, patient))
    chosen = [slug for slug in kit if slug not in exclude]
    chosen += [word for word in include if word in vocabulary.handouts and word not in chosen]
    for word, place in include.items():
        in_handouts = (*vocabulary.sections.get(word, ()), *vocabulary.topics.get(word, ()))
        if word not in vocabulary.handouts and not set(in_handouts) & set(chosen):
            errors.append(
                RequestError(
                    f"Word {place} under “include” names a section that is in none of the handouts of this row",
                    "Add a handout that has it."
                    if word in vocabulary.telling
                    else f"Add one that has it: {', '.join(dict.fromkeys(in_handouts))}.",
                    patient.origin,
                )
            )
    if kit and not chosen:
        errors.append(
            RequestError(
                "Every handout of this row is left out",
                "Take a word out of “exclude”, or take the row out.",
                patient.origin,
            )
        )
    raise_all(errors)
    return tuple(chosen)


def tailor(handout: Handout, patient: Patient, classes: MedicineClasses) -> TailoredHandout:
    """Keep what suits the patient. Texts stay word for word.

    Raises RequestError if the row asks to leave out a section that always stays. Words that name nothing here may
    name something elsewhere: `handouts_for` knows. Ask `review_of` about `handout`, which is what was signed.
    """
    facts = _Facts(patient, classes)
    errors: list[HandoutError] = [
        _must_stay(place, patient)
        for word, place in facts.exclude.items()
        if any(section.always_stays and section.slug == word for section in handout.sections)
    ]
    raise_all(errors)
    among = _conditions_spoken_of(handout, facts)
    asked_out = frozenset(section.slug for section in handout.sections if facts.asked_out(section))
    decisions, findings = _summary_kept(
        handout, {section.slug: _about(section, facts, among) for section in handout.sections}, asked_out
    )
    sections, told = [], []
    for section in handout.sections:
        decision = decisions[section.slug]
        told.append(decision)
        if not decision.kept:
            continue
        choices, about_choices = _choices(section, facts, among)
        told += about_choices
        sections.append(section if choices == section.choices else replace(section, choices=choices))
    kept = {section.slug for section in sections}
    tailored = handout
    if any(not decision.kept for decision in told):
        summary = tuple(slug for slug in handout.summary if slug in kept)
        tailored = replace(handout, sections=tuple(sections), summary=summary)
    return TailoredHandout(tailored, tuple(told), findings)


def clashes(patient: Patient, clinic: Clinic, classes: MedicineClasses) -> tuple[Clash, ...]:
    """What a person has to settle about a patient: medicines to talk about, words we do not know, two sets of times."""
    return (*_two_rules(patient, clinic), *_conditions_not_known(patient), *_medicines(patient, classes))


def conditions_of(written: str) -> frozenset[Condition]:
    """The conditions that our texts know in what was written: words in English or Spanish, or an ICD-10 code."""
    words = plain_words(written)
    found = {condition for condition, pattern in _CONDITION_WORDS.items() if pattern.search(words)}
    if _OTHER_PAIN.search(words):
        found.discard("pain")
    for code in _ICD_CODE.finditer(written.upper()):
        whole = "".join(part for part in code.groups() if part)
        found |= {condition for begins, condition in _ICD.items() if whole.startswith(begins)}
    return frozenset(found)


def slug_of(word: str) -> str:
    """A word of a row as the name of a file: “Ride card” and “ride_card” are `ride-card`."""
    return plain_words(word).replace(" ", "-")


def which_visit(visit_type: str | None) -> WhichVisit | None:
    """Whether a visit type, such as `first-infusion`, says that it is the first visit or a later one."""
    words = set(slug_of((visit_type or "").replace("follow-up", "followup")).split("-"))
    first, later = bool(words & _FIRST_WORDS), bool(words & _LATER_WORDS)
    if first == later:
        return None
    return "first" if first else "later"


class _Facts:
    """What is known about a patient, in the words of the rules. Slugs of the row's words lead to their places."""

    def __init__(self, patient: Patient, classes: MedicineClasses) -> None:
        self.patient = patient
        self.route = patient.route
        self.visit = which_visit(patient.visit_type)
        self.conditions = frozenset[Condition]().union(*map(conditions_of, patient.conditions))
        self.include = _places(patient.include)
        self.exclude = _places(patient.exclude)
        self._classes = classes

    @cached_property
    def medicines(self) -> frozenset[str]:
        """The classes of the patient's medicines."""
        return frozenset(found.id for medicine in self.patient.medicines for found in self._classes.of(medicine))

    @cached_property
    def all_medicines_known(self) -> bool:
        """Whether there is a list, and we know each medicine on it. An empty list may be one that nobody filled in."""
        listed = self.patient.medicines
        return bool(listed) and all(is_nothing(medicine) or self._classes.of(medicine) for medicine in listed)

    def asked_out(self, section: Section) -> str | None:
        """The word that leaves a section out."""
        words = (section.slug, section.for_whom.topic if section.for_whom else None)
        return next((word for word in words if word and word in self.exclude), None)

    def asked_in(self, section: Section) -> bool:
        topic = section.for_whom.topic if section.for_whom else None
        return section.slug in self.include or topic in self.include


@dataclass(frozen=True)
class _Verdict:
    """What one rule says. `suits` is None where nobody knows."""

    suits: bool | None
    why: str


def _about(section: Section, facts: _Facts, among: frozenset[Condition]) -> Decision:
    word = facts.asked_out(section)
    if section.always_stays:
        return Decision(section.slug, section.title, True, "for everybody: safety, or whom to call")
    if word:
        return Decision(section.slug, section.title, False, f"left out as asked: {word}")
    if facts.asked_in(section):
        return Decision(section.slug, section.title, True, "asked for")
    kept, why = _judged(section.for_whom, facts, among)
    return Decision(section.slug, section.title, kept, why)


def _judged(rule: ForWhom | None, facts: _Facts, among: frozenset[Condition]) -> tuple[bool, str]:
    verdicts = list(_verdicts(rule, facts, among)) if rule else []
    if not verdicts:
        return True, f"for everybody who does not leave out: {rule.topic}" if rule and rule.topic else "for everybody"
    against = next((verdict for verdict in verdicts if verdict.suits is False), None)
    return (False, against.why) if against else (True, "; ".join(verdict.why for verdict in verdicts))


def _verdicts(rule: ForWhom, facts: _Facts, among: frozenset[Condition]) -> Iterator[_Verdict]:
    """What each part of a rule says; a patient has to suit all of them."""
    if rule.routes:
        whom = f"for {_listed(_FOR_ROUTES[route] for route in rule.routes)}"
        if facts.route is None:
            yield _not_known(whom)
        else:
            said = f"{whom}; this patient has {_HAS_ROUTE[facts.route]}"
            yield _Verdict(facts.route in rule.routes, said)
    if rule.conditions:
        whom = f"for {_listed(_CONDITION_NAMES[condition] for condition in rule.conditions)}"
        if not facts.conditions:
            yield _not_known(whom)
        elif not facts.conditions & among:
            yield _Verdict(None, f"{whom}; none of this handout’s subjects was given: all kept")
        elif facts.conditions & frozenset(rule.conditions):
            yield _Verdict(True, f"{whom}, as this row says")
        else:
            yield _Verdict(False, f"{whom}; another of this handout’s subjects was given")
    if rule.medicines:
        whom = f"for some medicines ({_listed(rule.medicines)})"
        if facts.medicines & frozenset(rule.medicines):
            yield _Verdict(True, f"{whom}, as this row says")
        elif not facts.all_medicines_known:
            yield _not_known(whom)
        else:
            yield _Verdict(False, f"{whom}; none of them was given")
    if rule.visits:
        whom = "for a first visit" if rule.visits == ("first",) else "for a later visit"
        whom = whom if len(set(rule.visits)) == 1 else "for first and later visits"
        if facts.visit is None:
            yield _not_known(whom)
        else:
            yield _Verdict(facts.visit in rule.visits, f"{whom}; this is a {facts.visit} one")


def _not_known(whom: str) -> _Verdict:
    return _Verdict(None, f"{whom}; not known: kept")


def _choices(section: Section, facts: _Facts, among: frozenset[Condition]) -> tuple[tuple[Choice, ...], list[Decision]]:
    """The choices that suit, and why. Where none would be left, all stay: the text around them speaks of them."""
    if all(choice.for_whom is None for choice in section.choices):
        return section.choices, []
    found = []
    for number, choice in enumerate(section.choices, start=1):
        topic = choice.for_whom.topic if choice.for_whom else None
        kept, why = _judged(choice.for_whom, facts, among)
        if topic in facts.exclude:
            kept, why = False, f"left out as asked: {topic}"
        found.append(Decision(f"{section.slug}/{number}", f"{section.title} · {choice.title}", kept, why))
    if not any(decision.kept for decision in found):
        found = [replace(row, kept=True, why=f"{row.why}. Kept: no choice would be left") for row in found]
    return tuple(choice for choice, row in zip(section.choices, found, strict=True) if row.kept), found


def _summary_kept(
    handout: Handout, decisions: Mapping[str, Decision], asked_out: frozenset[str]
) -> tuple[Mapping[str, Decision], tuple[Clash, ...]]:
    """The decisions, changed where the summary would have nothing left but what always stays: it keeps what it had.

    What does not suit comes back first; what was left out as asked only if nothing else could, and that is told.
    """
    decided = dict(decisions)
    told = [section.slug for section in handout.summary_sections if not section.always_stays]
    if not told or any(decided[slug].kept for slug in told):
        return decided, ()
    unsuited = [slug for slug in told if slug not in asked_out]
    for slug in unsuited or told:
        row = decided[slug]
        decided[slug] = replace(row, kept=True, why=f"{row.why}. Kept: the summary would be empty")
    if unsuited:
        return decided, ()
    clash = Clash(
        f"What was to be left out is all that the summary of “{handout.slug}” has, so it was kept",
        "Leave the whole handout out, or take the word out of “exclude”.",
    )
    return decided, (clash,)


def _conditions_spoken_of(handout: Handout, facts: _Facts) -> frozenset[Condition]:
    """The conditions that sections or choices of a handout are about, without what was left out as asked."""
    rules = [
        rule
        for section in handout.sections
        if facts.asked_out(section) is None
        for rule in (section.for_whom, *(choice.for_whom for choice in section.choices))
    ]
    return frozenset(condition for rule in rules if rule for condition in rule.conditions)


def _two_rules(patient: Patient, clinic: Clinic) -> Iterator[Clash]:
    """Times that differ between ketamine and esketamine, where nobody has said which of them it is."""
    if patient.drug is not None or clinic.protocol is None:
        return
    differing = list(_differing(clinic.protocol.ketamine, clinic.protocol.esketamine))
    if differing:
        yield Clash(
            "The route is not known, and the clinic’s times for ketamine and esketamine differ: "
            + "; ".join(differing),
            "Write the route in the row (infusion, injection, nasal, lozenge). Until then both are printed.",
        )


def _differing(ketamine: MedicineRules, esketamine: MedicineRules) -> Iterator[str]:
    for key, words in _RULES.items():
        one, other = getattr(ketamine, key), getattr(esketamine, key)
        if one is not None and other is not None and one != other:
            yield f"{words}: {one:g} or {other:g} hours"


def _conditions_not_known(patient: Patient) -> Iterator[Clash]:
    for place, written in enumerate(patient.conditions, start=1):
        if not conditions_of(written):
            yield Clash(
                f"Condition {place} of the row is not one that our papers know: nothing was tailored for it",
                "Look at whether the papers fit.",
            )


def _medicines(patient: Patient, classes: MedicineClasses) -> Iterator[Clash]:
    for place, medicine in enumerate(patient.medicines, start=1):
        if is_nothing(medicine):
            continue
        found = classes.of(medicine)
        # A clinic's own ledger may say nothing about a class of ours: then nobody has looked at it either.
        if not any(known.reasons for known in found):
            yield Clash(
                f"Medicine {place} of the row is not known to us: nothing was tailored for it",
                "Look at whether it needs a word before the dose.",
            )
        reasons: dict[str, str] = {}
        for known in found:
            for reason in known.reasons:
                if _concerns(reason.drug, patient.drug):
                    reasons[reason.safety] = reason.text
        if reasons:
            titles = ", ".join(known.title for known in found)
            said = " ".join(f"{text} ({safety})" for safety, text in reasons.items())
            yield Clash(
                f"Medicine {place} of the row needs a conversation before the dose",
                "Talk it over with the patient and the prescriber. The patient must not stop it alone.",
                f"It is {titles}. {said}",
            )


def _concerns(about: Drug | None, given: Drug | None) -> bool:
    return about is None or given is None or about == given


def _asked(
    patient: Patient, column: str, words: tuple[str, ...], vocabulary: Vocabulary, errors: list[HandoutError]
) -> dict[str, int]:
    """The words of a column that name something, with their places; problems with the others."""
    places = _places(words)
    for word, place in places.items():
        if word not in vocabulary.words:
            errors.append(
                RequestError(
                    f"Word {place} under “{column}” names no handout, section or topic",
                    vocabulary.near(word),
                    patient.origin,
                )
            )
    return {word: place for word, place in places.items() if word in vocabulary.words}


def _places(words: tuple[str, ...]) -> dict[str, int]:
    return {slug_of(word): place for place, word in enumerate(words, start=1) if word.strip()}


def _must_stay(place: int, patient: Patient) -> RequestError:
    return RequestError(
        f"Word {place} under “exclude” names a section that can never be left out",
        "Safety texts, whom to call and the limits of what is known stay in every paper. Take the word out.",
        patient.origin,
    )


def _topics(section: Section) -> Iterator[str]:
    for rule in (section.for_whom, *(choice.for_whom for choice in section.choices)):
        if rule and rule.topic:
            yield rule.topic


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
