"""Many papers at once: in order, on all cores, and only what is not the same as last time."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from handouts import batch
from handouts.batch import Made, Refused, produce_all
from handouts.cache import PdfCache
from handouts.clinic import load_clinic
from handouts.composing import Composition
from handouts.errors import ContentError, MachineError
from handouts.formats import FORMATS, LETTER
from handouts.library import bundled_root
from handouts.pdf import Pdf
from handouts.pipeline import Order, prepare
from tests.command import contents, run
from tests.small_clinic import BLOCK, CLINIC_TOML, HANDOUT, write

LONG = BLOCK.replace("This is the key point.", "This goes on and on and on. " * 1500)
BLOCK_MD = "content/en/blocks/small-block.md"
NOTHING_KEPT = PdfCache(None)
FORMS = ("full", "full-large-print", "summary", "summary-large-print")


def compositions(clinic: Path, *slugs: str) -> list[Composition]:
    """The handouts, each in its four formats and sizes."""
    loaded = load_clinic(clinic)
    orders = [Order(slug, form, "en", LETTER) for slug in slugs or ("small",) for form in FORMATS.values()]
    return [prepare(order, loaded) for order in orders]


@pytest.fixture
def laid_out(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is laid out in this process, by slug and format, in order; nothing is really laid out."""
    seen: list[str] = []

    def produce(composition: Composition) -> Pdf:
        seen.append(f"{composition.slug}-{composition.format.code}")
        return Pdf(f"%PDF {seen[-1]} {composition.fingerprint}".encode(), composition.title, 1)

    monkeypatch.setattr(batch, "produce", produce)
    return seen


def pdfs(results: Iterator[Made | Refused]) -> list[Pdf]:
    made = list(results)
    assert all(isinstance(result, Made) for result in made), made
    return [result.pdf for result in made if isinstance(result, Made)]


# In one process


def test_results_come_in_the_order_asked(small_clinic: Path, laid_out: list[str]) -> None:
    asked = compositions(small_clinic)
    made = list(produce_all(asked, NOTHING_KEPT, jobs=1))
    assert [result.composition for result in made] == asked
    assert [result.pdf.content.split()[1].decode() for result in made if isinstance(result, Made)] == laid_out
    assert laid_out == ["small-F", "small-FL", "small-S", "small-SL"]


def test_nothing_asked_nothing_made(laid_out: list[str]) -> None:
    assert list(produce_all([], NOTHING_KEPT)) == []
    assert laid_out == []


def test_what_is_kept_is_not_laid_out_again(small_clinic: Path, desk: Path, laid_out: list[str]) -> None:
    cache = PdfCache(desk / "cache")
    first = list(produce_all(compositions(small_clinic), cache, jobs=1))
    assert [result.kept for result in first if isinstance(result, Made)] == [False] * 4
    assert len(laid_out) == 4
    second = list(produce_all(compositions(small_clinic), cache, jobs=1))
    assert [result.kept for result in second if isinstance(result, Made)] == [True] * 4
    assert len(laid_out) == 4
    assert pdfs(iter(first)) == pdfs(iter(second))


def test_only_what_changed_is_laid_out_again(small_clinic: Path, desk: Path, laid_out: list[str]) -> None:
    cache = PdfCache(desk / "cache")
    summary = small_clinic / "styles" / "summary.css"
    list(produce_all(compositions(small_clinic), cache, jobs=1))
    laid_out.clear()
    summary.write_text("p { color: red }")
    made = list(produce_all(compositions(small_clinic), cache, jobs=1))
    assert laid_out == ["small-S", "small-SL"]
    assert [result.kept for result in made if isinstance(result, Made)] == [True, True, False, False]


def test_without_a_cache_all_is_laid_out(small_clinic: Path, laid_out: list[str]) -> None:
    for _ in range(2):
        list(produce_all(compositions(small_clinic), NOTHING_KEPT, jobs=1))
    assert len(laid_out) == 8


