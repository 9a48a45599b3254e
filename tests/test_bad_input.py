"""Bad input gets a clear answer and nothing is lost: one message that says what, where and what to do.

Each case spoils one thing in a small clinic's folder and asks for its handout. The old paper has to stay.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from handouts.library import bundled_root
from tests.command import OLD, Outcome, contents, run
from tests.small_clinic import ABOUT, BLOCK, CLINIC_TOML, HANDOUT, LOGO, PROTOCOL, SAFETY, write

PAPERS = ("small-full-en.pdf", "small-summary-en.pdf")
SECRET = "root:x:0:0"
FURNITURE = (bundled_root() / "content" / "en" / "furniture.yaml").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Case:
    """What is spoilt, where the message must point, and words it must hold: what is wrong, what to do."""

    name: str
    files: dict[str, str | bytes]
    where: str
    words: tuple[str, ...]
    arguments: tuple[str, ...] = ("small",)
    spoil: Callable[[Path], None] | None = field(default=None)


def toml(old: str, new: str) -> dict[str, str | bytes]:
    return {"clinic.toml": _changed(CLINIC_TOML, old, new)}


def rules(old: str, new: str) -> dict[str, str | bytes]:
    """The clinic's own rules with one thing changed, the first time it stands there."""
    assert old in PROTOCOL
    return {"clinic.toml": CLINIC_TOML + PROTOCOL.replace(old, new, 1)}


def block(old: str, new: str) -> dict[str, str | bytes]:
    return {"content/en/blocks/small-block.md": _changed(BLOCK, old, new)}


def handout(old: str, new: str) -> dict[str, str | bytes]:
    return {"content/en/handouts/small.md": _changed(HANDOUT, old, new)}


def template(text: str) -> dict[str, str | bytes]:
    return {"templates/full.html": '{% extends "small.html" %}\n{% block more %}\n' + text + "\n{% endblock %}\n"}


def css(text: str) -> dict[str, str | bytes]:
    return {"styles/clinic.css": text}


def _changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


def a_link_for_the_logo(clinic: Path) -> None:
    (clinic / "assets" / "logo.svg").unlink()
    (clinic / "assets" / "logo.svg").symlink_to("/etc/passwd")


def a_link_in_the_assets(clinic: Path) -> None:
    (clinic / "assets" / "harmless.svg").symlink_to("/etc/passwd")


def a_link_for_a_template(clinic: Path) -> None:
    (clinic / "templates" / "linked.html").symlink_to("/etc/passwd")


def a_link_for_a_block(clinic: Path) -> None:
    path = clinic / "content" / "en" / "blocks" / "small-block.md"
    path.unlink()
    path.symlink_to("/etc/passwd")


TOML, FULL = "clinic/clinic.toml", "clinic/templates/full.html"
CLINIC_CSS = "clinic/styles/clinic.css"
BLOCK_MD, HANDOUT_MD = "clinic/content/en/blocks/small-block.md", "clinic/content/en/handouts/small.md"
LONG = "This is a long sentence that does not want to end, and it goes on and on, over the page. " * 80

