"""The ledger's rules for phrases in Spanish: each catches what it has to, and lets the rest pass."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from handouts.checking.claims import phrases, required_parts
from handouts.checking.manuscript import manuscript
from handouts.content import handout_names, load_handout
from handouts.errors import ContentError
from handouts.evidence import LintRule, RequiredPart, load_lint
from handouts.formats import FULL, SUMMARY
from handouts.house import load_house
from tests.manuscripts import TODAY, house_of, paper_of, passage, rules, sample_house
from tests.small_clinic import write

LIBRARY = sample_house().clinic.library
LINT = load_lint(LIBRARY, "es")
RULES = [pytest.param(rule, id=rule.id) for rule in LINT.rules]
BAD = [pytest.param(rule, text, id=f"{rule.id}: {text}") for rule in LINT.rules for text in rule.bad]
GOOD = [pytest.param(rule, text, id=f"{rule.id}: {text}") for rule in LINT.rules for text in rule.good]
# Honest sentences that stand close to what is forbidden.
HONEST = """
    La ketamina puede tener efectos secundarios y riesgos.
    No ayuda a todos.
    Muchas veces la mejoría se pierde.
    La FDA no aprobó la ketamina para la salud mental.
    No deje ni cambie una medicina por su cuenta.
    El 988 es la Línea de Prevención del Suicidio y Crisis de EE. UU.
    Llame al 911 de inmediato si no mejora o no despierta.
    El personal estará pendiente de usted hasta que pueda irse sin peligro.
    Algunas personas se sienten mejor en un día.
    No se sabe si dura.
    Quizás sienta que se desconecta de su cuerpo.
    Los médicos llaman disociación a esto.
    Esta hoja no reemplaza el consejo de su profesional de salud.
    Puede preguntar todo lo que quiera.
    Descanse, tome agua y deje para mañana las decisiones grandes.
    En ratones, la ketamina ayudó a formar conexiones nuevas.
    El cuidado de la clínica incluye medir la presión arterial.
    El personal le dirá cuándo puede irse.
    Díganos si está embarazada o da el pecho.
    ¿Es segura la ketamina para mí?
