"""Each part of a paper says its language in the tags, so that a reader's voice says it right."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from weasyprint.pdf import tags

from handouts.clinic import load_clinic
from handouts.errors import ContentError, DesignError
from handouts.finishing import finish
from handouts.formats import FORMATS, LETTER
from handouts.pipeline import Order, prepare
from handouts.prose import read_body, read_line
from handouts.typesetting import typeset
from tests.command import run
from tests.manuscripts import HERE, NOWHERE
from tests.paper import Paper, squeezed
from tests.small_clinic import BLOCK, BLOCK_FR, write, write_french, write_small_clinic

ENGLISH_IN_FRENCH = BLOCK_FR.replace("par exemple", "ou **{en:boxed warning}**, {de:Blase}")


def printed(clinic: Path, language: str, name: str = "full", large: bool = False) -> Paper:
    order = Order("small", FORMATS[(name, large)], language, LETTER)
    composition = prepare(order, load_clinic(clinic))
    rendering = typeset(composition)
    pdf = finish(rendering)
    path = clinic / order.file_name
    path.write_bytes(pdf.content)
    return Paper(order, composition, rendering, pdf, path)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clinic with a French handout that holds English and German phrases, on our own pages."""
    folder = write_french(write_small_clinic(tmp_path_factory.mktemp("parts") / "clinic"))
    write(folder, {"content/fr/blocks/small-block.md": ENGLISH_IN_FRENCH})
    for room in ("templates", "styles"):
        shutil.rmtree(folder / room)
    assert run("translated", "small", "--language", "fr", "--clinic", folder).code == 0
    return folder


@pytest.fixture(scope="module")
def french(clinic: Path) -> Paper:
    return printed(clinic, "fr")


def languages(paper: Paper) -> list[tuple[str, str, str]]:
    """Each outermost structure element with a language: its language, its type, and its words."""
    with pikepdf.open(paper.path) as pdf:
        words = _words_by_content(pdf)
        return list(_spoken(pdf.Root.StructTreeRoot.K, words, None))


def _spoken(node: Any, words: dict[tuple[Any, int], str], page: Any) -> Any:
    if isinstance(node, pikepdf.Array):
        for kid in node:
            yield from _spoken(kid, words, page)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        if "/Lang" in node:
            yield str(node.Lang), str(node.S), " ".join(_said(node, words).split())
            return
        yield from _spoken(node.get("/K", pikepdf.Array()), words, page)


def _said(node: Any, words: dict[tuple[Any, int], str], page: Any = None) -> str:
    if isinstance(node, int):
        return words.get((page, node), "")
    if isinstance(node, pikepdf.Array):
        return "".join(_said(kid, words, page) for kid in node)
    page = node.Pg.objgen if "/Pg" in node else page
    if node.get("/Type") == "/MCR":
        return words.get((page, int(node.MCID)), "")
    return _said(node.K, words, page) if "/K" in node else ""


def _words_by_content(pdf: pikepdf.Pdf) -> dict[tuple[Any, int], str]:
    """The words of each piece of marked content, by the page and its number."""
    found: dict[tuple[Any, int], str] = {}
    for page in pdf.pages:
        fonts = {name: _letters(font) for name, font in page.Resources.Font.items()}
        letters: dict[int, str] = {}
        inside: list[int | None] = []
        for operands, operator in pikepdf.parse_content_stream(page):
            match str(operator):
                case "BDC":
                    about = operands[1]
                    inside.append(
                        int(about.MCID) if isinstance(about, pikepdf.Dictionary) and "/MCID" in about else None
                    )
                case "BMC":
                    inside.append(None)
                case "EMC":
                    inside.pop()
                case "Tf":
                    letters = fonts[str(operands[0])]
                case "TJ" | "Tj":
                    pieces = operands[0] if str(operator) == "TJ" else [operands[0]]
                    at = next((number for number in reversed(inside) if number is not None), None)
                    if at is not None:
                        raw = b"".join(bytes(piece) for piece in pieces if isinstance(piece, pikepdf.String))
                        said = "".join(letters[int.from_bytes(raw[i : i + 2])] for i in range(0, len(raw), 2))
                        key = (page.objgen, at)
                        found[key] = found.get(key, "") + said
    return found