CASES = (
    # What was asked for
    Case("unknown handout", {}, "", ("“smal”", "Did you mean “small”?"), ("smal",)),
    Case("unknown language", {}, "", ("language “em”", "There is: en"), ("small", "--language", "em")),
    Case("language that climbs", {}, "", ("language “./en”",), ("small", "--language", "./en")),
    Case("handout that climbs", {}, "", ("no handout “../handouts/small”",), ("../handouts/small",)),
    Case("handout with a very long name", {}, "", ("There is no handout",), ("x" * 5000,)),
    # clinic.toml
    Case("broken TOML", toml('"Test Clinic"', "Test Clinic"), f"{TOML}:2: ", ("not valid TOML", "quotes")),
    Case("TOML without an end", {"clinic.toml": '[clinic]\nname = "x'}, f"{TOML}:2: ", ("not valid TOML",)),
    Case("TOML nested too deeply", {"clinic.toml": "a = " + "[" * 5000}, f"{TOML}:1: ", ("too deeply",)),
    Case(
        "TOML with an endless number",
        {"clinic.toml": "a = " + "9" * 5000},
        f"{TOML}:1: ",
        ("not valid TOML",),
    ),
    Case("settings that are not text", {"clinic.toml": b"[clinic]\nname = '\xff'"}, f"{TOML}:2: ", ("UTF-8",)),
    Case(
        "unknown key in a table",
        toml("crisis =", "crissis ="),
        f"{TOML}:3: ",
        ("“clinic.crissis” is not known", "Did you mean “crisis”?"),
    ),
    Case(
        "unknown key in a list of tables",
        toml('phone = "(555) 010-0100"', 'phone = "(555) 010-0100"\nadress = "x"'),
        f"{TOML}:9: ",
        ("“locations.1.adress” is not known", "Did you mean “address”?"),
    ),
    Case(
        "unknown key among the rules",
        rules("stay_hours = 4", "stay_hour = 4"),
        f"{TOML}:27: ",
        ("“protocol.ketamine.stay_hour” is not known", "Did you mean “stay_hours”?"),
    ),
    Case(
        "unknown medicine",
        rules("[protocol.ketamine]", "[protocol.ketamin]"),
        f"{TOML}:24: ",
        ("“protocol.ketamin” is not known", "Did you mean “ketamine”?"),
    ),
    Case(
        "rules that nobody approved",
        rules('approved_by = "Dr. Test, medical director"\n', ""),
        f"{TOML}:17: ",
        ("“protocol.approved_by” is missing", "Add it"),
    ),
    Case(
        "rules approved by an empty name",
        rules("Dr. Test, medical director", " "),
        f"{TOML}:18: ",
        ("“protocol.approved_by”",),
    ),
    Case(
        "rule in words",
        rules("stay_hours = 4", 'stay_hours = "four hours"'),
        f"{TOML}:27: ",
        ("“protocol.ketamine.stay_hours”", "four hours", "number"),
    ),
    Case(
        "day that is none",
        rules("in_force_from = 2026-02-01", 'in_force_from = "next week"'),
        f"{TOML}:20: ",
        ("“protocol.in_force_from”", "next week"),
    ),
    Case(
        "somebody else takes the patient home",
        rules('"adult"', '"friend"'),
        f"{TOML}:22: ",
        ("“protocol.leaves_with”", "friend", "'adult'", "'driver'"),
    ),
    Case("patient who leaves alone", rules('"adult"', '"alone"'), f"{TOML}:22: ", ("looser", "ride-home", "driver")),
    Case(
        "rule that is too loose",
        rules("no_driving_hours = 36", "no_driving_hours = 12"),
        f"{TOML}:28: ",
        ("`protocol.ketamine.no_driving_hours` is 12", "24 or more", "no-driving"),
    ),
    Case(
        "rules not yet in force",
        rules("2026-02-01", "2099-02-01") | block("((clinic phone))", "((after hours))"),
        f"{TOML}:20: ",
        ("in force only from 2099-02-01", "Wait"),
    ),
    Case(
        "rule that the clinic has not",
        block("((clinic phone))", "((stay after ketamine))"),
        f"{TOML}: ",
        ("`protocol.ketamine.stay_hours`", "medical director"),
    ),
    Case("missing key", toml('phone = "(555) 010-0100"\n', ""), f"{TOML}:5: ", ("phone” is missing", "Add it")),
    Case("empty name", toml('"Test Clinic"', '" "'), f"{TOML}:2: ", ("clinic.name",)),
    Case("wrong colour", toml("#0f5c63", "teal"), f"{TOML}:15: ", ("“teal” is not a color", "#0f5c63")),
    Case("colour with signs for digits", toml("#0f5c63", "#+1+1+1"), f"{TOML}:15: ", ("is not a color",)),
    Case(
        "unknown font",
        {"clinic.toml": CLINIC_TOML + '\n[brand.fonts]\ntext = "Frances"\n'},
        f"{TOML}:",
        ("font “Frances” is not installed", "Did you mean “Fraunces”?", "pip install fontpkg-"),
    ),
    # The logo
    Case(
        "missing logo",
        toml('"logo.svg"', '"lgo.svg"'),
        f"{TOML}:12: ",
        ("“lgo.svg” is not there", "assets/lgo.svg"),
    ),
    Case(
        "logo that is text",
        {**toml('"logo.svg"', '"logo.png"'), "assets/logo.png": "I am not a picture"},
        f"{TOML}:12: ",
        ("logo.png", "not a whole PNG", "Save it"),
    ),
    Case(
        "logo of another kind",
        {**toml('"logo.svg"', '"logo.gif"'), "assets/logo.gif": "GIF89a"},
        f"{TOML}:12: ",
        ("neither SVG nor PNG",),
    ),
    Case("SVG logo that is text", {"assets/logo.svg": "hello"}, "clinic/assets/logo.svg:1: ", ("not an SVG",)),
    Case(
        "SVG logo that is a web page",
        {"assets/logo.svg": "<html/>"},
        "clinic/assets/logo.svg:1: ",
        ("not an SVG",),
    ),
    *(
        Case(
            f"SVG logo that refers to {what}",
            {"assets/logo.svg": LOGO.replace("<path", f"\n{inside}<path")},
            "clinic/assets/logo.svg:2: ",
            ("outside it", "embedded"),
        )
        for what, inside in (
            ("a file", '<image href="/etc/passwd" width="9" height="9"/>'),
            ("a file by its address", '<image href="file:///etc/passwd" width="9" height="9"/>'),
            ("another drawing", '<use href="file:///etc/passwd#x"/>'),
            ("the network", '<image href="http://192.0.2.1/x.png" width="9" height="9"/>'),
            ("the network in its style", "<style>@import 'http://192.0.2.1/x.css';</style>"),
            ("the network as a ground", '<path style="fill: url(http://192.0.2.1/x#y)"/>'),
        )
    ),
    Case(
        "SVG logo with an entity from a file",
        {
            "assets/logo.svg": f'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n{LOGO[:-7]}<text>&x;</text></svg>'
        },
        "clinic/assets/logo.svg:2: ",
        ("not an SVG",),
    ),
    Case(
        "logo that is a link",
        {},
        "clinic/assets/logo.svg: ",
        ("link", "Put the file"),
        spoil=a_link_for_the_logo,
    ),
    # What a writer writes
    Case(
        "broken YAML front matter",
        block("kind: text", "kind: [text"),
        f"{BLOCK_MD}:",
        ("not valid YAML", "stands in quotes"),
    ),
    Case(
        "front matter without an end",
        block("---\nSome", "Some"),
        f"{BLOCK_MD}:1: ",
        ("front matter is missing",),
    ),
    Case(
        "no front matter",
        {"content/en/handouts/small.md": "# Hello\n"},
        f"{HANDOUT_MD}:1: ",
        ("---", "title:"),
    ),
    Case("control character", block("kind: text", "kind: \x01"), f"{BLOCK_MD}:3: ", ("not valid YAML",)),
    Case("day that does not exist", handout("2026-11-22", "2026-13-22"), f"{HANDOUT_MD}:10: ", ("2026-13-22",)),
    Case("odd tag", block("kind: text", "kind: !!int ''"), f"{BLOCK_MD}:3: ", ("cannot be read",)),
    Case("key written twice", block("icon:", "kind: text\nicon:"), f"{BLOCK_MD}:4: ", ("“kind”", "twice")),
    Case("unknown key", block("kind:", "keypoint: x\nkind:"), f"{BLOCK_MD}:3: ", ("“key_point”",)),
    Case("unknown kind", block("kind: text", "kind: test"), f"{BLOCK_MD}:3: ", ("'test'", "'text'")),
    Case(
        "unknown block",
        handout("sections: [small-block, small-safety]", "sections: [small-block, small-safety, other]"),
        f"{HANDOUT_MD}:12: ",
        ("no building block “other”",),
    ),
    Case(
        "unknown claim",
        block("((clinic phone)).[@small-claim]", "((clinic phone)).[@smal-claim]"),
        f"{BLOCK_MD}:7: ",
        ("“smal-claim”", "Did you mean “small-claim”?"),
    ),
    Case(
        "claim to be left out",
        block("((clinic phone)).[@small-claim]", "((clinic phone)).[@left-out]"),
        f"{BLOCK_MD}:7: ",
        ("leave out", "Nobody has shown that"),
    ),
    Case(
        "unknown blank",
        block("((clinic phone))", "((clinic fone))"),
        f"{BLOCK_MD}:7: ",
        ("((clinic fone))", "Did you mean “clinic phone”?"),
    ),
    Case(
        "missing picture",
        block("figure:square", "figure:sqare"),
        f"{BLOCK_MD}:9: ",
        ("no picture “sqare”", "Did you mean “square”?"),
    ),
    Case(
        "blank that does not end",
        block("((clinic phone))", "((clinic phone)"),
        f"{BLOCK_MD}:7: ",
        ("“((” stands alone", "((clinic phone))"),
    ),
    Case(
        "citation that does not end",
        block("phone)).[@small-claim]", "phone)).[@small-claim"),
        f"{BLOCK_MD}:7: ",
        ("“[@”",),
    ),
    Case(
        "blank in a title",
        handout("A small handout", "Call ((clinic phone))"),
        f"{HANDOUT_MD}:2: ",
        ("“title”", "blank"),
    ),
    Case("citation in alternative text", block("![A square.]", "![A square.[@x]]"), f"{BLOCK_MD}:9: ", ("caption",)),
    Case("picture without words", block("![A square.]", "![]"), f"{BLOCK_MD}:9: ", ("alternative text",)),
    Case(
        "picture from elsewhere",
        block("figure:square", "/etc/passwd"),
        f"{BLOCK_MD}:9: ",
        ("cannot be read",),
    ),
    Case(
        "picture among the welcome",
        handout("Hello", '![A](figure:square "A")\n\nHello'),
        f"{HANDOUT_MD}:15: ",
        ("opening",),
    ),
    Case(
        "people without numbers",
        block("figure:square", "people:square"),
        f"{BLOCK_MD}:9: ",
        ("people:square has no numbers",),
    ),
    Case("heading too deep", block("Some text", "#### Deep\n\nSome text"), f"{BLOCK_MD}:7: ", ("level 4",)),
    Case(
        "summary of a block without a key point",
        block("key_point: This is the key point.[@small-claim]\n", ""),
        f"{BLOCK_MD}",
        ("key_point",),
    ),
    Case(
        "missing safety text",
        {
            "content/en/blocks/small-safety.md": _changed(
                SAFETY, "groups:\n  - title: Always\n    items: [take-care]\n", ""
            )
        },
        HANDOUT_MD,
        ("take-care", "groups:"),
    ),
    Case(
        "broken ledger",
        {"content/ledger/safety.yaml": "safety:\n- id: 'x\n"},
        "clinic/content/ledger/safety.yaml:",
        ("not valid YAML",),
    ),
    Case(
        "ledger without the source",
        {
            "content/ledger/sources.yaml": "sources: []\n",
            "content/ledger/claims.yaml": "claims: []\n",
            "content/ledger/about.yaml": ABOUT,
        },
        "clinic/content/ledger/safety.yaml:",
        ("small-study",),
    ),
    Case(
        "floor without a number",
        {"content/ledger/floors.yaml": "floors:\n- {key: ketamine.stay_hours, at_least: two, safety: take-care}\n"},
        "clinic/content/ledger/floors.yaml:2: ",
        ("“floors.1.at_least”", "two"),
    ),
    Case(
        "floor for a rule that is not there",
        {
            "clinic.toml": CLINIC_TOML + PROTOCOL,
            "content/ledger/floors.yaml": "floors:\n- {key: ketamine.stay_hour, at_least: 2, safety: take-care}\n",
        },
        "clinic/content/ledger/floors.yaml",
        ("`protocol.ketamine.stay_hour`", "Did you mean “ketamine.stay_hours”?"),
    ),
    Case(
        "page furniture without words for a ride",
        {"content/en/furniture.yaml": FURNITURE.replace("  driver: a driver who is not you\n", "")},
        "clinic/content/en/furniture.yaml:",
        ("driver", "missing"),
    ),
    Case(
        "page furniture with a pattern of its own",
        {"content/en/furniture.yaml": FURNITURE.replace('hours: "{count} hours"', 'hours: "{number} hours"')},
        "clinic/content/en/furniture.yaml:",
        ("“hours”", "{count}"),
    ),
    Case(
        "block that is a link",
        {},
        f"{BLOCK_MD}: ",
        ("link", "Put the file"),
        spoil=a_link_for_a_block,
    ),
    Case(
        "text that runs over",
        block("This is the key point.", LONG),
        HANDOUT_MD,
        ("runs over its one page by ", " lines, from the section “A small block” on", "Shorten"),
        ("small", "--format", "summary"),
    ),
    # Templates
    Case("template that does not end", template("{% if %}"), f"{FULL}:3: ", ("cannot be read", "Mend")),
    Case("undefined name", template("{{ handuot.title }}"), f"{FULL}:3: ", ("handuot", "Check the name")),
    Case("undefined attribute", template("{{ handout.titel }}"), f"{FULL}:3: ", ("titel", "Check the name")),
    Case("division by zero", template("{{ 1/0 }}"), f"{FULL}:3: ", ("division by zero", "Mend")),
    Case("words that are added to a number", template("{{ 1 + 'a' }}"), f"{FULL}:3: ", ("unsupported operand",)),
    Case(
        "a call without what it needs",
        template("{{ scribe.prose() }}"),
        f"{FULL}:3: ",
        ("missing 1 required",),
    ),
    Case("a call with the wrong thing", template("{{ scribe.prose(none) }}"), f"{FULL}:3: ", ("html",)),
    Case("unknown filter", template("{{ 1 | shout }}"), f"{FULL}:3: ", ("shout",)),
    Case(
        "unknown filter in a branch",
        template("{% if true %}{{ 1 | shout }}{% endif %}"),
        f"{FULL}:3: ",
        ("shout",),
    ),
    Case("missing include", template('{% include "smal.html" %}'), f"{FULL}:3: ", ("smal.html", "“small.html”")),
    Case("template from elsewhere", template('{% include "/etc/passwd" %}'), f"{FULL}:3: ", ("no template",)),
    Case(
        "template that includes itself",
        template('{% include "full.html" %}'),
        "clinic/templates/",
        ("itself",),
    ),
    Case(
        "template that extends itself",
        {"templates/full.html": '{% extends "full.html" %}'},
        FULL,
        ("itself",),
    ),
    Case(
        "macro that calls itself",
        template("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
        f"{FULL}:3: ",
        ("itself",),
    ),
    Case(
        "endless loop",
        template("{% for x in range(10 ** 9) %}x{% endfor %}"),
        f"{FULL}:3: ",
        ("Range too big",),
    ),
    Case("template that is not text", {"templates/full.html": b"\n\xff"}, f"{FULL}:2: ", ("UTF-8",)),
    Case(
        "template that is a link",
        template('{% include "linked.html" %}'),
        "clinic/templates/linked.html: ",
        ("link", "Put the file"),
        spoil=a_link_for_a_template,
    ),
    Case(
        "template that opens a file",
        template("{{ handout.origin.path.parent.joinpath('/etc/passwd').read_text() }}"),
        f"{FULL}:3: ",
        ("parent", "unsafe"),
    ),
    Case(
        "template that digs in Python",
        template("{{ ''.__class__.__mro__[1].__subclasses__() }}"),
        f"{FULL}:3: ",
        ("__class__", "unsafe"),
    ),
    # Styles, and files from elsewhere
    Case("style that hides text", css("h2 { display: none }"), HANDOUT_MD, ("letters lost", "hides text")),
    Case(
        "text beyond the edge", css("p { margin-left: 210mm; white-space: nowrap }"), HANDOUT_MD, ("cut off", "page 1")
    ),
    Case("style with a fault", css("p { colour: red }"), f"{CLINIC_CSS}:1: ", ("colour", "Mend")),
    Case(
        "style that is not text",
        css("") | {"styles/clinic.css": b"p {}\n\xff"},
        "clinic/styles/clinic.css:2: ",
        ("UTF-8",),
    ),
    *(
        Case(f"{what} from {address}", css(text % address), f"{CLINIC_CSS}:1: ", (address, "assets/"))
        for address in ("file:///etc/passwd", "http://192.0.2.1/x")
        for what, text in (
            ("ground", "body { background: url(%s) }"),
            ("font", "@font-face { font-family: X; src: url(%s) } p { font-family: X }"),
            ("list sign", "li { list-style-image: url(%s) }"),
            ("words", "p::before { content: url(%s) }"),
            ("colour profile", "@color-profile --x { src: url(%s) } p { color: color(--x 0 0 0) }"),
        )
    ),
    *(
        Case(
            f"{what} from {address}",
            {
                "templates/full.html": '{% extends "small.html" %}\n{% block head %}\n'
                + (text % address)
                + "\n{% endblock %}"
            },
            HANDOUT_MD,
            (address, "assets/"),
        )
        for address in ("file:///etc/passwd", "http://192.0.2.1/x")
        for what, text in (
            ("attachment", "<link rel=attachment href=%s>"),
            ("style", "<link rel=stylesheet href=%s>"),
            ("imported style", "<style>@import '%s';</style>"),
            ("picture", "<img src=%s alt=x>"),
            ("object", "<object data=%s></object>"),
            ("embedded thing", "<embed src=%s>"),
        )
    ),
    Case(
        "attached link",
        template("<a rel=attachment href=file:///etc/passwd>x</a>"),
        HANDOUT_MD,
        ("file:///etc/passwd", "assets/"),
    ),
    Case(
        "link in the assets",
        template('<img alt="x" src="{{ \'../assets/harmless.svg\' }}">'),
        HANDOUT_MD,
        ("harmless.svg", "assets/"),
        spoil=a_link_in_the_assets,
    ),
    Case(
        "unknown style of ours",
        {"styles/full.css": '@import "bundled:nothing.css";\n'},
        "",
        ("nothing.css",),
    ),
)


@pytest.fixture
def output(desk: Path) -> Path:
    folder = desk / "output"
    write(folder, dict.fromkeys(PAPERS, OLD))
    return folder


def render(clinic: Path, *arguments: str) -> Outcome:
    return run("render", *arguments, "--clinic", clinic.name)


def test_the_small_clinic_is_well(small_clinic: Path, output: Path) -> None:
    """Else every case below would fail for another reason than its own."""
    for form, name in zip(("full", "summary"), PAPERS, strict=True):
        outcome = render(small_clinic, "small", "--format", form)
        assert (outcome.code, outcome.err) == (0, "")
        assert outcome.out == f"output/{name}\n"
    assert sorted(contents(output)) == sorted(PAPERS)
    assert all(content.startswith(b"%PDF-") for content in contents(output).values())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name[:60])