def test_a_paper_is_there_before_the_next_one_is_laid_out(small_clinic: Path, laid_out: list[str]) -> None:
    """So that what is done is done if somebody stops the program."""
    results = produce_all(compositions(small_clinic), NOTHING_KEPT, jobs=1)
    next(results)
    assert laid_out == ["small-F"]


# In several processes


@pytest.mark.parametrize("jobs", [1, 2])
def test_one_refused_paper_does_not_stop_the_next(jobs: int, small_clinic: Path, desk: Path) -> None:
    long = HANDOUT.replace("small-block", "long")
    write(small_clinic, {"content/en/blocks/long.md": LONG, "content/en/handouts/long.md": long})
    cache = PdfCache(desk / "cache")
    asked = compositions(small_clinic, "long", "small")
    results = list(produce_all(asked, cache, jobs))
    assert [result.composition for result in results] == asked
    refused = [result for result in results if isinstance(result, Refused)]
    assert [(row.composition.slug, row.composition.format.name) for row in refused] == [("long", "summary")] * 2
    for row in refused:
        assert isinstance(row.error, ContentError)
        assert "runs over" in str(row.error)
        assert row.error.where is not None and row.error.where.path.name == "long.md"
        assert cache.get(row.composition) is None
    assert all(cache.get(row.composition) for row in results if isinstance(row, Made))


def test_two_processes_give_the_same_bytes_as_one(small_clinic: Path) -> None:
    asked = compositions(small_clinic)
    assert len(asked) == 4
    results = produce_all(asked, NOTHING_KEPT, jobs=2)
    first = next(results)
    assert len(multiprocessing.active_children()) == 2
    assert isinstance(first, Made)
    made = [first.pdf, *pdfs(results)]
    assert multiprocessing.active_children() == []
    assert made == pdfs(produce_all(asked, NOTHING_KEPT, jobs=1))
    assert all(pdf.content.startswith(b"%PDF-") for pdf in made)


@pytest.mark.parametrize("papers", [1, 2])
def test_a_new_process_is_not_worth_it_for_few_papers(papers: int, small_clinic: Path) -> None:
    results = produce_all(compositions(small_clinic)[:papers], NOTHING_KEPT, jobs=2)
    next(results)
    assert multiprocessing.active_children() == []


def test_whoever_stops_early_leaves_no_process_behind(small_clinic: Path) -> None:
    results = produce_all(compositions(small_clinic), NOTHING_KEPT, jobs=2)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []


@contextmanager
def killing_a_process() -> Iterator[list[int]]:
    """End the first of two processes that this one starts with SIGKILL, as a machine without memory would."""
    killed: list[int] = []
    over = threading.Event()

    def kill() -> None:
        while not killed and not over.wait(0.01):
            children = multiprocessing.active_children()
            if len(children) == 2 and children[0].pid is not None:
                killed.append(children[0].pid)
                os.kill(children[0].pid, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def test_a_killed_process_is_told(small_clinic: Path, desk: Path) -> None:
    cache = PdfCache(desk / "cache")
    asked = compositions(small_clinic, "small")
    with killing_a_process() as killed:
        results = list(produce_all(asked, cache, jobs=2))
    assert killed
    assert [result.composition for result in results] == asked
    refused = [result.error for result in results if isinstance(result, Refused)]
    assert refused, "it was killed too late"
    for error in refused:
        assert isinstance(error, MachineError)
        assert "ended from outside" in error.problem
        assert "--jobs 1" in error.remedy
    kept = contents(desk / "cache") if (desk / "cache").is_dir() else {}
    assert len(kept) == len(asked) - len(refused), "only whole papers are kept"
    assert multiprocessing.active_children() == []


def test_a_killed_process_leaves_no_half_file(alone: Path, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With pages larger than what a pipe holds: whoever hands them over must not wait for the dead."""
    remark = f"{{% block head %}}<!-- {'x' * 200_000} -->{{% endblock %}}"
    write(alone, {"templates/full.html": '{% extends "small.html" %}' + remark})
    monkeypatch.setenv("HANDOUTS_CACHE", str(desk / "cache"))
    with killing_a_process() as killed:
        outcome = run("render", "--all", "--jobs", "2", "--clinic", alone)
    assert killed
    assert outcome.code == 1
    assert outcome.err.count("ended from outside. Print again with --jobs 1.") == 1
    assert sorted(contents(desk / "output")) == sorted(Path(line).name for line in outcome.out.splitlines())
    assert all(content.startswith(b"%PDF-") for content in contents(desk / "output").values())
    again = run("render", "--all", "--jobs", "1", "--clinic", alone)
    assert again.code == 0
    assert len(contents(desk / "output")) == 8
    assert not [name for name in contents(desk) if name.endswith(".part")]


# render --all


@pytest.fixture
def alone(small_clinic: Path, desk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small clinic with two handouts, as if we had brought none: `other` has a block of its own."""
    ours = desk / "ours"
    for name in ("en/furniture.yaml", "ledger/floors.yaml", "ledger/lint.yaml"):
        (ours / "content" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(bundled_root() / "content" / name, ours / "content" / name)
    monkeypatch.setattr("handouts.clinic.bundled_root", lambda: ours)
    other = HANDOUT.replace("small-block", "other-block").replace("A small handout", "Another handout")
    return write(small_clinic, {"content/en/handouts/other.md": other, "content/en/blocks/other-block.md": BLOCK})


def names(*slugs: str, forms: tuple[str, ...] = FORMS, paper: str = "") -> list[str]:
    return [f"output/{slug}-{form}-en{paper}.pdf" for slug in slugs for form in forms]


def test_all_prints_every_format_and_size(alone: Path, desk: Path) -> None:
    outcome = run("render", "--all", "--clinic", alone)
    assert outcome.code == 0, outcome.err
    assert outcome.out.splitlines() == names("other", "small")
    assert sorted(contents(desk / "output")) == sorted(Path(name).name for name in names("other", "small"))
    assert all(content.startswith(b"%PDF-") for content in contents(desk / "output").values())
    *steps, sum_up = outcome.err.splitlines()
    assert [step.partition(",")[0] for step in steps] == [
        f"{at} of 8: {Path(name).name}" for at, name in enumerate(names("other", "small"), start=1)
    ]
    assert sum_up == "8 of 8 printed: 8 laid out, 0 as before."


@pytest.mark.parametrize(
    ("options", "forms", "paper"),
    [
        (("--format", "summary"), ("summary", "summary-large-print"), ""),
        (("--format", "full"), ("full", "full-large-print"), ""),
        (("--large-print",), ("full-large-print", "summary-large-print"), ""),
        (("--format", "summary", "--large-print"), ("summary-large-print",), ""),
        (("--paper", "a4"), FORMS, "-a4"),
    ],
    ids=" ".join,
)
def test_all_of_one_kind(options: tuple[str, ...], forms: tuple[str, ...], paper: str, alone: Path, desk: Path) -> None:
    outcome = run("render", "--all", *options, "--jobs", "1", "--clinic", alone)
    assert outcome.code == 0, outcome.err
    assert outcome.out.splitlines() == names("other", "small", forms=forms, paper=paper)
    assert sorted(contents(desk / "output")) == sorted(Path(name).name for name in outcome.out.splitlines())


@pytest.fixture
def kept(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HANDOUTS_CACHE", str(desk / "cache"))
    return desk / "cache"


def how(err: str) -> dict[str, str]:
    """For each paper, what the progress says about it."""
    lines = [line.partition(": ")[2].partition(", ") for line in err.splitlines()[:-1]]
    return {name: said for name, _, said in lines}


def test_all_a_second_time_lays_nothing_out(alone: Path, desk: Path, kept: Path) -> None:
    assert run("render", "--all", "--output", "first", "--jobs", "1", "--clinic", alone).code == 0
    outcome = run("render", "--all", "--output", "second", "--clinic", alone)
    assert outcome.code == 0
    assert outcome.err.splitlines()[-1] == "8 of 8 printed: 0 laid out, 8 as before."
    assert set(how(outcome.err).values()) == {"as before"}
    assert contents(desk / "first") == contents(desk / "second")


@pytest.mark.parametrize(
    ("changed", "slugs"),
    [
        ({"content/en/blocks/other-block.md": BLOCK.replace("Some text", "Other text")}, {"other"}),
        ({"content/en/handouts/small.md": HANDOUT.replace("Hello", "Good day")}, {"small"}),
        ({"content/en/blocks/spare.md": BLOCK}, set()),
        ({"clinic.toml": CLINIC_TOML.replace("#0f5c63", "#5c0f63")}, {"other", "small"}),
    ],
    ids=["a block", "a handout", "a block that nobody uses", "a color"],
)
def test_only_papers_that_hold_a_change_are_laid_out_again(
    changed: dict[str, str | bytes], slugs: set[str], alone: Path, kept: Path, laid_out: list[str]
) -> None:
    welcome = '{% extends "small.html" %}{% block more %}{{ scribe.prose(handout.welcome[0]) }}{% endblock %}'
    write(alone, {"templates/full.html": welcome, "templates/summary.html": welcome})
    assert run("render", "--all", "--jobs", "1", "--clinic", alone).code == 0
    assert len(laid_out) == 8
    laid_out.clear()
    write(alone, changed)
    outcome = run("render", "--all", "--jobs", "1", "--clinic", alone)
    assert {name.partition("-")[0] for name in laid_out} == slugs
    assert len(laid_out) == 4 * len(slugs)
    new = len(laid_out)
    assert outcome.err.splitlines()[-1] == f"8 of 8 printed: {new} laid out, {8 - new} as before."
    for name, said in how(outcome.err).items():
        assert (said != "as before") == (name.partition("-")[0] in slugs)


def test_all_prints_what_can_be_printed(alone: Path, desk: Path) -> None:
    write(alone, {"content/en/blocks/other-block.md": LONG})
    outcome = run("render", "--all", "--jobs", "1", "--clinic", alone)
    assert outcome.code == 1
    assert outcome.out.splitlines() == [*names("other", forms=FORMS[:2]), *names("small")]
    assert "6 of 8 printed: 6 laid out, 0 as before." in outcome.err
    assert [("runs over" in line) for line in outcome.err.splitlines()[-2:]] == [True, True]


def test_all_tells_of_one_place_that_refuses_and_prints_the_rest(alone: Path, desk: Path, laid_out: list[str]) -> None:
    (desk / "output" / "other-full-en.pdf").mkdir(parents=True)
    outcome = run("render", "--all", "--jobs", "1", "--clinic", alone)
    assert outcome.code == 1
    assert outcome.out.splitlines() == names("other", "small")[1:]
    assert "7 of 8 printed" in outcome.err
    assert "output/other-full-en.pdf: The output exists, and is a folder" in outcome.err


def test_all_prints_nothing_where_one_text_is_wrong(alone: Path, desk: Path) -> None:
    write(alone, {BLOCK_MD: BLOCK.replace("[@small-claim]\n\n", "[@smal-claim]\n\n")})
    outcome = run("render", "--all", "--clinic", alone)
    fault, nothing = outcome.err.splitlines()
    assert (outcome.code, outcome.out, nothing) == (1, "", "Nothing was printed.")
    assert fault.startswith(f"clinic/{BLOCK_MD}:7: ")
    assert not (desk / "output").exists()


def test_all_of_a_language_without_handouts_is_told(alone: Path, desk: Path) -> None:
    """Never “done” where nothing was done."""
    furniture = (bundled_root() / "content" / "en" / "furniture.yaml").read_text(encoding="utf-8")
    write(alone, {"content/es/furniture.yaml": furniture})
    outcome = run("render", "--all", "--language", "es", "--clinic", alone)
    assert outcome.code == 1
    assert "“es”" in outcome.message
    assert not (desk / "output").exists()