def _letters(font: pikepdf.Dictionary) -> dict[int, str]:
    """Which letters a glyph of a font stands for, from its table `ToUnicode`."""
    table = font.ToUnicode.read_bytes().decode("ascii")
    pairs = re.findall(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*$", table, re.MULTILINE)
    return {int(code, 16): bytes.fromhex(letters).decode("utf-16-be") for code, letters in pairs}


def test_phrases_in_another_language_say_so(french: Paper) -> None:
    spans = [(language, words) for language, kind, words in languages(french) if kind == "/Span"]
    assert spans == [("en", "off-label"), ("en", "boxed warning"), ("de", "Blase")]


def test_list_of_sources_is_english(french: Paper) -> None:
    lists = [(language, squeezed(words)) for language, kind, words in languages(french) if kind == "/L"]
    assert len(lists) == 1
    assert lists[0][0] == "en"
    assert lists[0][1].endswith(squeezed("Person T. A small study. Journal of Tests, 2020."))


def test_nothing_else_has_a_language_of_its_own(french: Paper) -> None:
    assert {kind for _, kind, _ in languages(french)} == {"/Span", "/L"}
    with pikepdf.open(french.path) as pdf:
        assert str(pdf.Root.Lang) == "fr"
    with french.elements() as elements:
        assert elements[0].S == "/Document" and "/Lang" not in elements[0]


@pytest.mark.parametrize(("name", "large"), [("full", True), ("summary", False), ("summary", True)])
def test_phrases_say_so_in_every_form(name: str, large: bool, clinic: Path) -> None:
    """Where only phrases stand in another language: the short sources are names and years."""
    found = languages(printed(clinic, "fr", name, large))
    assert {language for language, kind, _ in found if kind == "/Span"} <= {"en", "de"}
    assert ("en", "/Span", "off-label") in found or name == "summary"
    assert "/L" not in {kind for _, kind, _ in found}


def test_english_paper_has_no_parts_in_another_language(clinic: Path) -> None:
    assert languages(printed(clinic, "en")) == []


def test_phrase_in_another_language_in_an_english_paper(tmp_path: Path) -> None:
    folder = write_small_clinic(tmp_path / "clinic")
    write(folder, {"content/en/blocks/small-block.md": BLOCK.replace("Some text.", "Some {es:palabras}.")})
    assert languages(printed(folder, "en")) == [("es", "/Span", "palabras")]


def test_tags_hold_the_text_of_the_source(french: Paper) -> None:
    said = squeezed(french.tagged_text)
    at = 0
    for word in french.source_text.split():
        found = said.find(squeezed(word), at)
        assert 0 <= found <= at + 6, f"“{word}” is lost or out of order after “{said[at - 60 : at]}”"
        at = found + len(squeezed(word))
    assert "{en:" not in french.source_text and "{en:" not in french.plain_text
    assert "off-labelouboxedwarning,Blase" in squeezed(french.plain_text).replace("\u2010", "-")


def test_verapdf_finds_no_failure(clinic: Path, french: Paper, assert_accessible: Callable[..., None]) -> None:
    others = [printed(clinic, "fr", name, large) for name, large in FORMATS if (name, large) != ("full", False)]
    assert_accessible(french.path, *(paper.path for paper in others))


def test_same_paper_gives_the_same_bytes(clinic: Path, french: Paper) -> None:
    assert printed(clinic, "fr").pdf.content == french.pdf.content


def test_weasyprint_is_as_it_was_afterwards(clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when writing fails: its function is only wrapped while a paper of ours is written."""
    build = tags._build_box_tree
    printed(clinic, "fr")
    assert tags._build_box_tree is build

    def fail(*_: object) -> None:
        raise DesignError("no", "none")

    monkeypatch.setattr("handouts.finishing._mend", fail)
    with pytest.raises(DesignError):
        printed(clinic, "fr")
    assert tags._build_box_tree is build


# How it is written


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Un {en:off-label}.", 'Un <span lang="en">off-label</span>.'),
        ("**{en:off-label}**", '<strong><span lang="en">off-label</span></strong>'),
        ("{en:one} y {de:zwei}", '<span lang="en">one</span> y <span lang="de">zwei</span>'),
        ("{en:it's}", '<span lang="en">it’s</span>'),
        ("{english:one}", "{english:one}"),
        ("{EN:one}", "{EN:one}"),
    ],
)
def test_phrase_as_it_is_written(text: str, html: str) -> None:
    assert read_line(text, HERE).html.replace("&rsquo;", "’") == html
    (part,) = read_body(text, NOWHERE, 1)
    assert not part.is_picture
    assert getattr(part, "html", "").replace("&rsquo;", "’") == f"<p>{html}</p>"


@pytest.mark.parametrize("text", ["{en:}", "Un {en:off-label", "{en:**off**-label}", "{en:a {de:b} c}"])
def test_phrase_that_would_be_printed_with_its_braces(text: str) -> None:
    with pytest.raises(ContentError, match=r"nowhere\.md:4: .*“{en:” begins a phrase"):
        read_line(text, HERE)
    with pytest.raises(ContentError, match=r"nowhere\.md:2: .*“{en:” begins a phrase"):
        read_body(f"One.\n\n{text}", NOWHERE, 2)


def test_raw_html_is_no_way_in() -> None:
    assert "<span" not in read_line('<span lang="en">off-label</span> y más', HERE).html
    assert "<b" not in read_line("{en:<b>x</b>}", HERE).html


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: Un petit bloc", 'title: "Un {en:off-label}"'),
        ("![Un carré.]", "![Un {en:square}.]"),
    ],
)
def test_phrase_where_no_tag_can_stand(old: str, new: str, small_clinic: Path) -> None:
    """A title and an alternative text are words alone: the braces would be printed."""
    write_french(small_clinic)
    assert BLOCK_FR.count(old) == 1
    write(small_clinic, {"content/fr/blocks/small-block.md": BLOCK_FR.replace(old, new)})
    outcome = run("render", "small", "--language", "fr", "--clinic", small_clinic)
    assert outcome.code == 1
    assert outcome.message.startswith("clinic/content/fr/blocks/small-block.md:")
