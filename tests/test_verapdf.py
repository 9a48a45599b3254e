"""The validator finds what is wrong, and never passes for want of a part."""

from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from weasyprint import HTML

from handouts.errors import Origin
from handouts.fonts import font_faces
from tests import verapdf
from tests.verapdf import UNREADABLE, VeraPdfError, VeraPdfMissing, Verdict, validate

# With a font of its own: once the handouts are laid out in this process, no font of the machine is seen.
FACE = font_faces("Atkinson Hyperlegible", Origin(Path(__file__)))[0]
PAGE = f"""
<html lang="en">
  <style>{FACE.css} html {{ font-family: "{FACE.family}" }}</style>
  <title>How to breathe</title>
  <h1>How to breathe</h1>
  <p>Slowly.</p>
  <img alt="A square" src="data:image/svg+xml,
    <svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>
      <rect width='9' height='9'/>
    </svg>">
</html>
"""


def without_title(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata() as metadata:
        del metadata["dc:title"]


def untagged(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.StructTreeRoot
    del pdf.Root.MarkInfo


def without_alternative(pdf: pikepdf.Pdf) -> None:
    figures = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary) and thing.get("/S") == "/Figure"]
    assert figures
    for figure in figures:
        del figure.Alt


MUTANTS: dict[Callable[[pikepdf.Pdf], None], set[str]] = {
    without_title: {"7.1-9"},
    untagged: {"6.2-1", "7.1-11"},
    without_alternative: {"7.3-1"},
}


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("good") / "Thở chậm.pdf"
    HTML(string=PAGE).write_pdf(path, pdf_variant="pdf/ua-1")
    return path


@pytest.fixture(scope="session")
def verdicts(good: Path) -> dict[str, Verdict]:
    """The verdicts on a good file, its mutants and a text file, all from one Java process."""
    paths = [good]
    for mutate in MUTANTS:
        path = good.with_name(f"{mutate.__name__}.pdf")
        with pikepdf.open(good) as pdf:
            mutate(pdf)
            pdf.save(path)
        paths.append(path)
    text = good.with_name("text.pdf")
    text.write_text("not a PDF")
    paths.append(text)
    found = validate(paths)
    assert [verdict.path for verdict in found] == paths
    return {verdict.path.stem: verdict for verdict in found}


def test_good_file_passes(good: Path, verdicts: dict[str, Verdict]) -> None:
    verdict = verdicts[good.stem]
    assert verdict.compliant, str(verdict)
    assert verdict.failures == ()
    assert verdict.checks > 50


@pytest.mark.parametrize("mutate", MUTANTS, ids=lambda mutate: mutate.__name__)
def test_mutant_is_caught_by_its_rule(mutate: Callable[[pikepdf.Pdf], None], verdicts: dict[str, Verdict]) -> None:
    verdict = verdicts[mutate.__name__]
    assert not verdict.compliant
    assert MUTANTS[mutate] <= verdict.rules
    assert all(failure.rule and failure.count > 0 for failure in verdict.failures)


def test_file_that_is_no_pdf_is_not_compliant(verdicts: dict[str, Verdict]) -> None:
    verdict = verdicts["text"]
    assert not verdict.compliant
    assert verdict.failures[0].clause == UNREADABLE


def test_fixture_names_the_broken_rule(
    assert_accessible: Callable[..., None], verdicts: dict[str, Verdict], good: Path
) -> None:
    assert_accessible(good)
    with pytest.raises(AssertionError, match=r"7\.1-9"):
        assert_accessible(good, verdicts["without_title"].path)
    with pytest.raises(AssertionError, match="no file"):
        assert_accessible()


def test_absent_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        validate([tmp_path / "absent.pdf"])


def test_unknown_profile_is_an_error(good: Path) -> None:
    with pytest.raises(VeraPdfError, match="profile 'ua9'"):
        validate([good], profile="ua9")


def test_all_that_is_missing_is_said_at_once(good: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(verapdf, "JAXB", tmp_path / "absent.jar")
    monkeypatch.setattr(verapdf, "WHEEL", "no-such-wheel-is-installed")
    with pytest.raises(VeraPdfMissing) as raised:
        validate([good])
    for cure in ("default-jre-headless", "libjaxb-java", "pip install"):
        assert cure in str(raised.value)


@pytest.mark.parametrize("part", ["java", "JAXB", "WHEEL"])
def test_one_missing_part_is_enough(part: str, good: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if part == "java":
        monkeypatch.setenv("PATH", str(tmp_path))
    elif part == "JAXB":
        monkeypatch.setattr(verapdf, "JAXB", tmp_path / "absent.jar")
    else:
        monkeypatch.setattr(verapdf, "WHEEL", "no-such-wheel-is-installed")
    with pytest.raises(VeraPdfMissing):
        validate([good])


def test_without_jaxb_on_the_class_path_nothing_passes(
    good: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.jar"
    empty.touch()
    monkeypatch.setattr(verapdf, "JAXB", empty)
    with pytest.raises(VeraPdfError, match="JAXB"):
        validate([good])


def test_processes_may_compile_at_once(good: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(verapdf, "_cache", lambda: tmp_path)
    java, jar = verapdf._find_parts()
    run = verapdf._run

    def lose_the_race(command: list[str]) -> object:
        monkeypatch.setattr(verapdf, "_run", run)
        verapdf._compile(java, jar)
        return run(command)

    monkeypatch.setattr(verapdf, "_run", lose_the_race)
    classes = verapdf._compile(java, jar)
    assert (classes / "VeraRun.class").is_file()
    assert list(tmp_path.iterdir()) == [classes]
