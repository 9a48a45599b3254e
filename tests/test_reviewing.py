"""Who signed a text: exactly that text, until its day, and on every page."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handouts.clinic import load_clinic
from handouts.content import load_handout
from handouts.errors import ClinicError, DeliveryError, RequestError
from handouts.formats import FORMATS, FULL, LETTER, PAPERS
from handouts.handout import Review
from handouts.house import load_house
from handouts.library import bundled_root, sample_clinic
from handouts.pipeline import Order, prepare
from handouts.reviewing import review_of, sign
from tests.command import OLD, contents, run
from tests.small_clinic import (
    BLOCK,
    CLAIMS,
    CLINIC_TOML,
    HANDOUT,
    LOGO,
    PROTOCOL,
    SAFETY,
    SAFETY_TEXTS,
    SOURCES,
    TEMPLATE,
    furniture_fr,
    write,
)

TODAY = date(2026, 11, 22)
NEXT = date(2027, 11, 22)
NAME = "Dr. Ada Example, medical director"
SLUG = "biological"
FURNITURE = (bundled_root() / "content" / "en" / "furniture.yaml").read_text(encoding="utf-8")
BLOCK_MD, HANDOUT_MD = "content/en/blocks/small-block.md", "content/en/handouts/small.md"
SIGNED_SMALL = "sign-offs/small-en.toml"

Files = dict[str, str | bytes]


@pytest.fixture
def mine(desk: Path) -> Path:
    """`mine/`: a copy of the sample clinic, for which somebody can sign."""
    shutil.copytree(sample_clinic(), desk / "mine")
    return desk / "mine"


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """Sets the day it is."""

    def set_day(day: date) -> None:
        monkeypatch.setattr("handouts.cli._today", lambda: day)

    set_day(TODAY)
    return set_day


def state(folder: Path, today: date = TODAY, language: str = "en") -> Review:
    house = load_house(load_clinic(folder), language, today)
    return review_of(load_handout(house.clinic.library, "small", language), house)


def sign_small(folder: Path, by: str = NAME, today: date = TODAY, until: date = NEXT) -> Path:
    house = load_house(load_clinic(folder), "en", today)
    return sign(load_handout(house.clinic.library, "small", "en"), house, by, until)


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{text.count(old)} times: {old}"
    return text.replace(old, new)


# What is written


def test_signature_says_who_when_in_which_language_and_under_what(mine: Path, on: Callable[[date], None]) -> None:
    outcome = run("sign-off", SLUG, "--by", f"  {NAME} ", "--clinic", mine)
    path = mine / "sign-offs" / f"{SLUG}-en.toml"
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == f"Signed by {NAME}, next review 2027-11-22: {path}\n"
    (entry,) = tomllib.loads(path.read_text(encoding="utf-8"))["signed"]
    assert re.fullmatch("[0-9a-f]{64}", entry.pop("text_sha256"))
    assert re.fullmatch(r"[A-Z]+ \d+\.\d+", entry.pop("edition"))
    assert entry == {"by": NAME, "on": TODAY, "next_review": NEXT, "language": "en"}


def test_second_signature_keeps_the_first(mine: Path, on: Callable[[date], None]) -> None:
    path = mine / "sign-offs" / f"{SLUG}-en.toml"
    assert run("sign-off", SLUG, "--by", NAME, "--clinic", mine).code == 0
    path.write_text(f"{path.read_text(encoding='utf-8')}# A note by hand.", encoding="utf-8")
    first = path.read_text(encoding="utf-8")
    on(date(2027, 5, 1))
    outcome = run("sign-off", SLUG, "--by", "Dr. B", "--next-review", "2027-08-01", "--clinic", mine)
    assert outcome.code == 0, outcome.err
    assert path.read_text(encoding="utf-8").startswith(first)
    one, two = tomllib.loads(path.read_text(encoding="utf-8"))["signed"]
    assert (one["by"], one["on"]) == (NAME, TODAY)
    assert (two["by"], two["on"], two["next_review"]) == ("Dr. B", date(2027, 5, 1), date(2027, 8, 1))
    assert one["text_sha256"] == two["text_sha256"], "the text is the same"


def test_without_a_date_a_signature_holds_for_a_year(mine: Path, on: Callable[[date], None]) -> None:
    on(date(2028, 2, 29))
    outcome = run("sign-off", SLUG, "--by", NAME, "--clinic", mine)
    assert "next review 2029-02-28" in outcome.out


def test_name_typed_in_a_hurry(mine: Path, on: Callable[[date], None]) -> None:
    assert run("sign-off", " Biological.md", "--by", NAME, "--clinic", mine).code == 0
    assert list(contents(mine / "sign-offs")) == [f"{SLUG}-en.toml"]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(min_size=1) | st.text('"\\#=[]\n\t\r\x00\x1b\x7f\ud800é', min_size=1))
def test_any_name_is_kept_whole_or_refused(small_clinic: Path, name: str) -> None:
    (small_clinic / SIGNED_SMALL).unlink(missing_ok=True)
    try:
        sign_small(small_clinic, name)
    except RequestError as error:
        assert "name of who signs" in str(error)
        assert not (small_clinic / SIGNED_SMALL).exists()
        return
    review = state(small_clinic)
    assert review.signature is not None
    assert (review.state, review.signature.by) == ("signed", " ".join(name.split()))


# What a signature holds for


def test_nobody_has_signed(small_clinic: Path) -> None:
    assert state(small_clinic) == Review("draft")


def test_signed(small_clinic: Path) -> None:
    sign_small(small_clinic)
    review = state(small_clinic)
    assert review.state == "signed"
    assert review.signature is not None
    assert (review.signature.by, review.signature.on, review.signature.next_review) == (NAME, TODAY, NEXT)
    assert review.signature.language == "en"


MORE_SAFETY = changed(SAFETY_TEXTS.removeprefix("safety:\n"), "must: always", "must: esketamine")
MORE_SAFETY = changed(MORE_SAFETY, "take-care", "more")
PEOPLE = "people:\n  helped: [{count: 3, of: 10, label: got better}]\n---\nSome text"
SWAPPED = ("sections: [small-block, small-safety]", "sections: [small-safety, small-block]")
EDITS: dict[str, tuple[Files, Files]] = {
    "a word in a block": ({}, {BLOCK_MD: changed(BLOCK, "Some text", "Other text")}),
    "a word in a key point": ({}, {BLOCK_MD: changed(BLOCK, "the key point", "a key point")}),
    "the title of a block": ({}, {BLOCK_MD: changed(BLOCK, "A small block", "A short block")}),
    "what a picture is said to show": ({}, {BLOCK_MD: changed(BLOCK, "![A square.]", "![A big square.]")}),
    "a caption": ({}, {BLOCK_MD: changed(BLOCK, "This is a square", "Here is a square")}),
    "what is cited": ({}, {BLOCK_MD: changed(BLOCK, "phone)).[@small-claim]", "phone)).[@take-care]")}),
    "a blank": ({}, {BLOCK_MD: changed(BLOCK, "((clinic phone))", "((crisis line))")}),
    "a word in the handout": ({}, {HANDOUT_MD: changed(HANDOUT, "Hello from", "Welcome to")}),
    "the title of the handout": ({}, {HANDOUT_MD: changed(HANDOUT, "title: A small", "title: A tiny")}),
    "the main message": ({}, {HANDOUT_MD: changed(HANDOUT, "It is small.", "It is tiny.")}),
    "the order of the blocks": (
        {},
        {HANDOUT_MD: changed(HANDOUT, *SWAPPED)},
    ),
    "what the summary takes": (
        {},
        {HANDOUT_MD: changed(HANDOUT, "summary: [small-block, small-safety]", "summary: [small-safety]")},
    ),
    "a word in the short list": (
        {},
        {"content/en/blocks/small-safety.md": changed(SAFETY, "Take care.[", "Take great care.[")},
    ),
    "a line that is known now and was still being learned": (
        {BLOCK_MD: changed(BLOCK, "---\nSome text", "know: [It is small.]\nlearning: [It is quick.]\n---\nSome text")},
        {BLOCK_MD: changed(BLOCK, "---\nSome text", "know: [It is small., It is quick.]\n---\nSome text")},
    ),
    "a number of people": (
        {BLOCK_MD: changed(BLOCK, "---\nSome text", PEOPLE)},
        {BLOCK_MD: changed(BLOCK, "---\nSome text", changed(PEOPLE, "count: 3", "count: 4"))},
    ),
    "a word in a safety text of the ledger": (
        {},
        {"content/ledger/safety.yaml": changed(SAFETY_TEXTS, "text: Take care.", "text: Take great care.")},
    ),
    "how strong the evidence is": (
        {},
        {"content/ledger/claims.yaml": changed(CLAIMS, "strength: strong", "strength: early")},
    ),
    "a source": ({}, {"content/ledger/sources.yaml": changed(SOURCES, "A small study", "A tiny study")}),
    "a word of the page itself": (
        {},
        {"content/en/furniture.yaml": changed(FURNITURE, "call_us: Call us", "call_us: Ring us")},
    ),
}
ASIDES: dict[str, tuple[Files, Files]] = {
    "a block of another handout": (
        {"content/en/blocks/other.md": BLOCK},
        {"content/en/blocks/other.md": changed(BLOCK, "Some text", "Other text")},
    ),
    "another handout": ({}, {"content/en/handouts/other.md": changed(HANDOUT, "Hello", "Good day")}),
    "a safety text that is not printed": ({}, {"content/ledger/safety.yaml": SAFETY_TEXTS + MORE_SAFETY}),
    "a color": ({}, {"clinic.toml": changed(CLINIC_TOML, "#0f5c63", "#5c0f63")}),
    "a phone number": ({}, {"clinic.toml": changed(CLINIC_TOML, "010-0100", "010-0199")}),
    "the clinic's own rules": ({"clinic.toml": CLINIC_TOML + PROTOCOL}, {"clinic.toml": CLINIC_TOML}),
    "the logo": ({}, {"assets/logo.svg": changed(LOGO, "M0 0h9v9z", "M0 0h8v8z")}),
    "a drawing": ({}, {"content/figures/square.svg": changed(LOGO, "M0 0h9v9z", "M0 0h8v8z")}),
    "an icon": (
        {"content/figures/icon-round.svg": LOGO},
        {BLOCK_MD: changed(BLOCK, "icon: square", "icon: round")},
    ),
    "a style": ({}, {"styles/clinic.css": "p { color: red }"}),
    "a template": ({}, {"templates/small.html": changed(TEMPLATE, "<h1>", '<h1 class="own">')}),
    "words about the review itself": (
        {},
        {"content/en/furniture.yaml": changed(FURNITURE, 'draft: "Draft', 'draft: "Not final')},
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_takes_the_signature_off(edit: str, small_clinic: Path) -> None:
    before, after = EDITS[edit]
    write(small_clinic, before)
    sign_small(small_clinic)
    assert state(small_clinic).state == "signed"
    write(small_clinic, after)
    review = state(small_clinic)
    assert review.state == "changed"
    assert review.signature is not None and review.signature.by == NAME


@pytest.mark.parametrize("edit", ASIDES)
def test_what_is_not_the_text_leaves_the_signature_on(edit: str, small_clinic: Path) -> None:
    before, after = ASIDES[edit]
    write(small_clinic, before)
    sign_small(small_clinic)
    write(small_clinic, after)
    assert state(small_clinic).state == "signed"


def test_the_earlier_text_is_signed_again(small_clinic: Path) -> None:
    """Every signature holds for its own text, whichever came later."""
    other: Files = {BLOCK_MD: changed(BLOCK, "Some text", "Other text")}
    sign_small(small_clinic, "Dr. A")
    write(small_clinic, other)
    assert state(small_clinic).state == "changed"
    write(small_clinic, {BLOCK_MD: BLOCK})
    assert state(small_clinic).state == "signed"
    write(small_clinic, other)
    sign_small(small_clinic, "Dr. B")
    for files, name in ((other, "Dr. B"), ({BLOCK_MD: BLOCK}, "Dr. A")):
        write(small_clinic, files)
        review = state(small_clinic)
        assert review.signature is not None
        assert (review.state, review.signature.by) == ("signed", name)


def test_of_two_signatures_under_one_text_the_later_counts(small_clinic: Path) -> None:
    sign_small(small_clinic, "Dr. A", until=date(2028, 1, 1))
    sign_small(small_clinic, "Dr. B", until=date(2027, 1, 1))
    review = state(small_clinic)
    assert review.signature is not None
    assert (review.signature.by, review.signature.next_review) == ("Dr. B", date(2027, 1, 1))


def test_a_signature_that_is_taken_back(small_clinic: Path, on: Callable[[date], None]) -> None:
    """As the file itself says: delete the entry."""
    path = sign_small(small_clinic)
    alone = path.read_text(encoding="utf-8").partition("[[signed]]")[0]
    assert "delete its entry" in alone
    path.write_text(alone, encoding="utf-8")
    assert state(small_clinic) == Review("draft")
    assert run("render", "small", "--clinic", small_clinic).code == 0
    sign_small(small_clinic, "Dr. B")
    assert state(small_clinic).state == "signed"


def test_a_signature_holds_for_one_language(small_clinic: Path) -> None:
    """Even where the words are the same: who can read one language cannot answer for another."""
    english = contents(small_clinic / "content" / "en")
    write(small_clinic / "content" / "fr", {**english, "furniture.yaml": furniture_fr()})
    path = sign_small(small_clinic)
    assert state(small_clinic, language="fr").state == "draft"
    shutil.copy(path, small_clinic / "sign-offs" / "small-fr.toml")
    assert state(small_clinic, language="fr").state == "changed"


# On the page


def footers(path: Path) -> list[str]:
    """The text of each page, without white space."""
    said = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True, encoding="utf-8").stdout
    return ["".join(page.split()) for page in said.removesuffix("\f").split("\f")]


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("paper", PAPERS)
def test_every_page_says_who_reviewed_it(paper: str, mine: Path, on: Callable[[date], None]) -> None:
    """In every format and size, with the edition code; a name and role of the usual length fit."""
    assert run("sign-off", SLUG, "--by", NAME, "--clinic", mine).code == 0
    refused = []
    for (name, large), form in FORMATS.items():
        wanted = ["--format", name, "--paper", paper, *(["--large-print"] if large else [])]
        outcome = run("render", SLUG, *wanted, "--clinic", mine)
        if outcome.code:
            refused.append(f"{name}, {'large' if large else 'standard'} print: {outcome.err}")
            continue
        for page in footers(Path(outcome.out.strip())):
            assert squeezed(f"Reviewed by {NAME} on Nov 22, 2026, next review Nov 22, 2027") in page
            assert re.search(rf"HKB-{form.code}-en\d\.\d", page)
            assert "Draft" not in page
    assert not refused, "\n".join(refused)


@pytest.mark.parametrize("form", FORMATS.values(), ids=lambda form: form.code)
def test_footer_of_every_state(form: object, mine: Path, on: Callable[[date], None]) -> None:
    clinic = load_clinic(mine)
    (order,) = (Order(SLUG, row, "en", LETTER) for row in FORMATS.values() if row is form)

    def footer(today: date = TODAY) -> str:
        return prepare(order, load_clinic(mine), today, past_review=True).html.partition("</style>")[0]

    draft = "Draft: not yet reviewed by your clinic"
    assert draft in footer()
    assert run("sign-off", SLUG, "--by", NAME, "--clinic", mine).code == 0
    assert f"Reviewed by {NAME} on Nov 22, 2026, next review Nov 22, 2027" in footer()
    assert draft not in footer()
    late = footer(date(2027, 11, 23))
    assert re.search(rf"Reviewed by {NAME} on Nov 22, 2026\b.*review was due\b.* Nov 22, 2027", late)
    notes = clinic.library.find("content", "en/blocks/notes.md")
    assert notes is not None
    text = notes.read_text(encoding="utf-8")
    write(mine, {"content/en/blocks/notes.md": f"{text.rstrip()} One more sentence.\n"})
    assert draft in footer()
    assert NAME not in footer()


def test_name_of_who_signs_is_only_a_name(small_clinic: Path) -> None:
    """It cannot end the style that prints it, nor be taken for a pattern."""
    page = "<style>@page { @bottom-left { content: {{ review | css }} } }</style>"
    write(
        small_clinic,
        {"templates/full.html": '{% extends "small.html" %}{% block head %}' + page + "{% endblock %}"},
    )
    sign_small(small_clinic, '{name} "; } </style><script>')
    html = prepare(Order("small", FULL, "en", LETTER), load_clinic(small_clinic), TODAY).html
    assert "Reviewed by {name} \\22 ; } \\3c /style\\3e \\3c script\\3e  on Nov 22, 2026" in html


# When the next review is due


def test_a_review_that_is_due_stops_the_paper(small_clinic: Path, desk: Path, on: Callable[[date], None]) -> None:
    sign_small(small_clinic, until=date(2027, 1, 31))
    write(desk, {"output/small-full-en.pdf": OLD})
    on(date(2027, 2, 1))
    outcome = run("render", "small", "--clinic", small_clinic)
    assert outcome.code == 1
    assert outcome.out == ""
    assert outcome.message.startswith(f"clinic/{HANDOUT_MD}: ")
    assert "was due on 2027-01-31" in outcome.message
    assert "handouts sign-off small --by NAME" in outcome.message
    assert "--past-review" in outcome.message
    assert contents(desk / "output") == {"small-full-en.pdf": OLD}


def test_on_its_last_day_a_signature_still_holds(small_clinic: Path, on: Callable[[date], None]) -> None:
    sign_small(small_clinic, until=date(2027, 1, 31))
    on(date(2027, 1, 31))
    assert run("render", "small", "--clinic", small_clinic).code == 0


def test_past_its_review_a_paper_says_so(small_clinic: Path, desk: Path, on: Callable[[date], None]) -> None:
    write(
        small_clinic,
        {"templates/full.html": '{% extends "small.html" %}{% block more %}<p>{{ review }}</p>{% endblock %}'},
    )
    sign_small(small_clinic, until=date(2027, 1, 31))
    on(date(2027, 2, 1))
    outcome = run("render", "small", "--past-review", "--clinic", small_clinic)
    assert (outcome.code, outcome.err) == (0, "")
    (page,) = footers(desk / outcome.out.strip())
    assert re.search(rf"Reviewedby{squeezed(NAME)}onNov22,2026\b.*reviewwasdue\w*Jan31,2027", page)


def test_past_review_changes_nothing_else(small_clinic: Path, desk: Path, on: Callable[[date], None]) -> None:
    assert run("render", "small", "--output", "plain", "--clinic", small_clinic).code == 0
    assert run("render", "small", "--output", "past", "--past-review", "--clinic", small_clinic).code == 0
    assert contents(desk / "plain") == contents(desk / "past") != {}


def test_one_review_that_is_due_stops_all_papers(small_clinic: Path, desk: Path, on: Callable[[date], None]) -> None:
    write(small_clinic, {"content/en/handouts/other.md": HANDOUT})
    sign_small(small_clinic, until=date(2027, 1, 31))
    on(date(2027, 2, 1))
    outcome = run("render", "other", "small", "--clinic", small_clinic)
    fault, nothing = outcome.err.splitlines()
    assert (outcome.code, outcome.out, nothing) == (1, "", "Nothing was printed.")
    assert "--past-review" in fault


def test_an_edited_text_whose_review_was_due_is_a_draft(small_clinic: Path, on: Callable[[date], None]) -> None:
    sign_small(small_clinic, until=date(2027, 1, 31))
    write(small_clinic, {BLOCK_MD: changed(BLOCK, "Some text", "Other text")})
    assert state(small_clinic, date(2027, 2, 1)).state == "changed"
    on(date(2027, 2, 1))
    assert run("render", "small", "--clinic", small_clinic).code == 0


def test_a_text_whose_review_is_due_can_be_signed_again(mine: Path, on: Callable[[date], None]) -> None:
    signing = ("sign-off", SLUG, "--by", NAME, "--clinic", mine)
    assert run(*signing, "--next-review", "2027-01-31").code == 0
    on(date(2027, 2, 1))
    outcome = run(*signing)
    assert outcome.code == 0, outcome.err
    assert "next review 2028-02-01" in outcome.out


# Who cannot sign, and what cannot be signed


def refused(mine: Path, *arguments: object, before: dict[str, bytes] | None = None) -> str:
    """The message of a sign-off that must fail and leave everything as it was."""
    outcome = run("sign-off", *arguments, "--clinic", mine)
    assert outcome.code == 1
    assert outcome.out == ""
    folder = mine / "sign-offs"
    assert (contents(folder) if folder.is_dir() else {}) == (before or {})
    return outcome.message


def test_nobody_can_sign_for_the_sample_clinic(desk: Path, on: Callable[[date], None]) -> None:
    before = contents(sample_clinic())
    (desk / "link").symlink_to(sample_clinic())
    try:
        outcome = run("sign-off", SLUG, "--by", NAME)
        assert outcome.code == 1
        assert "The sample clinic is invented, and nobody can sign for it" in outcome.message
        assert "cp -r " in outcome.message and "--clinic my-clinic" in outcome.message
        assert run("sign-off", SLUG, "--by", NAME, "--clinic", desk / "link").code == 1
        assert contents(sample_clinic()) == before
    finally:
        shutil.rmtree(sample_clinic() / "sign-offs", ignore_errors=True)  # a fault must not stay in what we ship


@pytest.mark.parametrize("name", ["", "  ", "\t\n"])
def test_nobody_signs_without_a_name(name: str, mine: Path, on: Callable[[date], None]) -> None:
    message = refused(mine, SLUG, "--by", name)
    assert "The name of who signs is empty" in message
    assert '--by "Name, role"' in message


@pytest.mark.parametrize("day", ["2026-11-22", "2026-11-21", "1999-01-01"])
def test_the_next_review_lies_ahead(day: str, mine: Path, on: Callable[[date], None]) -> None:
    message = refused(mine, SLUG, "--by", NAME, "--next-review", day)
    assert f"The next review ({day}) is not after 2026-11-22" in message
    assert "Choose a later day" in message


def test_a_handout_that_is_not_there(mine: Path, on: Callable[[date], None]) -> None:
    assert "There is no handout “biologcal”. Did you mean “biological”?" in refused(mine, "biologcal", "--by", NAME)
    assert "There is no handout “../biological”" in refused(mine, "../biological", "--by", NAME)


def test_a_language_that_is_not_there(mine: Path, on: Callable[[date], None]) -> None:
    assert "language “em”" in refused(mine, SLUG, "--by", NAME, "--language", "em")


def test_a_folder_that_is_a_file(mine: Path, on: Callable[[date], None]) -> None:
    write(mine, {"sign-offs": OLD})
    message = refused(mine, SLUG, "--by", NAME)
    assert message.startswith(f"mine/sign-offs/{SLUG}-en.toml: The signature cannot be written")
    assert (mine / "sign-offs").read_bytes() == OLD


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC], ids=errno.errorcode.get)
@pytest.mark.parametrize("step", ["tempfile.mkstemp", "os.fsync", "pathlib.Path.replace"])
def test_a_disk_that_refuses_keeps_the_earlier_signatures(
    small_clinic: Path, monkeypatch: pytest.MonkeyPatch, number: int, step: str
) -> None:
    sign_small(small_clinic, "Dr. A")
    before = contents(small_clinic / "sign-offs")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(step, refuse)
        with pytest.raises(DeliveryError, match="signature cannot be written") as caught:
            sign_small(small_clinic, "Dr. B")
    assert os.strerror(number) in str(caught.value)
    assert contents(small_clinic / "sign-offs") == before


ENTRY = f"""\
[[signed]]
by = "{NAME}"
on = 2026-11-22
next_review = 2027-11-22
language = "en"
edition = "SMALL 1.0"
text_sha256 = "0"
"""


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (changed(ENTRY, '"en"', "en"), 5, "not valid TOML"),
        (b"\n[[signed]]\nby = '\xff'", 3, "UTF-8"),
        (changed(ENTRY, "2027-11-22", "2027-11-32"), 4, "not valid TOML"),
        (changed(ENTRY, "2027-11-22", '"next year"'), 4, "“signed.1.next_review”"),
        (changed(ENTRY, f"by = {NAME!r}".replace("'", '"'), 'by = ""'), 2, "“signed.1.by”"),
        (changed(ENTRY, "by =", "bye ="), 2, "Did you mean “by”?"),
        (changed(ENTRY, 'text_sha256 = "0"\n', ""), 1, "“signed.1.text_sha256” is missing"),
        (f"{ENTRY}{changed(ENTRY, '2026-11-22', '0.5')}", 10, "“signed.2.on”"),
    ],
)
@pytest.mark.parametrize("command", ["render small", "list", "check small", "sign-off small --by NAME"])
def test_a_damaged_file_of_signatures(
    command: str, text: str | bytes, line: int, words: str, small_clinic: Path, desk: Path
) -> None:
    """It is never taken for “nobody has signed”, and never written over."""
    write(small_clinic, {SIGNED_SMALL: text})
    outcome = run(*command.split(), "--clinic", small_clinic)
    said = outcome.out if command.startswith("check") else outcome.err
    told = [row for row in said.splitlines() if row.startswith(f"clinic/{SIGNED_SMALL}:{line}: ")]
    assert outcome.code == 1
    assert told, said
    assert any(words in row for row in told), told
    assert (small_clinic / SIGNED_SMALL).read_bytes() == (text if isinstance(text, bytes) else text.encode())
    assert not (desk / "output").exists()


def test_a_damaged_file_of_signatures_is_not_written_over(small_clinic: Path) -> None:
    write(small_clinic, {SIGNED_SMALL: changed(ENTRY, '"en"', "en")})
    before = contents(small_clinic)
    with pytest.raises(ClinicError, match=r"small-en\.toml:5: "):
        sign_small(small_clinic)
    assert contents(small_clinic) == before


def test_a_text_with_an_error_cannot_be_signed(mine: Path, on: Callable[[date], None]) -> None:
    notes = (bundled_root() / "content" / "en" / "blocks" / "notes.md").read_text(encoding="utf-8").rstrip()
    wrong = "Ketamine cures depression."
    write(mine, {"content/en/blocks/notes.md": f"{notes}\n\n{wrong}\n"})
    outcome = run("sign-off", SLUG, "--by", NAME, "--clinic", mine)
    line = len(notes.split("\n")) + 2
    assert outcome.code == 1
    assert f"mine/content/en/blocks/notes.md:{line}: [" in outcome.err
    assert wrong in outcome.err
    assert not (mine / "sign-offs").exists()


def test_all_errors_of_a_text_are_told_at_once(small_clinic: Path, on: Callable[[date], None]) -> None:
    outcome = run("sign-off", "small", "--by", NAME, "--clinic", small_clinic)
    assert outcome.code == 1
    assert len(outcome.err.splitlines()) > 5
    assert all(line.startswith(f"clinic/{HANDOUT_MD}: [") for line in outcome.err.splitlines())
    assert not (small_clinic / "sign-offs").exists()


def test_a_clinic_with_a_loose_rule_cannot_sign(mine: Path, on: Callable[[date], None]) -> None:
    text = (mine / "clinic.toml").read_text(encoding="utf-8")
    write(mine, {"clinic.toml": changed(text, 'leaves_with = "adult"', 'leaves_with = "alone"')})
    assert "protocol.leaves_with" in refused(mine, SLUG, "--by", NAME)


# What `list` says


def told(folder: Path) -> tuple[str, dict[str, str | None]]:
    """How `list` and `list --json` tell the review of the small handout."""
    lines = run("list", "--clinic", folder).out.splitlines()
    at = next(at for at, line in enumerate(lines) if line.startswith("small "))
    rows = json.loads(run("list", "--json", "--clinic", folder).out)
    (row,) = (row for row in rows if row["handout"] == "small")
    return lines[at + 2].rpartition(" · ")[2], {
        key: row[key] for key in ("review", "reviewed_by", "reviewed_on", "next_review")
    }


def test_list_tells_the_state_of_every_review(small_clinic: Path, on: Callable[[date], None]) -> None:
    signed: dict[str, str | None] = {"reviewed_by": NAME, "reviewed_on": "2026-11-22", "next_review": "2027-11-22"}
    nobody = dict.fromkeys(("reviewed_by", "reviewed_on", "next_review"))
    assert told(small_clinic) == ("draft, not yet reviewed", {"review": "draft", **nobody})
    sign_small(small_clinic)
    assert told(small_clinic) == (
        f"reviewed by {NAME} on 2026-11-22, next review 2027-11-22",
        {"review": "signed", **signed},
    )
    on(date(2027, 11, 23))
    assert told(small_clinic) == (
        f"reviewed by {NAME} on 2026-11-22; review was due on 2027-11-22",
        {"review": "overdue", **signed},
    )
    write(small_clinic, {BLOCK_MD: changed(BLOCK, "Some text", "Other text")})
    assert told(small_clinic) == (
        f"draft, changed since {NAME} reviewed it on 2026-11-22",
        {"review": "changed", **signed},
    )