def test_bad_input(case: Case, small_clinic: Path, output: Path) -> None:
    write(small_clinic, case.files)
    if case.spoil:
        case.spoil(small_clinic)
    before = contents(output)
    outcome = render(small_clinic, *case.arguments)
    message = outcome.message
    assert outcome.code == 1
    assert outcome.out == ""
    assert message.startswith(case.where), message
    for words in case.words:
        assert words in message, message
    assert SECRET not in message
    assert contents(output) == before


def test_a_cycle_of_imports_comes_to_an_end(small_clinic: Path, output: Path) -> None:
    a, b = (small_clinic / "styles" / name for name in ("a.css", "b.css"))
    write(
        small_clinic,
        {
            "styles/a.css": f"@import '{b.as_uri()}';",
            "styles/b.css": f"@import '{a.as_uri()}';",
            "templates/full.html": '{% extends "small.html" %}{% block head %}<link rel="stylesheet" href="'
            + a.as_uri()
            + '">{% endblock %}',
        },
    )
    before = contents(output)
    outcome = render(small_clinic, "small")
    assert outcome.code == 1
    assert "/clinic/styles/" in outcome.message
    assert contents(output) == before


def test_all_faults_of_a_file_are_told_at_once(small_clinic: Path, output: Path) -> None:
    write(small_clinic, {"clinic.toml": CLINIC_TOML.replace("crisis", "crissis").replace("#0f5c63", "teal")})
    outcome = render(small_clinic, "small")
    assert outcome.code == 1
    assert [line.partition(": ")[0] for line in outcome.err.splitlines()] == [f"{TOML}:3", f"{TOML}:15"]


