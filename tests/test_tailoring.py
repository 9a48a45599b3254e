"""What suits a patient is kept, what nobody knows leaves nothing out, and texts stay word for word."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from handouts.clinic import Clinic, load_clinic, load_library
from handouts.composing import Reviewed, compose, compose_side_by_side
from handouts.content import handout_names, load_handout, load_section
from handouts.errors import ContentError, HandoutError, Origin, RequestError, SeveralErrors
from handouts.formats import FORMATS, FULL_BILINGUAL, LETTER
from handouts.handout import CONDITIONS, ForWhom, Handout, Section, said
from handouts.house import House, load_house
from handouts.library import Library, bundled_root, sample_clinic
from handouts.medicines import MedicineClasses, load_medicines
from handouts.pairing import paired
from handouts.patient import ROUTES, Patient
from handouts.reviewing import review_of
from handouts.tailoring import (
    Clash,
    TailoredHandout,
    Vocabulary,
    clashes,
    conditions_of,
    handouts_for,
    tailor,
    vocabulary_of,
    which_visit,
)
from tests.small_clinic import BLOCK, CLINIC_TOML, PROTOCOL, SAFETY, SAFETY_TEXTS, write

ROW = Origin(Path("today.csv"), 7)
ALWAYS = ["limits", "safety", "help"]
SUBJECTS = ["ptsd", "pain", "anxiety", "alcohol"]
SUBJECT_FOR = "other-conditions"
SECRETS = ("Placeholder", "wobbly", "Zzyzx", "Xanax", "oxycodone")


def patient(**facts: Any) -> Patient:
    return Patient(**{"reference": "A-1", "name": "Hope Placeholder", "origin": ROW, **facts})


@lru_cache(maxsize=2)
def house(language: str = "en") -> House:
    return load_house(load_clinic(sample_clinic(), language), language, date(2026, 12, 1))


def library() -> Library:
    return house().clinic.library


@lru_cache(maxsize=64)
def shipped(slug: str, language: str = "en") -> Handout:
    return load_handout(library(), slug, language)


@lru_cache(maxsize=1)
def classes() -> MedicineClasses:
    return load_medicines(library())


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    return vocabulary_of(shipped(slug) for slug in handout_names(library(), "en"))


def tailored(slug: str, language: str = "en", **facts: Any) -> TailoredHandout:
    return tailor(shipped(slug, language), patient(**facts), classes())


def slugs(found: TailoredHandout) -> list[str]:
    return [section.slug for section in found.handout.sections]


def why(found: TailoredHandout, slug: str) -> str:
    return next(decision.why for decision in found.decisions if decision.slug == slug)


def titles_of_choices(found: TailoredHandout, slug: str) -> list[str]:
    return [choice.title for section in found.handout.sections if section.slug == slug for choice in section.choices]


# An invented handout, for rules that ours do not use

TEXT = Section("text", "Text", "text", "square", ROW)
SAFE = Section("safe", "Safe", "safety", "square", ROW)


def invented(*sections: Section) -> Handout:
    model = shipped(SUBJECT_FOR)
    whole = (*sections, SAFE)
    return replace(model, slug="invented", sections=whole, summary=tuple(section.slug for section in whole))


def section(slug: str, **rule: Any) -> Section:
    return replace(TEXT, slug=slug, title=slug.title(), for_whom=ForWhom(**rule) if rule else None)


def kept(whole: Handout, **facts: Any) -> list[str]:
    return slugs(tailor(whole, patient(**facts), classes()))[:-1]


# Who nobody knows anything about


@pytest.mark.parametrize("language", ["en", "es"])
def test_patient_without_facts_gets_everything(language: str) -> None:
    for slug in handout_names(library(), language):
        found = tailored(slug, language)
        assert found.handout is shipped(slug, language)
        assert found.left_out == ()
        assert not found.findings


def test_every_section_has_its_decision_and_reason() -> None:
    found = tailored("how-ketamine-works", route="nasal", exclude=("spiritual",))
    told = [decision for decision in found.decisions if "/" not in decision.slug]
    assert [decision.slug for decision in told] == [part.slug for part in shipped("how-ketamine-works").sections]
    assert all(decision.why and decision.title for decision in found.decisions)
    assert [decision.slug for decision in told if not decision.kept] == ["spiritual"] == list(found.left_out)


# Routes


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("route", ROUTES)
def test_times_are_those_of_the_route(route: str, language: str) -> None:
    found = tailored("your-treatment-day", language, route=route)
    both = [choice.title for choice in shipped("your-treatment-day", language).sections[0].choices]
    assert len(both) == 2
    assert titles_of_choices(found, "getting-ready") == [both[1] if route == "nasal" else both[0]]
    assert found.left_out == (("getting-ready/1",) if route == "nasal" else ("getting-ready/2",))
    assert slugs(found) == [part.slug for part in shipped("your-treatment-day", language).sections]


def test_reasons_of_routes() -> None:
    found = tailored("your-treatment-day", route="infusion")
    assert why(found, "getting-ready/2") == "for the nasal spray; this patient has an infusion"
    unknown = tailored("your-treatment-day")
    assert why(unknown, "getting-ready/2") == "for the nasal spray; not known: kept"


def test_no_choice_left_keeps_all() -> None:
    model = shipped("your-treatment-day").sections[0]
    rules = tuple(replace(choice, for_whom=ForWhom(routes=("lozenge",))) for choice in model.choices)
    found = tailor(invented(replace(model, choices=rules)), patient(route="nasal"), classes())
    assert len(found.handout.sections[0].choices) == 2
    assert "no choice would be left" in why(found, "getting-ready/1")


# Conditions


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    ("given", "left"),
    [
        (("PTSD",), ["ptsd"]),
        (("dolor crónico",), ["pain"]),
        (("F43.12", "G89.29"), ["ptsd", "pain"]),
        (("Alcoholismo", "MDD"), ["alcohol"]),
        (("MDD",), SUBJECTS),
        (("a wobbly elbow",), SUBJECTS),
        (("a wobbly elbow", "ansiedad"), ["anxiety"]),
        ((), SUBJECTS),
    ],
)
def test_other_conditions(given: tuple[str, ...], left: list[str], language: str) -> None:
    found = tailored(SUBJECT_FOR, language, conditions=given)
    assert slugs(found) == [*left, "before-you-decide", *ALWAYS, "notes"]
    assert list(found.handout.summary) == [*left, "safety"]


def test_condition_never_empties_another_handout() -> None:
    found = tailored("ketamine-for-depression", conditions=("PTSD",))
    assert found.left_out == ()
    assert why(found, "depression-studies").endswith("none of this handout’s subjects was given: all kept")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("MDD", {"depression"}),
        ("Treatment-resistant depression", {"depression"}),
        ("depresión mayor", {"depression"}),
        ("F33.1", {"depression"}),
        ("f32", {"depression"}),
        ("F4310", {"ptsd"}),
        ("PTSD (chronic)", {"ptsd"}),
        ("Post-traumatic stress disorder", {"ptsd"}),
        ("Estrés postraumático", {"ptsd"}),
        ("estrés post-traumático", {"ptsd"}),
        ("TEPT", {"ptsd"}),
        ("head trauma", set()),
        ("post-traumatic headache", set()),
        ("F43.2", set()),
        ("chronic pain", {"pain"}),
        ("Dolor crónico", {"pain"}),
        ("G89.4", {"pain"}),
        ("chest pain", set()),
        ("paintings", set()),
        ("anxiety", {"anxiety"}),
        ("trastorno de ansiedad", {"anxiety"}),
        ("GAD", {"anxiety"}),
        ("F41.1", {"anxiety"}),
        ("alcohol use disorder", {"alcohol"}),
        ("AUD", {"alcohol"}),
        ("F10.20", {"alcohol"}),
        ("mixed anxiety and depression", {"anxiety", "depression"}),
        ("XF32", set()),
        ("I10", set()),
        ("", set()),
        ("😀\x00" + "x" * 10_000, set()),
    ],
)
def test_conditions_are_recognised(written: str, meant: set[str]) -> None:
    assert conditions_of(written) == meant


@given(st.text())
def test_any_words_are_read(written: str) -> None:
    assert conditions_of(written) <= set(CONDITIONS)
    classes().of(written)


# Medicines and visits


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ((), ["for-opioids", "plain"]),
        (("OxyContin 10 mg",), ["for-opioids", "plain"]),
        (("Zzyzx",), ["for-opioids", "plain"]),
        (("Adderall XR 20 mg", "Zzyzx"), ["for-opioids", "plain"]),
        (("Adderall XR 20 mg",), ["plain"]),
        (("none",), ["plain"]),
        (("Ninguna",), ["plain"]),
    ],
)
def test_rule_of_medicines(given: tuple[str, ...], left: list[str]) -> None:
    whole = invented(section("for-opioids", medicines=("opioid",)), section("plain"))
    assert kept(whole, medicines=given) == left


@pytest.mark.parametrize(
    ("visit_type", "left"),
    [
        (None, ["first", "later", "both"]),
        ("nasal", ["first", "later", "both"]),
        ("first-infusion", ["first", "both"]),
        ("Primera infusión", ["first", "both"]),
        ("later-infusion", ["later", "both"]),
        ("follow-up", ["later", "both"]),
    ],
)
def test_rule_of_visits(visit_type: str | None, left: list[str]) -> None:
    whole = invented(
        section("first", visits=("first",)),
        section("later", visits=("later",)),
        section("both", visits=("first", "later")),
    )
    assert kept(whole, visit_type=visit_type) == left


def test_visit_that_is_both_is_not_known() -> None:
    assert which_visit("first-later") is None


def test_all_rules_have_to_suit() -> None:
    whole = invented(section("narrow", routes=("nasal",), visits=("first",)), section("plain"))
    assert kept(whole, route="nasal", visit_type="later-visit") == ["plain"]
    assert kept(whole, route="nasal") == ["narrow", "plain"]
    assert kept(whole, route="infusion", visit_type="first-visit") == ["plain"]


# What is asked for


def test_topic_is_left_out_as_asked() -> None:
    for word in ("spiritual", " Spiritual "):
        found = tailored("how-ketamine-works", exclude=(word,))
        assert "spiritual" not in slugs(found)
        assert "spiritual" not in found.handout.summary
        assert why(found, "spiritual") == "left out as asked: spiritual"


def test_asked_for_is_kept_against_its_rule() -> None:
    found = tailored(SUBJECT_FOR, conditions=("PTSD",), include=("Pain",))
    assert slugs(found)[:2] == ["ptsd", "pain"]
    assert why(found, "pain") == "asked for"
    assert "anxiety" not in slugs(found)


def test_choice_of_a_topic() -> None:
    model = shipped("your-treatment-day").sections[0]
    first, second = model.choices
    whole = invented(replace(model, choices=(replace(first, for_whom=ForWhom(topic="prayer")), second)))
    found = tailor(whole, patient(exclude=("prayer",)), classes())
    assert found.handout.sections[0].choices == (second,)
    assert kept(whole) == ["getting-ready"]


@pytest.mark.parametrize("word", ALWAYS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_safety_is_never_left_out(word: str, language: str) -> None:
    for slug in handout_names(library(), language):
        with pytest.raises(RequestError, match="can never be left out") as told:
            tailored(slug, language, exclude=("notes", word.title()))
        assert str(told.value).startswith("today.csv:7: Word 2 under “exclude”")


def test_section_that_carries_a_safety_text_stays() -> None:
    with pytest.raises(RequestError, match="can never be left out"):
        tailored("body-and-experience", exclude=("routes",))


def test_rule_of_a_section_that_stays_is_not_heard() -> None:
    whole = invented(section("plain"), replace(SAFE, slug="second", for_whom=ForWhom(routes=("nasal",))))
    assert kept(whole, route="infusion") == ["plain", "second"]


def test_empty_summary_keeps_what_it_had() -> None:
    whole = invented(section("spray", routes=("nasal",)))
    found = tailor(whole, patient(route="infusion"), classes())
    assert slugs(found) == ["spray", "safe"]
    assert found.handout is whole
    assert why(found, "spray") == (
        "for the nasal spray; this patient has an infusion. Kept: the summary would be empty"
    )
    assert not found.findings


def test_empty_summary_keeps_what_was_not_asked_out() -> None:
    whole = invented(section("spray", routes=("nasal",)), section("spirit", topic="spiritual"))
    found = tailor(whole, patient(route="infusion", exclude=("spiritual",)), classes())
    assert slugs(found) == ["spray", "safe"]
    alone = tailor(invented(section("spirit", topic="spiritual")), patient(exclude=("spiritual",)), classes())
    assert slugs(alone) == ["spirit", "safe"]
    assert [clash.problem for clash in alone.findings] == [
        "What was to be left out is all that the summary of “invented” has, so it was kept"
    ]


def test_excluded_subject_does_not_count_as_a_match() -> None:
    found = tailored(SUBJECT_FOR, conditions=("PTSD",), exclude=("ptsd",))
    assert slugs(found)[:3] == ["pain", "anxiety", "alcohol"]
    assert why(found, "pain").endswith("all kept")


# Which handouts


def test_handouts_of_a_row() -> None:
    kit = ("your-treatment-day", "spiritual", "biological")
    assert handouts_for(patient(), kit, vocabulary()) == kit
    asked = patient(exclude=("spiritual",), include=("Questions and words", "biological"))
    assert handouts_for(asked, kit, vocabulary()) == ("your-treatment-day", "biological", "questions-and-words")
    with_section = patient(include=("ride_card",))
    assert handouts_for(with_section, kit, vocabulary()) == kit


def refused(**facts: Any) -> str:
    with pytest.raises(HandoutError) as told:
        handouts_for(patient(**facts), ("your-treatment-day", "spiritual"), vocabulary())
    return str(told.value)


def test_unknown_words_are_told_by_their_place() -> None:
    told = refused(exclude=("notes", "spiritul"), include=("Hope Placeholder",))
    assert told.splitlines()[0].startswith("today.csv:7: Word 1 under “include” names no handout, section or topic.")
    assert "Word 2 under “exclude” names no handout, section or topic. Did you mean “spiritual”?" in told
    assert "Hope" not in told


@pytest.mark.parametrize("typed", ["ptds", "alcoholl", "painn", "anxity", "ketamine-for-depresion", "depression"])
def test_guess_never_tells_a_condition(typed: str) -> None:
    told = refused(exclude=(typed,))
    assert not any(word in told.lower() for word in ("ptsd", "alcohol", "pain", "anxiety", "depres"))


def test_row_that_contradicts_itself() -> None:
    assert "Word 1 under “include” is word 2 under “exclude” too" in refused(include=("diary",), exclude=("", "Diary"))


def test_section_that_is_in_none_of_the_handouts() -> None:
    told = refused(include=("bladder",))
    assert "in none of the handouts of this row. Add one that has it: safety-and-side-effects." in told
    assert "other-conditions" not in refused(include=("alcohol",))


def test_row_without_a_handout() -> None:
    assert "Every handout of this row is left out" in refused(exclude=("your-treatment-day", "spiritual"))


def test_all_problems_of_a_row_at_once() -> None:
    with pytest.raises(SeveralErrors) as told:
        handouts_for(patient(exclude=("safety", "nonsense"), include=("bladder",)), ("spiritual",), vocabulary())
    assert len(told.value.errors) == 3
    assert all(isinstance(error, RequestError) and error.where == ROW for error in told.value.errors)


# Findings


def findings(clinic: Clinic | None = None, **facts: Any) -> tuple[Clash, ...]:
    return clashes(patient(**facts), clinic or house().clinic, classes())


def test_two_sets_of_times_are_a_finding() -> None:
    (clash,) = findings()
    assert clash.problem == (
        "The route is not known, and the clinic’s times for ketamine and esketamine differ: "
        "no food before: 8 or 2 hours; no drink before: 2 or 0.5 hours"
    )
    assert "Write the route" in clash.remedy
    assert all(findings(route=route) == () for route in ROUTES)


def test_driving_rules_that_differ(small_clinic: Path) -> None:
    write(small_clinic, {"clinic.toml": CLINIC_TOML + PROTOCOL})
    (clash,) = findings(load_clinic(small_clinic))
    assert "stay after: 4 or 2 hours; no driving after: 36 or 24 hours" in clash.problem


def test_same_times_and_no_times_are_no_finding(small_clinic: Path) -> None:
    assert findings(load_clinic(small_clinic)) == ()
    same = PROTOCOL.partition("[protocol.ketamine]")[0] + "".join(
        f"[protocol.{drug}]\nno_driving_hours = 24\n" for drug in ("ketamine", "esketamine")
    )
    write(small_clinic, {"clinic.toml": CLINIC_TOML + same})
    assert findings(load_clinic(small_clinic)) == ()


@pytest.mark.parametrize(
    ("medicine", "safety"),
    [
        ("Xanax 0.5 mg at night", {"medicines-sedating", "medicines-blunting"}),
        ("hydrocodone/acetaminophen 5-325", {"medicines-sedating"}),
        ("zolpidem", {"medicines-sedating"}),
        ("METILFENIDATO", {"medicines-blood-pressure"}),
        ("Nardil", {"medicines-blood-pressure"}),
        ("Lamictal", {"medicines-blunting"}),
        ("Theophylline ER", {"medicines-seizure"}),
        ("fluticasone 50 mcg nasal spray", {"other-nasal-sprays"}),
        ("Afrin", {"other-nasal-sprays"}),
    ],
)
def test_medicines_and_their_reasons(medicine: str, safety: set[str]) -> None:
    found = classes().of(medicine)
    assert {reason.safety for known in found for reason in known.reasons} == safety


def test_medicine_that_needs_a_conversation() -> None:
    (clash,) = findings(route="nasal", medicines=("none", "Xanax 0.5 mg"))
    assert clash.problem == "Medicine 2 of the row needs a conversation before the dose"
    assert "(medicines-sedating)" in clash.detail
    assert "A sudden stop can be dangerous." in clash.detail
    assert "benzo" not in clash.problem + clash.remedy


def test_reason_for_one_drug_is_not_a_finding_for_the_other() -> None:
    assert len(findings(route="infusion", medicines=("theophylline",))) == 1
    assert findings(route="nasal", medicines=("theophylline",)) == ()
    assert len(findings(route="nasal", medicines=("Flonase",))) == 1
    assert findings(route="infusion", medicines=("Flonase",)) == ()


def test_what_we_do_not_know_is_told_by_its_place() -> None:
    told = findings(route="nasal", medicines=("Lamictal", "Zzyzx"), conditions=("PTSD", "a wobbly elbow"))
    assert [clash.problem for clash in told] == [
        "Condition 2 of the row is not one that our papers know: nothing was tailored for it",
        "Medicine 1 of the row needs a conversation before the dose",
        "Medicine 2 of the row is not known to us: nothing was tailored for it",
    ]


def test_nothing_personal_is_told() -> None:
    facts = {"conditions": ("a wobbly elbow", "PTSD"), "medicines": ("Zzyzx", "Xanax", "oxycodone")}
    told = "".join(clash.problem + clash.remedy for clash in findings(**facts))
    for slug in handout_names(library(), "en"):
        told += "".join(decision.why for decision in tailored(slug, **facts).decisions)
    assert not any(secret in told for secret in SECRETS)


# The texts that we ship


@pytest.mark.parametrize("slug", handout_names(load_library(sample_clinic()), "en"))
def test_languages_have_the_same_rules(slug: str) -> None:
    def rules(language: str) -> list[object]:
        return [
            (part.slug, part.for_whom, [choice.for_whom for choice in part.choices])
            for part in shipped(slug, language).sections
        ]

    assert rules("en") == rules("es")


def test_ours_say_for_whom_they_are() -> None:
    sections = {part.slug: part for slug in handout_names(library(), "en") for part in shipped(slug).sections}
    ruled = {slug for slug, part in sections.items() if part.for_whom or any(row.for_whom for row in part.choices)}
    assert ruled == {*SUBJECTS, "depression-studies", "spiritual", "getting-ready"}


def test_rules_are_no_words() -> None:
    """A signature and a translation are of the words: they stay as they are when a rule is added."""
    for slug in ("your-treatment-day", SUBJECT_FOR, "spiritual"):
        whole = shipped(slug)
        bare = tuple(
            replace(part, for_whom=None, choices=tuple(replace(choice, for_whom=None) for choice in part.choices))
            for part in whole.sections
        )
        assert bare != whole.sections
        assert list(said(whole)) == list(said(replace(whole, sections=bare)))


VARIANTS: tuple[dict[str, Any], ...] = (
    {"route": "nasal", "conditions": ("PTSD",), "exclude": ("spiritual",)},
    {"route": "infusion", "conditions": ("pain", "alcohol")},
    {"route": "lozenge", "conditions": ("anxiety",), "exclude": ("notes", "diary")},
    {"conditions": ("MDD",), "exclude": ("glossary", "ride-card")},
)


@pytest.mark.parametrize("facts", VARIANTS)
@pytest.mark.parametrize("slug", handout_names(load_library(sample_clinic()), "en"))
def test_tailored_papers_can_be_printed_in_both_languages(slug: str, facts: dict[str, Any]) -> None:
    texts = []
    for language in ("en", "es"):
        found = tailored(slug, language, **facts).handout
        home = house(language)
        review = review_of(shipped(slug, language), home)
        for form in FORMATS.values():
            compose(found, home, form, LETTER, review)
        assert [part.slug for part in found.sections if part.slug in ALWAYS] == ALWAYS
        texts.append(found)
    assert paired(*texts).summary_sections


def test_tailored_languages_stand_side_by_side() -> None:
    left, right = (
        Reviewed(
            tailored(SUBJECT_FOR, language, conditions=("PTSD",)).handout,
            house(language),
            review_of(shipped(SUBJECT_FOR, language), house(language)),
        )
        for language in ("en", "es")
    )
    html = compose_side_by_side(left, right, FULL_BILINGUAL, LETTER).html
    assert "Stress after trauma (PTSD)" in html
    assert "Long-lasting pain" not in html


def test_tailored_handout_travels_to_a_worker() -> None:
    found = tailored("your-treatment-day", route="nasal")
    assert pickle.loads(pickle.dumps(found)) == found
    assert pickle.loads(pickle.dumps(classes())) == classes()


def test_class_is_in_the_ledger_and_named_once() -> None:
    names = yaml.safe_load((bundled_root() / "content" / "medicines.yaml").read_text(encoding="utf-8"))["classes"]
    for row in names:
        lowered = [name.casefold() for name in row["names"]]
        assert len(set(lowered)) == len(lowered), row["id"]
    assert all(known.reasons for known in classes().classes)
    for known in classes().classes:
        for row in (row for row in names if row["id"] == known.id):
            assert all(known in classes().of(name) for name in row["names"])


@settings(max_examples=60)
@given(
    route=st.sampled_from([None, *ROUTES]),
    conditions=st.lists(st.sampled_from(["PTSD", "pain", "AUD", "GAD", "MDD", "a wobbly elbow"]), max_size=3),
    exclude=st.lists(st.sampled_from(["spiritual", "notes", "ptsd", "pain", "anxiety", "alcohol"]), max_size=6),
    slug=st.sampled_from(handout_names(load_library(sample_clinic()), "en")),
)
def test_safety_survives_everything(route: Any, conditions: list[str], exclude: list[str], slug: str) -> None:
    whole = shipped(slug)
    found = tailored(slug, route=route, conditions=tuple(conditions), exclude=tuple(exclude))
    assert [part for part in whole.sections if part.always_stays] == [
        part for part in found.handout.sections if part.always_stays
    ]
    summary = found.handout.summary_sections
    assert any(part.kind == "safety" for part in summary)
    assert any(not part.always_stays for part in summary)
    assert [part.slug for part in whole.sections if part.slug in slugs(found)] == slugs(found)


# Writing `for:`


def block(folder: Path, text: str, **files: str) -> Section:
    write(folder, {"content/en/blocks/typed.md": text, **files})
    return load_section(load_library(folder), "typed", "en", ROW)


def with_for(rule: str) -> str:
    return BLOCK.replace("icon: square\n", f"icon: square\nfor: {rule}\n")


def test_for_whom_is_read(small_clinic: Path) -> None:
    rule = "{routes: [nasal], conditions: [ptsd], medicines: [opioid], visits: [first], topic: spiritual}"
    found = block(small_clinic, with_for(rule))
    assert found.for_whom == ForWhom(("nasal",), ("ptsd",), ("opioid",), ("first",), "spiritual")
    choices = "choices:\n  - {title: One, icon: square, text: It., for: {routes: [nasal]}}\n"
    found = block(small_clinic, BLOCK.replace("kind: text\n", f"kind: text\n{choices}"))
    assert found.for_whom is None
    assert found.choices[0].for_whom == ForWhom(routes=("nasal",))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (with_for("{routes: [nose]}"), "“for.routes.1” is 'nose'"),
        (with_for("{routes: []}"), "“for.routes” is []"),
        (with_for("{conditions: [sadness]}"), "“for.conditions.1” is 'sadness'"),
        (with_for("{visits: [second]}"), "“for.visits.1” is 'second'"),
        (with_for("{route: [nasal]}"), "“for.route” is not known here. Did you mean “routes”?"),
        (with_for("{topic: In spirit}"), "“for.topic” is 'In spirit'"),
        (with_for("{medicines: [opioids]}"), "There is no class of medicines “opioids”. Did you mean “opioid”?"),
        (SAFETY.replace("icon: square\n", "icon: square\nfor: {routes: [nasal]}\n"), "are for everybody"),
    ],
)
def test_mistakes_of_writers(text: str, told: str, small_clinic: Path) -> None:
    with pytest.raises(ContentError) as error:
        block(small_clinic, text)
    assert told in str(error.value)
    assert error.value.where is not None
    assert error.value.where.line in (4, 5)


CLASSES = "classes:\n- {id: calming, title: a calmer, safety: [take-care], names: [Calmerol]}\n"
MEDICINES = "content/medicines.yaml"


def test_clinic_has_its_own_classes(small_clinic: Path) -> None:
    found = block(small_clinic, with_for("{medicines: [calming]}"), **{MEDICINES: CLASSES})
    assert found.for_whom == ForWhom(medicines=("calming",))
    (known,) = load_medicines(load_library(small_clinic)).classes
    assert [reason.text for reason in known.reasons] == ["Take care."]


def test_our_classes_beside_a_ledger_of_the_clinic(small_clinic: Path) -> None:
    assert SAFETY_TEXTS.count("id:") == 1
    found = load_medicines(load_library(small_clinic))
    assert found.of("Xanax")
    assert not any(known.reasons for known in found.classes)
    (clash,) = clashes(patient(route="nasal", medicines=("Xanax",)), load_clinic(small_clinic), found)
    assert clash.problem.startswith("Medicine 1 of the row is not known to us")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (CLASSES + CLASSES.partition("\n")[2], "The class “calming” stands here twice"),
        (CLASSES.replace("take-care", "take-car"), "no safety text “take-car”. Did you mean “take-care”?"),
        (CLASSES.replace("[Calmerol]", "[]"), "“classes.1.names” is []"),
        ("classes: []\n", "“classes” is []"),
    ],
)
def test_mistakes_in_the_list_of_medicines(text: str, told: str, small_clinic: Path) -> None:
    write(small_clinic, {MEDICINES: text})
    with pytest.raises(ContentError) as error:
        load_medicines(load_library(small_clinic))
    assert told in str(error.value)
    assert str(error.value).startswith("clinic/content/medicines.yaml:")
