"""The cache gives back the very same bytes, or nothing; it never fails a render."""

import os
from pathlib import Path

import pytest

from handouts import batch
from handouts import cache as cache_module
from handouts.batch import Made, produce_all
from handouts.cache import PdfCache, library_version
from handouts.clinic import load_clinic
from handouts.composing import Composition
from handouts.formats import FULL, LETTER
from handouts.pdf import Pdf
from handouts.pipeline import Order, prepare
from tests.command import contents, run
from tests.small_clinic import BLOCK, write

PDF = Pdf(b"%PDF-1.7\nwhole\n", "A small handout", 3)


@pytest.fixture
def composition(small_clinic: Path) -> Composition:
    return prepare(Order("small", FULL, "en", LETTER), load_clinic(small_clinic))


@pytest.fixture
def kept(desk: Path) -> PdfCache:
    return PdfCache(desk / "cache")


def test_kept_paper_comes_back_whole(kept: PdfCache, composition: Composition) -> None:
    assert kept.get(composition) is None
    kept.put(composition, PDF)
    assert kept.get(composition) == PDF


@pytest.mark.parametrize(
    "spoilt",
    [b"", b"x", b"[]\n", b"1\n", b"{}\n", b"null\nx", b'{"sha256": "x", "pages": 1}\n%PDF', b"\xff\xfe\n"],
)
def test_spoilt_file_is_made_again(desk: Path, kept: PdfCache, composition: Composition, spoilt: bytes) -> None:
    kept.put(composition, PDF)
    (path,) = (desk / "cache").iterdir()
    path.write_bytes(spoilt)
    assert kept.get(composition) is None
    kept.put(composition, PDF)
    assert kept.get(composition) == PDF


def test_half_a_file_is_made_again(desk: Path, kept: PdfCache, composition: Composition) -> None:
    kept.put(composition, PDF)
    (path,) = (desk / "cache").iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    assert kept.get(composition) is None


def test_folder_that_cannot_be_made_is_no_harm(desk: Path, composition: Composition) -> None:
    write(desk, {"file": ""})
    for folder in (desk / "file" / "cache", Path("/proc/1/cache")):
        cache = PdfCache(folder)
        cache.put(composition, PDF)
        assert cache.get(composition) is None


def test_turned_off(monkeypatch: pytest.MonkeyPatch, desk: Path, composition: Composition) -> None:
    monkeypatch.setenv("HANDOUTS_CACHE", "")
    cache = PdfCache.of_this_user()
    cache.put(composition, PDF)
    assert cache.get(composition) is None


def test_folder_of_this_user(monkeypatch: pytest.MonkeyPatch, desk: Path, composition: Composition) -> None:
    monkeypatch.setenv("HANDOUTS_CACHE", str(desk / "mine"))
    PdfCache.of_this_user().put(composition, PDF)
    assert len(contents(desk / "mine")) == 1
    monkeypatch.delenv("HANDOUTS_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(desk / "home"))
    PdfCache.of_this_user().put(composition, PDF)
    assert len(contents(desk / "home" / "handouts")) == 1


def test_another_version_of_a_maker_makes_it_again(
    kept: PdfCache, composition: Composition, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.put(composition, PDF)
    monkeypatch.setattr(cache_module, "version", lambda name: "0")
    cache_module.makers.cache_clear()
    try:
        assert kept.get(composition) is None
    finally:
        cache_module.makers.cache_clear()


def test_oldest_are_forgotten(
    desk: Path, kept: PdfCache, composition: Composition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "_MOST_FILES", 3)
    write(desk / "cache", {f"{at}.kept": "" for at in range(5)})
    for at in range(5):
        os.utime(desk / "cache" / f"{at}.kept", (at, at))
    kept.put(composition, PDF)
    assert {"3.kept", "4.kept"} < set(contents(desk / "cache"))
    assert len(contents(desk / "cache")) == 3


def test_second_render_lays_nothing_out(
    small_clinic: Path, desk: Path, kept: PdfCache, composition: Composition, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid_out: list[str] = []

    def produce(asked: Composition) -> Pdf:
        laid_out.append(asked.slug)
        return PDF

    monkeypatch.setattr(batch, "produce", produce)
    assert list(produce_all([composition], kept)) == [Made(composition, PDF, kept=False)]
    assert list(produce_all([composition], kept)) == [Made(composition, PDF, kept=True)]
    assert laid_out == ["small"]
    write(small_clinic, {"content/en/blocks/small-block.md": BLOCK.replace("Some text", "Other text")})
    changed = prepare(Order("small", FULL, "en", LETTER), load_clinic(small_clinic))
    assert list(produce_all([changed], kept)) == [Made(changed, PDF, kept=False)]
    assert laid_out == ["small", "small"]


def test_render_from_the_cache_gives_the_same_bytes(
    small_clinic: Path, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANDOUTS_CACHE", str(desk / "cache"))
    for output in ("first", "second"):
        assert run("render", "small", "--clinic", small_clinic, "--output", output).code == 0
    assert contents(desk / "first") == contents(desk / "second") != {}


def test_version_of_a_system_library() -> None:
    assert library_version("libpango-1.0.so.0", "pango_version_string").startswith("libpango-1.0.so.0 1.")
    assert library_version("no-such-library.so", "x") == "missing"
    assert library_version("libpango-1.0.so.0", "no_such_function") == "missing"