def test_one_fault_of_two_handouts_is_told_once(small_clinic: Path, output: Path) -> None:
    write(small_clinic, {"content/en/handouts/other.md": HANDOUT, **block("kind: text", "kind: test")})
    outcome = render(small_clinic, "small", "other")
    assert outcome.code == 1
    fault, nothing = outcome.err.splitlines()
    assert fault.startswith(f"{BLOCK_MD}:3: ")
    assert nothing == "Nothing was printed."


def test_one_bad_handout_of_two_prints_neither(small_clinic: Path, output: Path) -> None:
    before = contents(output)
    outcome = render(small_clinic, "small", "smal")
    assert outcome.code == 1
    assert outcome.out == ""
    assert contents(output) == before


# Wrong orders: what somebody in a hurry types


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("render small --al", ("No such option", "--all")),
        ("render --all small", ("Name handouts, or ask for --all; not both",)),
        ("render --all=yes", ("--all",)),
        ("render --all --format brochure", ("'brochure'", "summary")),
        ("render small --jobs", ("--jobs",)),
        ("render small --jobs 0", ("--jobs", "0")),
        ("render small --jobs -2", ("--jobs", "-2")),
        ("render small --jobs two", ("--jobs", "two")),
        ("render small --past-reviews", ("No such option", "--past-review")),
        ("render --past-review", ("Which handout?", "small")),
        ("render --jobs 2", ("Which handout?", "small")),
        ("sign-off", ("HANDOUT",)),
        ("sign-off small", ("--by",)),
        ("sign-off small --by", ("--by",)),
        ("sign-off small other --by NAME", ("other",)),
        ("sign-off small --by NAME --next-review tomorrow", ("tomorrow", "%Y-%m-%d")),
        ("sign-off small --by NAME --next-review 11/22/2027", ("11/22/2027", "%Y-%m-%d")),
        ("sign-off small --by NAME --next-review 2027-13-01", ("2027-13-01", "%Y-%m-%d")),
        ("sign-off small --by NAME --on 2026-11-22", ("No such option", "--on")),
        ("signoff small --by NAME", ("No such command",)),
        ("sign small --by NAME", ("No such command",)),
        ("check small --page", ("No such option", "--pages")),
        ("check small --format summary", ("No such option", "--format")),
    ],
)
def test_wrong_order(typed: str, words: tuple[str, ...], small_clinic: Path, output: Path, desk: Path) -> None:
    """A wrong option says which one, and nothing happens."""
    command, *rest = typed.split()
    before = contents(desk)
    outcome = run(command, *(() if "sign" in command and command != "sign-off" else ("--clinic", "clinic")), *rest)
    assert outcome.code == 2, outcome
    assert outcome.out == ""
    for word in words:
        assert word in outcome.err, outcome.err
    assert "Traceback" not in outcome.err
    assert contents(desk) == before


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("render all", ("There is no handout “all”",)),
        ("render past-review", ("There is no handout “past-review”",)),
        ("render small --past-review yes", ("There is no handout “yes”", "Nothing was printed")),
        ("render --all --language em", ("“em”", "There is: en")),
        ("render --all --output -", ("handouts cannot go to standard output together",)),
        ("render --all --output mine.pdf", ("mine.pdf: ", "handouts cannot go into one file", "folder")),
        ("sign-off smal --by NAME", ("There is no handout “smal”", "Did you mean “small”?")),
        ("sign-off small.pdf/ --by NAME", ("There is no handout",)),
        ("sign-off small --by NAME --language em", ("“em”",)),
        ("sign-off clinic.toml --by NAME", ("There is no handout “clinic.toml”",)),
        ("translated smal --language es", ("There is no handout “smal”",)),
        ("translated small --language em", ("“em”",)),
        ("translated --all --language em", ("“em”", "There is: en")),
        ("translated small --language en", ("English is what the others are translated from",)),
        ("translated --all --language en", ("English is what the others are translated from",)),
        ("check smal", ("There is no handout “smal”", "Did you mean “small”?")),
        ("check small smal", ("There is no handout “smal”", "Did you mean “small”?")),
        ("check small --language em", ("“em”",)),
    ],
)
def test_order_that_cannot_be_met(
    typed: str, words: tuple[str, ...], small_clinic: Path, output: Path, desk: Path
) -> None:
    before = contents(desk)
    outcome = run(*typed.split(), "--clinic", "clinic")
    assert outcome.code == 1, outcome
    assert outcome.out == ""
    for word in words:
        assert word in outcome.err, outcome.err
    assert contents(desk) == before


