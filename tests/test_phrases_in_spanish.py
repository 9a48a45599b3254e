"""The ledger's rules for phrases in Spanish: each catches what it has to, and lets the rest pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from handouts.checking.claims import phrases
from handouts.errors import ContentError
from handouts.evidence import LintRule, load_lint
from tests.manuscripts import house_of, passage, rules, sample_house
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
