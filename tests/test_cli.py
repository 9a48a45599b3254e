"""The command line: what it prints, where, and with which exit code."""

import json
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest

from handouts import __version__
from handouts.library import bundled_root
from tests.command import OLD, contents, run
from tests.small_clinic import BLOCK, CLINIC_TOML, HANDOUT, write

COMMAND = Path(sys.executable).with_name("handouts")
NAMES = ("how-ketamine-works", "biological", "psychological", "functional", "spiritual")


def test_list_says_what_there_is() -> None:
    outcome = run("list")
    assert (outcome.code, outcome.err) == (0, "")
    places = [outcome.out.index(f"\n{name} ") if name != NAMES[0] else outcome.out.index(name) for name in NAMES]
    assert places == sorted(places), "in the order of the front matter"
    assert "handouts render NAME" in outcome.out


def test_list_for_programs() -> None:
    outcome = run("list", "--json")
    rows = json.loads(outcome.out)
    assert [row["handout"] for row in rows if row["handout"] in NAMES] == list(NAMES), "in the same order"
    for row in rows:
        assert {"handout", "title", "formats", "languages", "review", "stale"} <= row.keys()
        assert row["formats"] == ["full", "summary"]
        assert "en" in row["languages"]
        assert row["title"]
        assert row["stale"] == [] or row["languages"] != ["en"], "English is made from nothing"
    assert (outcome.code, outcome.err) == (0, "")


def test_list_names_the_clinics_own_texts(small_clinic: Path) -> None:
    write(small_clinic, {"content/en/handouts/biological.md": HANDOUT})
    out = run("list", "--clinic", small_clinic).out
    assert "A small handout (your clinic's own text)" in out
    rows = {row["handout"]: row for row in json.loads(run("list", "--json", "--clinic", small_clinic).out)}
    assert rows["biological"]["overridden"] is True
    assert rows["small"]["overridden"] is False


def test_list_tells_of_a_broken_handout(small_clinic: Path) -> None:
    write(small_clinic, {"content/en/handouts/small.md": "---\ntitle: [\n---\n"})
    outcome = run("list", "--clinic", small_clinic)
    assert outcome.code == 1
    assert outcome.message.startswith("clinic/content/en/handouts/small.md:")


def test_render_alone_says_what_there_is_and_renders_nothing(desk: Path) -> None:
    outcome = run("render")
    assert outcome.code == 0
    assert outcome.out == ""
    assert all(name in outcome.err for name in NAMES)
    assert contents(desk) == {}


def test_render_with_options_and_no_handout_is_a_wrong_call(desk: Path) -> None:
    assert run("render", "--format", "summary").code == 2
    assert contents(desk) == {}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--format", "brochure"),
        ("--paper", "a5"),
        ("--colour", "red"),
        ("--format",),
    ],
)
def test_wrong_option_or_value(arguments: tuple[str, ...], desk: Path) -> None:
    outcome = run("render", "biological", *arguments)
    assert outcome.code == 2
    assert "Error: " in outcome.err
    assert contents(desk) == {}


def test_unknown_command() -> None:
    assert run("print").code == 2


def test_exit_codes_are_documented() -> None:
    for arguments in (("--help",), ("render", "--help"), ("-h",)):
        outcome = run(*arguments)
        assert outcome.code == 0
        assert "Exit codes:" in outcome.out
    assert run("--version").out == f"handouts, version {__version__}\n"


def test_one_path_a_line(small_clinic: Path, desk: Path) -> None:
    write(small_clinic, {"content/en/handouts/other.md": HANDOUT.replace("SMALL", "OTHER")})
    outcome = run("render", "small", "other", "small", "--clinic", small_clinic)
    assert outcome.code == 0
    assert outcome.out == "output/small-full-en.pdf\noutput/other-full-en.pdf\n"
    first, second, sum_up = outcome.err.splitlines()
    assert first.startswith("1 of 2: small-full-en.pdf, 1 page")
    assert second.startswith("2 of 2: other-full-en.pdf, 1 page")
    assert sum_up == "2 of 2 printed: 2 laid out, 0 as before."
    assert list(contents(desk / "output")) and all(
        content.startswith(b"%PDF") for content in contents(desk / "output").values()
    )


@pytest.mark.parametrize(
    ("arguments", "name", "size"),
    [
        ((), "small-full-en.pdf", (612, 792)),
        (("--paper", "a4"), "small-full-en-a4.pdf", (595, 842)),
        (("--paper", "A4", "--large-print"), "small-full-large-print-en-a4.pdf", (595, 842)),
        (("--format", "SUMMARY"), "small-summary-en.pdf", (612, 792)),
    ],
)
def test_name_and_paper(
    arguments: tuple[str, ...], name: str, size: tuple[int, int], small_clinic: Path, desk: Path
) -> None:
    page = "<style>@page { size: {{ paper.width }}mm {{ paper.height }}mm }</style>"
    text = '{% extends "small.html" %}{% block head %}' + page + "{% endblock %}"
    write(small_clinic, {"templates/full.html": text, "templates/summary.html": text})
    outcome = run("render", "small", *arguments, "--clinic", small_clinic, "--output", "there")
    assert (outcome.code, outcome.out) == (0, f"there/{name}\n")
    with pikepdf.open(desk / "there" / name) as pdf:
        assert tuple(round(float(side)) for side in pdf.pages[0].mediabox[2:]) == size
        assert pdf.Root.Lang == "en"
        with pdf.open_metadata() as metadata:
            assert metadata["dc:title"] == "A small handout"
            assert metadata["pdfuaid:part"] == "1"