# Where the paper should go


def test_output_that_is_a_folder(small_clinic: Path, output: Path) -> None:
    (output / PAPERS[0]).unlink()
    (output / PAPERS[0]).mkdir()
    outcome = render(small_clinic, "small")
    assert outcome.code == 1
    assert outcome.message.startswith(f"output/{PAPERS[0]}: ")
    assert "is a folder" in outcome.message
    assert list((output / PAPERS[0]).iterdir()) == []


def test_file_asked_for_that_is_a_folder(small_clinic: Path, desk: Path) -> None:
    (desk / "mine.pdf").mkdir()
    outcome = render(small_clinic, "small", "--output", "mine.pdf")
    assert outcome.code == 1
    assert outcome.message.startswith("mine.pdf: ")
    assert "folder" in outcome.message


def test_folder_asked_for_that_is_a_file(small_clinic: Path, desk: Path) -> None:
    write(desk, {"mine": OLD})
    outcome = render(small_clinic, "small", "--output", "mine")
    assert outcome.code == 1
    assert outcome.message.startswith("mine: This is a file, not a folder")
    assert (desk / "mine").read_bytes() == OLD


def test_folder_below_a_file(small_clinic: Path, desk: Path) -> None:
    write(desk, {"mine": OLD})
    outcome = render(small_clinic, "small", "--output", "mine/deeper")
    assert outcome.code == 1
    assert "is a file, not a folder" in outcome.message
    assert (desk / "mine").read_bytes() == OLD