"""


def as_written(text: str) -> str:
    return text.replace("[cited]", "[@not-everyone]")


def caught(text: str) -> set[str]:
    return rules(phrases([passage(as_written(text))], LINT))


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_examples_of_its_own(rule: LintRule) -> None:
    english = next(row for row in load_lint(LIBRARY).rules if row.id == rule.id)
    assert len(rule.bad) >= 2 and len(rule.good) >= 2
    assert not {*rule.bad, *rule.good} & {*english.bad, *english.good}
    assert (rule.severity, rule.scope, rule.why) == (english.severity, english.scope, english.why)


def test_each_rule_of_the_ledger_has_one_pattern() -> None:
    assert [rule.id for rule in LINT.rules] == [rule.id for rule in load_lint(LIBRARY).rules]


@pytest.mark.parametrize(("rule", "text"), BAD)
def test_bad_example_is_caught(rule: LintRule, text: str) -> None:
    found = [finding for finding in phrases([passage(as_written(text))], LINT) if finding.rule == rule.id]
    assert len(found) == 1
    assert found[0].severity == {"error": "error", "warn": "warning"}[rule.severity]
    assert found[0].remedy == rule.suggest


@pytest.mark.parametrize(("rule", "text"), GOOD)
def test_good_example_passes(rule: LintRule, text: str) -> None:
    assert rule.id not in caught(text)


@pytest.mark.parametrize("text", [text.strip() for text in HONEST.strip().splitlines()])
def test_honest_sentence_passes_all_rules(text: str) -> None:
    assert caught(text) == set()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("LA KETAMINA PUEDE CURARLO.", "cure"),
        ("Despídete de tu depresión.", "cure"),
        ("La **cura** que usted busca.", "cure"),
        ("Adios a la depresion.", "cure"),
        ("Te garantizamos resultados.", "guarantee"),
        ("No solo cura, también previene.", "cure"),
        ("Es un metodo revolucionario y magico.", "hype-words"),
        ("Puedes dejar tus pastillas.", "stop-or-replace-medicine"),
        ("La infusión trata a pacientes con ansiedad.", "unapproved-condition-claim"),
        ("Hasta un 70 % de las personas mejora.", "success-rate"),
        ("Las terapias son seguras y efectivas.", "safe-and-effective"),
        ("“Tenía miedo todo el día. La ketamina me dio paz.”", "testimonial-quote"),
    ],
)
def test_accents_gender_number_and_tu(text: str, rule: str) -> None:
    assert rule in caught(text)


def test_quotes_are_paired() -> None:
    """What stands between two quoted words is not quoted."""
    assert "testimonial-quote" not in caught("Diga “pare” si algo le da miedo; para mí, esa es la palabra, o “ya”.")


def test_a_good_sentence_does_not_excuse_the_next() -> None:
    found = phrases([passage("La ketamina no es una cura. Puede curarlo. No es la cura.")], LINT)
    assert [row.problem.partition(":")[0] for row in found if row.rule == "cure"] == ["“Puede curarlo.”"]


# Parts that must be there

ENGLISH = load_lint(LIBRARY)
CONDITIONAL = [pytest.param(part, id=part.id) for part in ENGLISH.required if part.when != "always" and part.texts]
KETAMINE, ESKETAMINE = {"need-off-label"}, {"need-two-hours-esketamine", "need-boxed-warning-esketamine"}
COMPOUNDED = {"need-compounded-notice"}


def lacking(said: str) -> set[str]:
    """What a Spanish paper with these words lacks of what is not always asked for."""
    paper = paper_of(passage(said))
    paper = replace(paper, handout=replace(paper.handout, edition=replace(paper.handout.edition, language="es")))
    return rules(required_parts(paper, LINT)) & {row.values[0].id for row in CONDITIONAL}


def test_each_part_that_a_text_can_be_is_asked_for_in_spanish() -> None:
    assert {part.id for part in LINT.required} == {part.id for part in ENGLISH.required if part.texts}
    assert sorted(ENGLISH.ids - LINT.ids) == ["need-date", "need-sources"]


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("La ketamina ayuda a algunas personas.", KETAMINE),
        ("KETAMINA", KETAMINE),
        ("La esketamina se da en la clínica.", ESKETAMINE),
        ("Spravato es un aerosol.", ESKETAMINE),
        ("La ketamina y la esketamina.", KETAMINE | ESKETAMINE),
        ("Un aerosol mezclado por una farmacia.", COMPOUNDED),
        ("La que prepara una farmacia.", COMPOUNDED),
        ("Pastillas para chupar.", COMPOUNDED),
        ("Una pastilla para chupar.", COMPOUNDED),
        ("Una fórmula compuesta.", COMPOUNDED),
        ("Prepare su casa. Vaya después a la farmacia de siempre, si quiere.", set()),
        ("Se siente mejor.", set()),
    ],
)
def test_what_a_spanish_paper_speaks_of_decides_what_it_must_say(said: str, parts: set[str]) -> None:
    assert lacking(said) == parts


@pytest.mark.parametrize("part", CONDITIONAL)
def test_cited_text_is_the_part(part: RequiredPart) -> None:
    said = "La ketamina, la esketamina, las pastillas para chupar."
    assert part.id in lacking(said)
    assert all(part.id not in lacking(f"{said}[@{text}]") for text in part.texts)


@pytest.mark.parametrize("slug", handout_names(LIBRARY, "en"))
def test_what_the_english_must_say_the_spanish_must_say(slug: str) -> None:
    """A part that is due in a handout of ours is due in its translation."""
    spanish = load_house(sample_house().clinic, "es", TODAY)
    for form in (FULL, SUMMARY):
        there = manuscript(load_handout(LIBRARY, slug, "en"), form, sample_house()).whole
        here = manuscript(load_handout(LIBRARY, slug, "es"), form, spanish).whole
        for english in (row.values[0] for row in CONDITIONAL):
            mine = next(part for part in LINT.required if part.id == english.id)
            due = [bool(re.search(part.when, said, re.IGNORECASE)) for part, said in ((english, there), (mine, here))]
            assert due[0] <= due[1], f"{slug} ({form.name}): {english.id}"


def test_unknown_rule_is_refused_with_its_line(small_clinic: Path) -> None:
    text = (
        "phrases:\n"
        "- {id: cure, pattern: cura, suggest: No., bad: [Cura.], good: [Ayuda.]}\n"
        "- id: curre\n"
        "  pattern: cura\n"
        "  suggest: No.\n"
        "  bad: [Cura.]\n"
        "  good: [Ayuda.]\n"
    )
    write(small_clinic, {"content/es/lint.yaml": text})
    with pytest.raises(ContentError, match="There is no rule “curre”") as refused:
        load_lint(house_of(small_clinic).clinic.library, "es")
    assert refused.value.where is not None
    assert (refused.value.where.path.name, refused.value.where.line) == ("lint.yaml", 3)
    assert "cure" in refused.value.remedy
