"""A clinic's own rules: said in words, asked for by their key, and never looser than the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handouts.clinic import Clinic, load_clinic
from handouts.errors import ClinicError, HandoutError, Origin
from handouts.evidence import Floor, Ledger, load_ledger
from handouts.formats import FULL, LETTER
from handouts.furniture import Furniture, load_furniture
from handouts.library import bundled_root, sample_clinic
from handouts.pipeline import Order, prepare
from handouts.protocol import BLANKS, looser_than_allowed, rule_in_words
from tests.command import contents, run
from tests.small_clinic import BLOCK, CLINIC_TOML, PROTOCOL, write, write_small_clinic

TODAY = date(2026, 11, 22)
BUNDLED = bundled_root()
SAMPLE = {
    "no food before ketamine": "8 hours",
    "no drink before ketamine": "2 hours",
    "stay after ketamine": "2 hours",
    "no driving after ketamine": "24 hours",
    "no food before esketamine": "2 hours",
    "no drink before esketamine": "30 minutes",
    "stay after esketamine": "2 hours",
    "no driving after esketamine": "24 hours",
    "no driving": "24 hours",
    "stay": "2 hours",
    "after hours": "(555) 010-0143, any time",
    "who takes you home": "an adult you know",
    "protocol approved by": "Dr. Ada Example, medical director (invented)",
    "protocol in force from": "Feb 1, 2026",
}
NUMBERS = {"no_food_hours": 8, "no_drink_hours": 3, "stay_hours": 4, "no_driving_hours": 36}


@pytest.fixture(scope="module")
def sample() -> Clinic:
    return load_clinic(sample_clinic())


@pytest.fixture(scope="module")
def furniture(sample: Clinic) -> Furniture:
    return load_furniture(sample.library, "en")


@pytest.fixture(scope="module")
def ledger(sample: Clinic) -> Ledger:
    return load_ledger(sample.library)


def with_rules(folder: Path, rules: str) -> Clinic:
    """The small clinic with these lines at the end of its clinic.toml."""
    return load_clinic(write(folder, {"clinic.toml": CLINIC_TOML + rules}))


def without(key: str) -> str:
    """The rules without one key, such as `ketamine.stay_hours`."""
    name = key.rpartition(".")[2]
    before, header, after = PROTOCOL.partition(f"[protocol.{key.partition('.')[0]}]" if "." in key else "[protocol]")
    left = re.sub(rf"^{name} = .*\n", "", after, count=1, flags=re.MULTILINE)
    assert left != after
    return before + header + left


def line_of(words: str, text: str, after: int = 0) -> int:
    """The first line, after so many, that begins with these words."""
    return next(at for at, line in enumerate(text.split("\n"), start=1) if at > after and line.startswith(words))


# In words


def test_every_blank_of_the_sample_clinic(sample: Clinic, furniture: Furniture) -> None:
    said = {blank: rule_in_words(sample, furniture, blank, TODAY) for blank in BLANKS}
    assert said == SAMPLE


@pytest.mark.parametrize(
    ("hours", "said"),
    [(0.5, "30 minutes"), (0.75, "45 minutes"), (1, "1 hour"), (1.5, "90 minutes"), (2, "2 hours"), (168, "168 hours")],
)
def test_a_time_in_words(hours: float, said: str, small_clinic: Path, furniture: Furniture) -> None:
    clinic = with_rules(small_clinic, PROTOCOL.replace("no_drink_hours = 3", f"no_drink_hours = {hours}"))
    assert rule_in_words(clinic, furniture, "no drink before ketamine", TODAY) == said


@pytest.mark.parametrize(("who", "said"), [("adult", "an adult you know"), ("driver", "a driver who is not you")])
def test_who_takes_a_patient_home(who: str, said: str, small_clinic: Path, furniture: Furniture) -> None:
    clinic = with_rules(small_clinic, PROTOCOL.replace('leaves_with = "adult"', f'leaves_with = "{who}"'))
    assert rule_in_words(clinic, furniture, "who takes you home", TODAY) == said


@pytest.mark.parametrize(
    ("medicine", "hours", "said"),
    [("ketamine", 24, "30 hours"), ("ketamine", 36, "36 hours"), ("esketamine", 48, "48 hours")],
)
def test_one_wait_for_both_medicines_is_the_longer(
    medicine: str, hours: int, said: str, small_clinic: Path, furniture: Furniture
) -> None:
    rules = PROTOCOL.replace("no_driving_hours = 36", "no_driving_hours = 30")
    rules = rules.replace("no_driving_hours = 24", "no_driving_hours = 30")
    before, header, after = rules.partition(f"[protocol.{medicine}]")
    after = after.replace("no_driving_hours = 30", f"no_driving_hours = {hours}", 1)
    clinic = with_rules(small_clinic, before + header + after)
    assert rule_in_words(clinic, furniture, "no driving", TODAY) == said


@pytest.mark.parametrize("medicine", ["ketamine", "esketamine"])
def test_one_wait_for_both_medicines_needs_both(medicine: str, small_clinic: Path, furniture: Furniture) -> None:
    clinic = with_rules(small_clinic, without(f"{medicine}.no_driving_hours"))
    with pytest.raises(ClinicError, match=rf"`protocol\.{medicine}\.no_driving_hours`"):
        rule_in_words(clinic, furniture, "no driving", TODAY)


def test_rules_are_printed_where_a_text_asks_for_them(small_clinic: Path) -> None:
    with_rules(small_clinic, PROTOCOL.replace("Dr. Test,", "Dr. <b>Test</b> & Sons,"))
    asked = ". ".join(f"{blank.upper()}: (({blank}))" for blank in BLANKS)
    write(small_clinic, {"content/en/blocks/small-block.md": BLOCK.replace("Some text", asked)})
    html = prepare(Order("small", FULL, "en", LETTER), load_clinic(small_clinic), TODAY).html
    html = html.replace("\N{NO-BREAK SPACE}", " ")
    assert "STAY AFTER KETAMINE: 4 hours." in html
    assert "NO FOOD BEFORE ESKETAMINE: 5 hours." in html
    assert "NO DRINK BEFORE ESKETAMINE: 30 minutes." in html
    assert "NO DRIVING AFTER KETAMINE: 36 hours." in html
    assert "AFTER HOURS: (555) 010-0911, any time." in html
    assert "APPROVED BY: Dr. &lt;b&gt;Test&lt;/b&gt; &amp; Sons, medical director." in html
    assert "((" not in html


# What is missing


def text_that_asks_for(folder: Path, blank: str) -> None:
    write(folder, {"content/en/blocks/small-block.md": BLOCK.replace("Some text", f"It is (({blank}))")})


@pytest.mark.parametrize(
    ("blank", "key"), [(blank, key) for blank, key in BLANKS.items() if not key.startswith(("approved_by", "in_force"))]
)
def test_a_rule_that_is_missing_is_asked_for_by_its_key(blank: str, key: str, small_clinic: Path, desk: Path) -> None:
    rules = CLINIC_TOML + without(key)
    write(small_clinic, {"clinic.toml": rules})
    text_that_asks_for(small_clinic, blank)
    outcome = run("render", "small", "--clinic", small_clinic)
    table = f"[protocol.{key.partition('.')[0]}]" if "." in key else "[protocol]"
    assert outcome.code == 1
    assert outcome.message.startswith(f"clinic/clinic.toml:{line_of(table, rules)}: ")
    assert f"`protocol.{key}`" in outcome.message
    assert "There is no default" in outcome.message
    assert not (desk / "output").exists()


@pytest.mark.parametrize("blank", BLANKS)
def test_a_clinic_without_rules_prints_no_text_that_needs_one(blank: str, small_clinic: Path, desk: Path) -> None:
    text_that_asks_for(small_clinic, blank)
    outcome = run("render", "small", "--clinic", small_clinic)
    assert outcome.code == 1
    assert outcome.message.startswith("clinic/clinic.toml: ")
    assert f"`protocol.{BLANKS[blank]}`" in outcome.message
    assert not (desk / "output").exists()


def test_a_clinic_without_rules_prints_what_needs_none(small_clinic: Path) -> None:
    assert run("render", "small", "--clinic", small_clinic).code == 0


def test_all_missing_rules_are_told_at_once(small_clinic: Path) -> None:
    text_that_asks_for(small_clinic, "stay after ketamine)), ((no food before ketamine")
    outcome = run("render", "small", "--clinic", small_clinic)
    assert [re.findall(r"`(.*?)`", line)[0] for line in outcome.err.splitlines()] == [
        "protocol.ketamine.stay_hours",
        "protocol.ketamine.no_food_hours",
    ]


# From when they hold


@pytest.mark.parametrize(("today", "printed"), [(date(2026, 1, 31), False), (date(2026, 2, 1), True)])
def test_rules_hold_from_their_day_on(today: date, printed: bool, small_clinic: Path) -> None:
    clinic = with_rules(small_clinic, PROTOCOL)
    text_that_asks_for(small_clinic, "stay after ketamine")
    order = Order("small", FULL, "en", LETTER)
    if printed:
        assert "It is 4 hours" in prepare(order, clinic, today).html.replace("\xa0", " ")
        return
    with pytest.raises(ClinicError) as caught:
        prepare(order, clinic, today)
    line = line_of("in_force_from", CLINIC_TOML + PROTOCOL)
    assert str(caught.value).startswith(f"clinic/clinic.toml:{line}: ")
    assert "only from 2026-02-01" in str(caught.value)
    assert "in_force_from" in caught.value.remedy


# Floors


def floors(ledger: Ledger, kind: str) -> list[Floor]:
    found = [floor for floor in ledger.floors if bool(floor.one_of) == (kind == "words")]
    assert found
    return found


def told(folder: Path, ledger: Ledger, key: str, value: str) -> list[HandoutError]:
    """What is said of the rules with another value for a key."""
    table, _, name = key.rpartition(".")
    rules = f"[protocol.{table}]" if table else "[protocol]"
    before, header, after = PROTOCOL.partition(rules)
    changed, times = re.subn(rf"^{name} = .*$", f"{name} = {value}", after, count=1, flags=re.MULTILINE)
    assert times == 1
    return list(looser_than_allowed(with_rules(folder, before + header + changed), ledger))


def test_every_rule_about_safety_has_a_floor(ledger: Ledger) -> None:
    rules = {f"{medicine}.{name}" for medicine in ("ketamine", "esketamine") for name in NUMBERS}
    assert {floor.key for floor in ledger.floors} == rules | {"leaves_with"}


def test_every_floor_stands_on_a_safety_text_with_sources(ledger: Ledger) -> None:
    for floor in ledger.floors:
        assert ledger.safety[floor.safety].sources, floor


def test_the_sample_clinic_is_strict_enough(sample: Clinic, ledger: Ledger) -> None:
    assert list(looser_than_allowed(sample, ledger)) == []


def test_one_step_looser_is_refused(small_clinic: Path, ledger: Ledger) -> None:
    for floor in floors(ledger, "numbers"):
        assert floor.at_least is not None
        (error,) = told(small_clinic, ledger, floor.key, f"{floor.at_least - 0.01:.2f}")
        text = (small_clinic / "clinic.toml").read_text(encoding="utf-8")
        table, _, name = floor.key.rpartition(".")
        line = line_of(name, text, after=line_of(f"[protocol.{table}]", text))
        assert error.where == Origin(small_clinic / "clinic.toml", line)
        assert f"`protocol.{floor.key}` is {floor.at_least - 0.01:g}, looser than the ledger allows" in str(error)
        assert f"{floor.at_least:g} or more" in error.remedy
        names_its_source(error, floor, ledger)


def names_its_source(error: HandoutError, floor: Floor, ledger: Ledger) -> None:
    text = ledger.safety[floor.safety]
    assert floor.safety in error.problem
    assert text.text.split(".")[0] in error.problem
    assert all(ledger.sources[key].short in error.problem for key in text.sources)


def test_exactly_at_the_floor_is_allowed(small_clinic: Path, ledger: Ledger) -> None:
    for floor in floors(ledger, "numbers"):
        assert told(small_clinic, ledger, floor.key, f"{floor.at_least:g}") == []
    for floor in floors(ledger, "words"):
        for word in floor.one_of:
            assert told(small_clinic, ledger, floor.key, f'"{word}"') == []


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_any_number_is_judged_by_its_floor(small_clinic: Path, ledger: Ledger, data: st.DataObject) -> None:
    floor = data.draw(st.sampled_from(floors(ledger, "numbers")))
    hours = data.draw(st.floats(0.01, 168) | st.integers(1, 168))
    assert floor.at_least is not None
    assert len(told(small_clinic, ledger, floor.key, str(hours))) == (hours < floor.at_least)


@pytest.mark.parametrize("value", ["0", "-1", "169", "nan", "inf", '"eight"', "true", "[8]", "2026-01-01"])
def test_what_is_no_number_of_hours(value: str, small_clinic: Path, ledger: Ledger) -> None:
    with pytest.raises(ClinicError, match=r"clinic\.toml:\d+: “protocol\.ketamine\.stay_hours”"):
        told(small_clinic, ledger, "ketamine.stay_hours", value)


@pytest.mark.parametrize("day", ["0", "20260201", "1.5", '"soon"', "12:00:00", "2026-02-30"])
def test_what_is_no_day(day: str, small_clinic: Path) -> None:
    rules = PROTOCOL.replace("in_force_from = 2026-02-01", f"in_force_from = {day}")
    with pytest.raises(ClinicError) as caught:
        with_rules(small_clinic, rules)
    assert caught.value.where == Origin(small_clinic / "clinic.toml", line_of("in_force_from", CLINIC_TOML + rules))


def test_nobody_leaves_alone(small_clinic: Path, ledger: Ledger) -> None:
    (error,) = told(small_clinic, ledger, "leaves_with", '"alone"')
    text = (small_clinic / "clinic.toml").read_text(encoding="utf-8")
    assert error.where == Origin(small_clinic / "clinic.toml", line_of("leaves_with", text))
    assert "“alone”" in error.problem
    assert "“adult” or “driver”" in error.remedy
    (floor,) = floors(ledger, "words")
    names_its_source(error, floor, ledger)


def test_all_loose_rules_stop_the_paper_at_once(small_clinic: Path, desk: Path) -> None:
    """Also where the handout prints none of them: a clinic with such rules prints nothing."""
    loose = PROTOCOL.replace('"adult"', '"alone"').replace("stay_hours = 4", "stay_hours = 1.5")
    write(small_clinic, {"clinic.toml": CLINIC_TOML + loose})
    outcome = run("render", "small", "--clinic", small_clinic)
    assert outcome.code == 1
    assert sorted(re.findall(r"`(protocol\.[\w.]+)`", outcome.err)) == [
        "protocol.ketamine.stay_hours",
        "protocol.leaves_with",
    ]
    assert contents(desk / "output") == {}


def test_a_floor_of_the_clinics_own_ledger(small_clinic: Path) -> None:
    write(small_clinic, {"content/ledger/floors.yaml": FLOORS})
    ledger = load_ledger(load_clinic(small_clinic).library)
    assert told(small_clinic, ledger, "ketamine.stay_hours", "12") == []
    (error,) = told(small_clinic, ledger, "ketamine.stay_hours", "11.5")
    assert "“Take care.” (safety text take-care; Person 2020)" in error.problem


FLOORS = "floors:\n- {key: ketamine.stay_hours, at_least: 12, safety: take-care}\n"


# No text has a rule of its own

ONES = {"one": "1", "an": "1", "two": "2", "three": "3", "four": "4", "six": "6", "eight": "8", "twelve": "12"}
TIME = re.compile(rf"(?<![\w-])(\d+(?:\.\d+)?|half an|{'|'.join(ONES)})[ -](hour|minute)s?\b", re.IGNORECASE)


def times(text: str) -> set[str]:
    """Every time that a text names, such as `2 hour`."""
    return {f"{ONES.get(found[1].lower(), found[1].lower())} {found[2].lower()}" for found in TIME.finditer(text)}


def lines_of_texts() -> Iterator[tuple[str, str]]:
    for path in sorted((BUNDLED / "content" / "en").rglob("*.md")):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
            yield f"{path.relative_to(BUNDLED)}:{number}", line


def test_times_are_found() -> None:
    assert times("Stay at least two hours, or 30 minutes, or a 24-hour day.") == {"2 hour", "30 minute", "24 hour"}
    assert times("It works in hours. ((stay after ketamine)) Open 24 days.") == set()


def test_no_template_names_a_time() -> None:
    for path in (BUNDLED / "templates").rglob("*.html"):
        assert times(path.read_text(encoding="utf-8")) == set(), path


def test_no_text_names_a_time_that_the_ledger_does_not(ledger: Ledger) -> None:
    """A time in a text is a fact with a source. What differs from clinic to clinic is a blank."""
    said = {name: text.text for name, text in ledger.safety.items()}
    said |= {claim.id: claim.evidence_says for claim in ledger.claims.values()}
    said |= {f"correction:{claim}": text for claim, text in ledger.corrections.items()}
    named = 0
    for place, line in lines_of_texts():
        cited = [name for found in re.findall(r"\[@([^\]]*)\]", line) for name in re.split(r"\s*;\s*@?", found)]
        cited += re.findall(r"^ {2}([\w-]+): ", line)  # the clinic's own wording of a safety text, below `texts:`
        known = set[str]().union(*(times(said.get(name, "")) for name in cited))
        assert times(line) <= known, f"{place} names {times(line) - known}, which what it cites does not say"
        named += len(times(line))
    assert named, "no time was found"


def test_no_text_names_a_time_where_the_clinic_has_a_rule(ledger: Ledger) -> None:
    """The number of the ledger would stand against that of a clinic whose rule is stricter: a blank stands there."""
    ruled = {floor.safety for floor in ledger.floors}
    wrong = [
        f"{place}: {', '.join(sorted(times(sentence)))}"
        for place, line in lines_of_texts()
        for sentence in re.split(r"(?<=[.!?\]])\s+(?=[A-Z*(])", line)
        if times(sentence) and ruled & set(re.findall(r"[\w:-]+", "".join(re.findall(r"\[@[^\]]*\]", sentence))))
    ]
    assert not wrong, "\n".join(wrong)


def test_no_rule_is_filled_without_the_clinic(furniture: Furniture, small_clinic: Path) -> None:
    clinic = load_clinic(small_clinic)
    for blank in BLANKS:
        with pytest.raises(ClinicError):
            rule_in_words(clinic, furniture, blank, TODAY)


def test_small_clinic_with_rules_is_well(tmp_path: Path, ledger: Ledger) -> None:
    """Else the cases above would fail for another reason than their own."""
    clinic = with_rules(write_small_clinic(tmp_path / "clinic"), PROTOCOL)
    assert list(looser_than_allowed(clinic, ledger)) == []
    assert {name: getattr(clinic.protocol.ketamine, name) for name in NUMBERS} == NUMBERS  # type: ignore[union-attr]