def test_two_handouts_for_one_file(small_clinic: Path, desk: Path) -> None:
    write(small_clinic, {"content/en/handouts/other.md": HANDOUT})
    for output in ("mine.pdf", "-"):
        outcome = render(small_clinic, "small", "other", "--output", output)
        assert outcome.code == 1
        assert "2 handouts cannot go" in outcome.message
    assert not (desk / "mine.pdf").exists()


def test_output_with_an_endless_name(small_clinic: Path) -> None:
    for output in ("x" * 5000, "x" * 5000 + ".pdf"):
        outcome = render(small_clinic, "small", "--output", output)
        assert outcome.code == 1
        assert "cannot be written" in outcome.message


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.EACCES, "no right to write"), (errno.EROFS, "no right to write"), (errno.ENOSPC, "disk is full")],
    ids=errno.errorcode.get,
)
@pytest.mark.parametrize("step", ["tempfile.mkstemp", "os.fsync", "pathlib.Path.replace"])
def test_disk_that_refuses(
    small_clinic: Path, output: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str, step: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    before = contents(output)
    monkeypatch.setattr(step, refuse)
    outcome = render(small_clinic, "small")
    assert outcome.code == 1
    assert outcome.message.startswith(f"output/{PAPERS[0]}: ")
    assert words in outcome.message
    assert contents(output) == before


def test_place_where_nobody_may_write(small_clinic: Path) -> None:
    """`/proc` refuses even the administrator, whom no file's mode stops."""
    outcome = render(small_clinic, "small", "--output", "/proc/1/handouts")
    assert outcome.code == 1
    assert outcome.message.startswith("/proc/1/handouts/small-full-en.pdf: ")


@pytest.fixture
def tiny_disk(desk: Path) -> Iterator[Path]:
    disk = desk / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("no disk can be mounted here; test_disk_that_refuses stands in for it")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def test_disk_that_is_full(small_clinic: Path, tiny_disk: Path) -> None:
    write(tiny_disk, {PAPERS[0]: OLD})
    outcome = render(small_clinic, "small", "--output", str(tiny_disk))
    assert outcome.code == 1
    assert "The disk is full" in outcome.message
    assert contents(tiny_disk) == {PAPERS[0]: OLD}


def test_standard_output_that_is_full(small_clinic: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(
            [
                sys.executable,
                "-c",
                "from handouts.cli import main; main()",
                "render",
                "small",
                "--clinic",
                small_clinic,
                "--output",
                "-",
            ],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert result.returncode == 1
    assert "The disk is full" in result.stderr
    assert len(result.stderr.splitlines()) == 1


# The clinic's folder


def test_folder_without_settings(small_clinic: Path, output: Path) -> None:
    (small_clinic / "clinic.toml").unlink()
    before = contents(output)
    outcome = render(small_clinic, "small")
    assert outcome.code == 1
    assert outcome.message.startswith("clinic: This folder has no clinic.toml")
    assert "Copy one from" in outcome.message
    assert contents(output) == before


def test_folder_that_is_not_there(desk: Path) -> None:
    outcome = run("render", "small", "--clinic", "nowhere")
    assert outcome.code == 1
    assert outcome.message.startswith("nowhere: There is no such clinic folder")


def test_folder_with_an_endless_name() -> None:
    outcome = run("render", "small", "--clinic", "x" * 5000)
    assert outcome.code == 1
    assert "no such clinic folder" in outcome.message


def test_folder_that_is_a_file(small_clinic: Path) -> None:
    outcome = run("render", "small", "--clinic", small_clinic / "clinic.toml")
    assert outcome.code == 1
    assert outcome.message.startswith("clinic/clinic.toml: This is a file, not a clinic folder")
    assert "Name the folder" in outcome.message


@pytest.mark.parametrize(
    "command", ["list", "which x.html", "doctor", "render", "render --all", "check", "sign-off small --by NAME"]
)
def test_every_command_refuses_a_folder_without_settings(command: str, desk: Path) -> None:
    outcome = run(*command.split(), "--clinic", desk)
    assert outcome.code == 1
    assert "no clinic.toml" in outcome.out + outcome.err