def test_file_and_standard_output(small_clinic: Path, desk: Path) -> None:
    write(desk, {"deep/mine.pdf": OLD})
    outcome = run("render", "small", "--clinic", small_clinic, "--output", "deep/mine.pdf")
    assert (outcome.code, outcome.out) == (0, "deep/mine.pdf\n")
    piped = subprocess.run(
        [COMMAND, "render", "small", "--clinic", small_clinic, "--output", "-"],
        capture_output=True,
        check=True,
    )
    assert piped.stdout == (desk / "deep" / "mine.pdf").read_bytes(), "the same input gives the same bytes"
    assert piped.stdout.startswith(b"%PDF-")
    assert piped.stderr == b""


def test_name_typed_in_a_hurry(small_clinic: Path) -> None:
    write(small_clinic, {"content/en/handouts/small-paper.md": HANDOUT})
    for typed in ("Small Paper", "small_paper", "small-paper.md", " SMALL-PAPER.pdf "):
        assert run("render", typed, "--clinic", small_clinic).out == "output/small-paper-full-en.pdf\n"


def test_folder_here_is_the_clinic(small_clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small_clinic)
    assert run("render", "small").code == 0
    assert (small_clinic / "output" / "small-full-en.pdf").is_file()


def test_darkened_colour_is_told_on_stderr(small_clinic: Path) -> None:
    write(small_clinic, {"clinic.toml": CLINIC_TOML.replace("#0f5c63", "#66ccff")})
    outcome = run("render", "small", "--clinic", small_clinic)
    assert outcome.code == 0
    assert outcome.message.startswith("clinic/clinic.toml:15: the color brand #66ccff is too pale")
    assert outcome.out == "output/small-full-en.pdf\n"


def test_what_can_be_printed_is_printed(small_clinic: Path) -> None:
    """A fault that only the pages show does not cost the next handout its paper."""
    long = BLOCK.replace("This is the key point.", "This goes on and on and on. " * 400)
    write(
        small_clinic,
        {
            "content/en/blocks/long.md": long,
            "content/en/handouts/long.md": HANDOUT.replace("small-block", "long"),
        },
    )
    outcome = run("render", "long", "small", "--format", "summary", "--clinic", small_clinic)
    assert outcome.code == 1
    assert outcome.out == "output/small-summary-en.pdf\n"
    printed, sum_up, fault = outcome.err.splitlines()
    assert printed.startswith("2 of 2: small-summary-en.pdf")
    assert sum_up == "1 of 2 printed: 1 laid out, 0 as before."
    assert "runs over" in fault


def test_which_shows_every_place_and_the_winner(small_clinic: Path) -> None:
    outcome = run("which", "base.css", "--clinic", small_clinic)
    assert outcome.code == 0
    used, hidden = outcome.out.splitlines()
    assert used.split() == ["used", "clinic", str(small_clinic / "styles" / "base.css")]
    assert hidden.split()[:2] == ["hidden", "bundled"]


def test_which_without_a_clinics_file(small_clinic: Path) -> None:
    out = run("which", "safety.md", "--clinic", small_clinic).out
    rows = out.splitlines()
    assert len(rows) == 2 * len(list((bundled_root() / "content").glob("*/blocks/safety.md"))), "in every language"
    for absent, used in zip(rows[::2], rows[1::2], strict=True):
        assert absent.split()[:3] == ["not", "there", "clinic"]
        assert used.split()[:2] == ["used", "bundled"]


@pytest.mark.parametrize("file", ["bas.css", "../../etc/passwd", "/etc/passwd", "x" * 5000])
def test_which_of_a_file_that_is_not_there(file: str, small_clinic: Path) -> None:
    outcome = run("which", file, "--clinic", small_clinic)
    assert outcome.code == 1
    assert "No template, style or content file is called" in outcome.message
    if file == "bas.css":
        assert "Did you mean “base.css”?" in outcome.message


def test_doctor_on_a_machine_that_is_ready() -> None:
    outcome = run("doctor")
    assert (outcome.code, outcome.err) == (0, "")
    for part in ("Python", "Pango", "HarfBuzz", "harfbuzz-subset", "Font for headings", "Font for text"):
        assert f"ok       {part}: " in outcome.out
    assert "Ready to print." in outcome.out


def test_doctor_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, *_: object) -> object:
        raise OSError(name)

    monkeypatch.setattr("ctypes.CDLL", missing)
    outcome = run("doctor")
    assert outcome.code == 1
    assert outcome.out.count("MISSING") == 3
    assert "apt-get install -y libpango-1.0-0" in outcome.out
    assert "libharfbuzz-subset0" in outcome.out
    assert "3 things to mend." in outcome.err


def test_doctor_looks_at_the_clinic(small_clinic: Path) -> None:
    write(small_clinic, {"clinic.toml": CLINIC_TOML + '\n[brand.fonts]\ntext = "Nothing"\n'})
    outcome = run("doctor", "--clinic", small_clinic)
    assert outcome.code == 1
    assert "MISSING  Font for text: The font “Nothing” is not installed" in outcome.out
    write(small_clinic, {"clinic.toml": "x"})
    outcome = run("doctor", "--clinic", small_clinic)
    assert "MISSING  Clinic folder: clinic/clinic.toml:1: " in outcome.out
