"""Two languages side by side: the laid-out pages, the finished PDF, and what is refused."""

from __future__ import annotations

import html
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pikepdf
import pypdfium2
import pytest
from pypdfium2 import raw
from weasyprint.formatting_structure import boxes

from handouts.checking.manuscript import manuscript
from handouts.clinic import load_clinic
from handouts.content import handout_names, load_handout
from handouts.errors import HandoutError
from handouts.finishing import finish
from handouts.formats import BILINGUAL_FORMATS, FORMATS, LETTER, PAPERS
from handouts.house import House, load_house
from handouts.library import sample_clinic
from handouts.pipeline import Order, prepare_in
from handouts.reviewing import Translator, sign
from handouts.typesetting import PIXEL, Rendering, typeset
from tests.command import OLD, contents, run
from tests.paper import Paper
from tests.small_clinic import (
    BLOCK,
    BLOCK_FR,
    CLAIMS,
    DRAFT_FR,
    HANDOUT,
    HANDOUT_FR,
    LOGO,
    SAFETY,
    SAFETY_TEXTS,
    SOURCES,
    furniture_fr,
    write,
    write_french,
    write_small_clinic,
)
from tests.test_languages_of_parts import languages
from tests.test_pages import printed_text, printed_things
from tests.test_reviewing import footers, squeezed

TODAY = date(2026, 12, 1)
FULL, SUMMARY = BILINGUAL_FORMATS["full"], BILINGUAL_FORMATS["summary"]
DRAFT = "Draft: not yet reviewed by your clinic"
BOTH = ("--language", "en+fr", "--clinic", "clinic")

# A block with all that a block can have. No line of it says what another one says.
RICH = """\
---
title: A rich block
kind: text
icon: square
key_point: Salt is white.[@small-claim]
know: ["Rivers run.[@small-claim]", "Stones stay.[@small-claim]"]
learning: ["Why is it windy?[@small-claim]"]
words: {Gate: A way in., Fence: A way round.}
people:
  crowd:
    - {count: 3, of: 10, label: slept well}
    - {count: 7, of: 10, label: lay awake}
choices:
  - {title: By boat, icon: square, text: It is slow.}
  - {title: By train, icon: square, text: It is quick.}
steps:
  - {title: Pack, text: Take a coat.}
  - {title: Leave, text: Lock up.}
checklist: [Bread is bought., Milk is bought.]
fields: [Your day, Your name]
safety_title: Mind these
safety_items: [rest, drink]
---
Apples are red. They grow on trees & fall.[@small-claim]

Birds fly south.

### A heading in between

- Cats sleep.
- Dogs bark, and bark, and then they bark some more, for as long as anybody is there to hear how they bark at night.
- Eels swim.

Fish are wet.

![A circle with a hole.](figure:circle "This is a circle.")

Ice is cold.

![Ten people, three of them asleep.](people:crowd "Who slept, of ten.")

Jam is sweet.
"""

RICH_FR = """\
---
title: Un bloc riche
kind: text
icon: square
key_point: Le sel est blanc.[@small-claim]
know: ["Les fleuves coulent.[@small-claim]", "Les pierres restent.[@small-claim]"]
learning: ["Pourquoi vente-t-il ?[@small-claim]"]
words: {Porte: Un passage., Haie: Un détour.}
people:
  crowd:
    - {count: 3, of: 10, label: ont bien dormi}
    - {count: 7, of: 10, label: ont veillé}
choices:
  - {title: En bateau, icon: square, text: C’est lent.}
  - {title: Par chemin de fer, icon: square, text: C’est rapide.}
steps:
  - {title: Faites vos valises, text: Prenez un manteau.}
  - {title: Partez, text: Fermez à clé.}
checklist: [Le pain est acheté., Le lait est acheté.]
fields: [Votre jour, Votre nom]
safety_title: Attention à ceci
safety_items: [rest, drink]
texts: {rest: Reposez-vous., drink: Buvez de l’eau.}
---
Les pommes sont rouges. Elles poussent sur des arbres & tombent.[@small-claim]

Les oiseaux volent vers le sud, {en:southward}, et l’on ne sait pas encore tout à fait comment ils trouvent la route.

### Un titre au milieu

- Les chats dorment.
- Les chiens aboient.
- Les anguilles nagent.

Les poissons sont mouillés.

![Un cercle avec un trou.](figure:circle "Ceci est un cercle.")

La glace est froide.

![Dix personnes, dont trois endormies.](people:crowd "Qui a dormi, sur dix.")

La confiture est sucrée.
"""

MORE_SAFETY = "".join(
    SAFETY_TEXTS.removeprefix("safety:\n")
    .replace("take-care", name)
    .replace("Take care.", text)
    .replace("must: always", "must: take-home")
    for name, text in (("rest", "Have a rest."), ("drink", "Drink water."))
)
FILES = {
    "content/figures/circle.svg": LOGO,
    "content/ledger/safety.yaml": SAFETY_TEXTS + MORE_SAFETY,
    "content/en/blocks/rich.md": RICH,
    "content/fr/blocks/rich.md": RICH_FR,
    "content/en/blocks/small-safety.md": SAFETY.replace("  - Take care.", "  - Look out."),
    "content/en/handouts/small.md": HANDOUT.replace("sections: [", "sections: [rich, "),
    "content/fr/handouts/small.md": HANDOUT_FR.replace("sections: [", "sections: [rich, "),
    "content/fr/furniture.yaml": furniture_fr().replace("language_name: English", "language_name: Français"),
}


def with_our_own_pages(folder: Path) -> Path:
    """A clinic without templates and styles: it prints with those that come with us."""
    for room in ("templates", "styles"):
        shutil.rmtree(folder / room)
    return folder


def house(clinic: Path, language: str, today: date = TODAY) -> House:
    return load_house(load_clinic(clinic), language, today)


def printed(order: Order, left: House, right: House, folder: Path) -> Paper:
    composition = prepare_in((left, right), order)
    rendering = typeset(composition)
    pdf = finish(rendering)
    path = folder / order.file_name
    path.write_bytes(pdf.content)
    return Paper(order, composition, rendering, pdf, path)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clinic with a handout in English and French that has all that a handout can have, on our own pages."""
    folder = write_french(write_small_clinic(tmp_path_factory.mktemp("beside") / "clinic"))
    write(with_our_own_pages(folder), FILES)
    assert run("translated", "small", "--language", "fr", "--clinic", folder).code == 0
    return folder


@pytest.fixture(scope="module")
def full(clinic: Path) -> Paper:
    return printed(Order("small", FULL, "en+fr", LETTER), house(clinic, "en"), house(clinic, "fr"), clinic)


@pytest.fixture(scope="module")
def summary(clinic: Path) -> Paper:
    return printed(Order("small", SUMMARY, "en+fr", LETTER), house(clinic, "en"), house(clinic, "fr"), clinic)


@pytest.fixture(scope="module")
def sample() -> tuple[House, House]:
    """The sample clinic with our own texts, in English and in Spanish."""
    return house(sample_clinic(), "en"), house(sample_clinic(), "es")


@pytest.fixture(scope="module")
def real(sample: tuple[House, House], tmp_path_factory: pytest.TempPathFactory) -> list[Paper]:
    """Three papers of the sample clinic."""
    folder = tmp_path_factory.mktemp("real")
    wanted = [("how-ketamine-works", FULL), ("how-ketamine-works", SUMMARY), ("your-treatment-day", FULL)]
    return [printed(Order(slug, form, "en+es", LETTER), *sample, folder) for slug, form in wanted]


@pytest.fixture
def beside(small_clinic: Path) -> Path:
    """`clinic/` with the small handout in English and French, ready to be printed side by side."""
    write_french(with_our_own_pages(small_clinic))
    assert run("translated", "small", "--language", "fr", "--clinic", small_clinic).code == 0
    return small_clinic


# What stands in the rows


Spoken = tuple[str, str]


def classes(element: Any) -> list[str]:
    return (element.get("class") or "").split() if element is not None and hasattr(element, "get") else []


@dataclass(frozen=True)
class Row:
    """A row of a page: what holds it, its two cells, and the boxes of these."""

    page: int
    holder: Any
    element: Any
    cells: tuple[Any, Any]
    boxes: tuple[Any, Any]

    @property
    def name(self) -> set[str]:
        return set(classes(self.element))


def rows(paper: Paper) -> list[Row]:
    """All rows in the order of the text. No row is broken over two pages."""
    root = paper.rendering.document.pages[0]._page_box.children[0].element
    holders = {id(kid): element for element in root.iter() for kid in element}
    found: dict[int, Row] = {}
    for number, page in enumerate(paper.rendering.document.pages, start=1):
        laid_out = [box for box in page._page_box.descendants() if "side" in classes(box.element)]
        first = {id(box.element): box for box in reversed(laid_out)}  # the outermost box of each cell
        for row in {id(holders[at]): holders[at] for at in first}.values():
            left, right = row
            assert id(row) not in found, f"{paper}: on two pages: {''.join(row.itertext())}"
            found[id(row)] = Row(number, holders[id(row)], row, (left, right), (first[id(left)], first[id(right)]))
    in_order = [element for element in root.iter() if "row" in classes(element)]
    assert len(in_order) == len(found), f"{paper}: a row is lost"
    return [found[id(element)] for element in in_order]


def columns(paper: Paper) -> list[Spoken]:
    """What a voice should say: all of the left column of rows that follow each other, then all of the right one.

    WeasyPrint's tags are those of each page in turn, so a voice reads no column further than to the end of its page.
    """
    found: list[Spoken] = []
    for run_of_rows in runs(rows(paper)):
        for side in (0, 1):
            (language,) = {row.cells[side].get("lang") for row in run_of_rows}
            found.append((language, letters("".join(words(row.cells[side]) for row in run_of_rows))))
    return found


def runs(found: list[Row]) -> Iterator[list[Row]]:
    """Rows that follow each other, with nothing between them, on one page."""
    run_of_rows: list[Row] = []
    for row in found:
        if run_of_rows:
            last, kids = run_of_rows[-1], list(row.holder)
            follows = last.holder is row.holder and kids.index(last.element) + 1 == kids.index(row.element)
            if not follows or last.page != row.page:
                yield run_of_rows
                run_of_rows = []
        run_of_rows.append(row)
    yield run_of_rows


def words(cell: Any) -> str:
    """The text of an element, with the numbers that stand before the lines of its lists."""
    said = str(cell.text or "")
    number = int(cell.get("start") or 1)
    for kid in cell:
        said += f"{number}." if cell.tag == "ol" else ""
        said += words(kid) + str(kid.tail or "")
        number += 1
    return said


def letters(text: str) -> str:
    """A text without white space and without the signs that styles put before lines, with one kind of apostrophe."""
    return re.sub("[☐•]", "", squeezed(unicodedata.normalize("NFC", text)).replace("’", "'"))


def spoken(paper: Paper) -> list[Spoken]:
    """The columns as the tags have them, in reading order."""
    return [(language, letters(said)) for language, kind, said in languages(paper) if kind == "/Div"]


def passages(paper: Paper, house: House) -> list[str]:
    """What the full handout says on its pages in that language, passage by passage."""
    text = load_handout(house.clinic.library, paper.order.handout, house.language)
    # The drawing beside the title stands nowhere else.
    again = {f.caption.origin for section in text.sections for f in section.figures if f.name == text.picture.name}
    found = [
        row
        for row in manuscript(text, FORMATS[("full", False)], house).passages
        if row.role not in ("alternative text", "page furniture")
        and not (row.role == "caption" and row.origin in again)
    ]
    return [letters(row.text.replace(": ", " ", 1) if row.role == "word" else row.text) for row in found]


# Every paragraph, once, beside its counterpart


def test_every_paragraph_of_both_languages_stands_there_once(clinic: Path, full: Paper) -> None:
    copied, tagged = uncited(full.plain_text), dict[str, str]()
    for language, said in spoken(full):
        tagged[language] = tagged.get(language, "") + uncited(said)
    for language in ("en", "fr"):
        said = passages(full, house(clinic, language))
        assert len(said) > 40
        for passage in said:
            assert tagged[language].count(passage) == 1, f"{language}, tags: {passage}"
            assert copied.count(passage) == 1, f"{language}, page: {passage}"
    assert not set(passages(full, house(clinic, "en"))) & set(passages(full, house(clinic, "fr")))


def uncited(text: str) -> str:
    """A text without the numbers of sources, as the manuscript has it; pdftotext writes no-break hyphens as such."""
    return re.sub(r"\[[\d,–]+\]", "", letters(text.replace("\u2010", "-")))


def test_every_paragraph_of_our_own_handouts_is_on_the_page(real: list[Paper], sample: tuple[House, House]) -> None:
    for paper in real:
        if paper.order.format is SUMMARY:
            continue
        for side in sample:
            said = uncited("".join(said for language, said in spoken(paper) if language == side.language))
            wanted = passages(paper, side)
            assert len(wanted) > 150, paper
            # A blank to write on is “…” there.
            missing = [passage for passage in wanted if not all(piece in said for piece in passage.split("…"))]
            assert not missing, f"{paper}, {side.language}: {missing[:3]}"


def test_summary_has_the_key_points_and_the_safety_list_of_both(
    real: list[Paper], sample: tuple[House, House], clinic: Path, summary: Paper
) -> None:
    small = (house(clinic, "en"), house(clinic, "fr"))
    for paper, sides in ((real[1], sample), (summary, small)):
        for side in sides:
            said = uncited("".join(said for language, said in spoken(paper) if language == side.language))
            text = load_handout(side.clinic.library, paper.order.handout, side.language)
            wanted = [text.title, *(section.title for section in text.summary_sections)]
            wanted += [line.html for section in text.summary_sections for line in section.short]
            wanted += [section.key_point.html for section in text.summary_sections if section.key_point]
            if any(section.kind == "safety" and section.key_point for section in text.summary_sections):
                wanted = [line for line in wanted if line not in keys_of_safety(text)]
            for line in wanted:
                for piece in re.split(r"\(\([^()]*\)\)|\[@[^\]]*\]", html.unescape(re.sub(r"<[^>]+>", "", line))):
                    assert letters(piece) in said, f"{paper}, {side.language}: {piece}"


def keys_of_safety(text: Any) -> set[str]:
    """The safety block stands on a summary with its short list, not with its key point."""
    return {section.key_point.html for section in text.summary_sections if section.kind == "safety"}


def first_words(cell: Any) -> Any:
    return next((box for box in cell.descendants() if isinstance(box, boxes.TextBox) and box.text.strip()), None)


def test_counterparts_begin_at_the_same_height(full: Paper, summary: Paper, real: list[Paper]) -> None:
    """The foot of the first line of both, in the laid-out boxes; left English, right the other."""
    for paper in (full, summary, *real):
        middle = paper.rendering.document.pages[0].width / 2
        for row in rows(paper):
            assert [cell.get("lang") for cell in row.cells] == paper.order.language.split("+")
            left, right = (first_words(cell) for cell in row.boxes)
            if "picture" in row.name:
                assert left is right is None
                continue
            assert left.position_y + left.baseline == pytest.approx(right.position_y + right.baseline, abs=0.5), (
                f"{paper}: “{left.text}” and “{right.text}”"
            )
            assert left.position_x + left.width < middle < right.position_x, f"{paper}: {left.text} | {right.text}"


COUNTERPARTS = [
    ("A small handout", "Une petite feuille"),
    ("Hello from", "Bonjour de"),
    ("A rich block", "Un bloc riche"),
    ("Salt is white", "Le sel est blanc"),
    ("Apples are", "Les pommes"),
    ("Birds fly", "Les oiseaux"),
    ("A heading in", "Un titre au"),
    ("Cats sleep", "Les chats"),
    ("Eels swim", "Les anguilles"),
    ("Fish are", "Les poissons"),
    ("Figure 2. This is", "Figure 2. Ceci est"),
    ("Ice is", "La glace"),
    ("Jam is", "La confiture"),
    ("By boat", "En bateau"),
    ("1. Pack", "1. Faites vos"),
    ("2. Leave", "2. Partez"),
    ("Bread is", "Le pain"),
    ("Your name", "Votre nom"),
    ("Gate A way", "Porte Un passage"),
    ("Stones stay", "Les pierres"),
    ("Why is it", "Pourquoi vente"),
    ("Have a rest", "Reposez-vous"),
    ("Drink water", "Buvez de"),
]


def test_counterparts_begin_at_the_same_height_in_the_file(full: Paper) -> None:
    """Found by their first words in the finished PDF, in points."""
    document = pypdfium2.PdfDocument(full.path)
    middle = document[0].get_width() / 2
    for one, other in COUNTERPARTS:
        (page, left, height), (page_of_other, right, height_of_other) = (
            places(document, text) for text in (one, other)
        )
        assert page == page_of_other, f"{one} | {other}"
        assert height == pytest.approx(height_of_other, abs=0.4), f"{one} | {other}"
        assert left < middle < right, f"{one} | {other}"
    document.close()


def places(document: Any, words: str) -> tuple[int, float, float]:
    """The page on which these words begin, and where on it: from the left, and the foot of the line."""
    found = []
    for number, page in enumerate(document):
        text = page.get_textpage()
        search = text.search(words, match_case=True)
        while hit := search.get_next():
            x, y = raw.c_double(), raw.c_double()
            assert raw.FPDFText_GetCharOrigin(text, hit[0], x, y)
            found.append((number, x.value, y.value))
    assert len(found) == 1, f"{len(found)} times: {words}"
    return found[0]


# The tags


def test_voice_reads_one_column_after_the_other(full: Paper, summary: Paper, real: list[Paper]) -> None:
    """Word for word: each run of rows is all that is left, in its language, then all that is right."""
    for paper in (full, summary, *real):
        wanted = columns(paper)
        assert spoken(paper) == wanted, paper
        assert len(wanted) < len(rows(paper)) * 2, "rows are joined"
        assert [language for language, _ in wanted] == paper.order.language.split("+") * (len(wanted) // 2)


def test_all_of_the_left_column_comes_first(full: Paper) -> None:
    """The same, by hand: the text of a block is said in English to its end before the French begins."""
    (at,) = [at for at, (_, said) in enumerate(spoken(full)) if "Applesarered" in said]
    (one, english), (other, french) = spoken(full)[at : at + 2]
    assert (one, other) == ("en", "fr")
    in_order(english, "Apples", "Birds", "Aheading", "Cats", "Dogs", "Eels", "Fish")
    in_order(french, "Lespommes", "Lesoiseaux", "Untitre", "Leschats", "Leschiens", "Lespoissons")


def in_order(text: str, *pieces: str) -> None:
    at = [text.find(piece) for piece in pieces]
    assert -1 not in at and at == sorted(at), dict(zip(pieces, at, strict=True))


def test_only_what_is_in_neither_column_has_another_place(full: Paper, summary: Paper, real: list[Paper]) -> None:
    """Beside the columns there are the kind of the paper in the other language, and the list of sources."""
    for paper in (full, summary, *real):
        others = [(language, kind) for language, kind, _ in languages(paper) if kind != "/Div"]
        second = paper.order.language.partition("+")[2]
        assert others[0] == (second, "/Span"), paper
        # The list of sources is a list on each page that it reaches.
        assert set(others[1:]) == {("en", "/L" if paper.order.format is FULL else "/P")}, paper
        with pikepdf.open(paper.path) as pdf:
            assert str(pdf.Root.Lang) == "en"
            assert str(pdf.docinfo["/Title"]) == paper.composition.title
    assert full.composition.title == "A small handout · Une petite feuille"


def test_phrase_in_a_third_place_keeps_its_language(full: Paper) -> None:
    """English words in the French column are still English to a voice."""
    with full.elements() as elements:
        divisions = [tag for tag in elements if tag.S == "/Div" and str(tag.get("/Lang")) == "fr"]
        inside = [str(tag.Lang) for division in divisions for tag in below(division) if "/Lang" in tag]
    assert inside == ["en", "en"], "southward, off-label"


def below(tag: Any) -> Iterator[Any]:
    """Every structure element inside this one."""
    kids = tag.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from below(kid)


def in_columns(paper: Paper, read: Callable[[Any], Any]) -> dict[str, list[Any]]:
    """What is read from each column, by its language, in reading order."""
    found: dict[str, list[Any]] = {}
    with paper.elements() as elements:
        for division in elements:
            if division.S == "/Div" and "/Lang" in division:
                found.setdefault(str(division.Lang), []).extend(read(division))
    return found


def lists(division: Any) -> list[int]:
    """How many lines each list has."""
    return [sum(kid.S == "/LI" for kid in tag.K) for tag in below(division) if tag.S == "/L"]


def test_lists_of_one_line_each_are_one_list_again(full: Paper, summary: Paper, real: list[Paper]) -> None:
    for paper in (full, summary, *real):
        wanted = [length for run_of_rows in runs(rows(paper)) for length in lists_in(run_of_rows)]
        first, second = paper.order.language.split("+")
        assert in_columns(paper, lists) == {first: wanted, second: wanted}, paper
        assert paper in (full, summary) or max(wanted) > 4, paper
    # Cats, what to tick, what to mind; then the short list and the safety texts of the safety block.
    assert sum(in_columns(full, lists)["fr"]) == 3 + 2 + 2 + 1 + 1


def lists_in(run_of_rows: list[Row]) -> list[int]:
    """How many rows that follow each other are lines of a list."""
    kinds = [row.cells[0][0].tag if len(row.cells[0]) else "" for row in run_of_rows]
    return [len(list(some)) for kind, some in groupby(kinds) if kind in ("ul", "ol")]


def of_a_block(beside: Path, english: str, french: str) -> Paper:
    """The small handout with another text in its first block."""
    for code, block, text in (("en", BLOCK, english), ("fr", BLOCK_FR, french)):
        front = block[: block.rindex("---\n") + 4]
        write(beside, {f"content/{code}/blocks/small-block.md": f"{front}{text}"})
    assert run("translated", "small", "--language", "fr", "--clinic", beside).code == 0
    order = Order("small", FULL, "en+fr", LETTER)
    return printed(order, house(beside, "en"), house(beside, "fr"), beside)


@pytest.mark.parametrize("first", [1, 4])
def test_numbered_list_counts_on(first: int, beside: Path) -> None:
    numbers = range(first, first + 3)
    english = "".join(f"{number}. {said}\n" for number, said in zip(numbers, ("Wake.", "Wash.", "Walk."), strict=True))
    french = "".join(f"{number}. {said}\n" for number, said in zip(numbers, ("Lève.", "Lave.", "Va."), strict=True))
    paper = of_a_block(beside, english, french)
    one, two, three = numbers
    said = dict(row for row in spoken(paper) if "Wa" in row[1] or "Va" in row[1])
    assert f"{one}.Wake.{two}.Wash.{three}.Walk." in said["en"]
    assert f"{one}.Lève.{two}.Lave.{three}.Va." in said["fr"]
    assert 3 in in_columns(paper, lists)["en"]


def test_lists_of_another_kind_stay_two(beside: Path) -> None:
    paper = of_a_block(beside, "- Wake.\n- Wash.\n\n1. Walk.\n", "- Lève.\n- Lave.\n\n1. Va.\n")
    found = in_columns(paper, lists)
    assert found["en"] == found["fr"] == [2, 1, 1, 1]


def test_every_element_knows_who_holds_it(full: Paper, real: list[Paper]) -> None:
    for paper in (full, *real):
        with paper.elements() as elements:
            for tag in elements:
                for kid in tag.get("/K", []):
                    if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                        assert kid.P.objgen == tag.objgen, f"{paper}: a {kid.S} in a {tag.S}"


def pictures(division: Any) -> list[str]:
    return [str(tag.Alt) for tag in below(division) if tag.S == "/Figure"]


def test_a_picture_is_described_once_in_each_language(full: Paper, real: list[Paper]) -> None:
    assert in_columns(full, pictures) == {
        "en": ["A square.", "A circle with a hole.", "Ten people, three of them asleep.", "7 of 10 lay awake"],
        "fr": ["Un carré.", "Un cercle avec un trou.", "Dix personnes, dont trois endormies.", "7 of 10 ont veillé"],
    }
    for paper in (full, *real):
        found = in_columns(paper, pictures)
        with paper.elements() as elements:
            everywhere = sorted(str(tag.Alt) for tag in elements if tag.S == "/Figure")
        assert sorted(alt for column in found.values() for alt in column) == everywhere, (
            f"{paper}: a picture in neither column"
        )
        one, other = found.values()
        assert len(one) == len(other) and not set(one) & set(other), paper


def test_a_drawing_is_printed_once_and_the_silent_one_has_no_ink(full: Paper) -> None:
    drawn = [box for box in replaced(full.rendering) if "drawing" in classes(box.element)]
    silent = [box for box in replaced(full.rendering) if "silent" in classes(box.element)]
    assert [box.element.get("alt") for box in drawn] == ["A square.", "A circle with a hole."]
    assert [box.element.get("alt") for box in silent] == ["Un carré.", "Un cercle avec un trou."]
    assert all(box.width * PIXEL <= 1.01 and box.height * PIXEL <= 1.01 for box in silent)
    for box in silent:
        source = unquote(box.element.get("src").partition(",")[2])
        assert re.fullmatch(r"<svg\b[^<>]*/>", source), "there is something in it"


def replaced(rendering: Rendering) -> list[Any]:
    found = (box for page in rendering.document.pages for box in page._page_box.descendants())
    return [box for box in found if isinstance(box, boxes.ReplacedBox)]


def test_verapdf_finds_no_failure(
    full: Paper, summary: Paper, real: list[Paper], assert_accessible: Callable[..., None]
) -> None:
    assert_accessible(*(paper.path for paper in (full, summary, *real)))


# The pages


@pytest.mark.parametrize("paper", PAPERS)
def test_every_summary_is_one_sheet(paper: str, sample: tuple[House, House]) -> None:
    """Two pages, front and back, with nothing lost: our own twelve handouts."""
    slugs = handout_names(sample[0].clinic.library, "es")
    assert len(slugs) == 12
    refused = []
    for slug in slugs:
        try:
            rendering = typeset(prepare_in(sample, Order(slug, SUMMARY, "en+es", PAPERS[paper])))
        except HandoutError as error:
            refused.append(str(error))
            continue
        assert rendering.page_count <= 2, slug
        assert "safety" in {*rendering.sections_on(1), *rendering.sections_on(rendering.page_count)}, slug
    assert not refused, "\n".join(refused)


def test_smallest_type(full: Paper, summary: Paper, real: list[Paper]) -> None:
    """In the laid-out boxes and in the PDF, in points."""
    for paper in (full, summary, *real):
        text, side = (12.0, 10.0) if paper.order.format is FULL else (10.5, 10.5)
        for size, around, said in printed_text(paper.rendering):
            small_print = around & {"sources", "foot"} and not around & {"h1", "h2", "h3"}
            wanted = 8.0 if small_print else side if around & {"cite", "mark", "caption", "kind"} else text
            assert size >= wanted - 0.01, f"{paper}: “{said}” is set in {size} points ({around})"
        assert min(paper.sizes) >= 8.0, f"{paper}: {sorted(paper.sizes.items())[:4]}"
        between = {size for size in paper.sizes if 8.3 < size < side} - {9.4}  # 9.4: the languages above the columns
        assert not between, f"{paper}: type of {between} points"
    for paper in (real[0], real[2]):
        assert max(paper.sizes, key=lambda size: paper.sizes[size]) == 12.0, paper


def test_no_heading_stands_alone_at_the_foot(full: Paper, real: list[Paper]) -> None:
    for paper in (full, *real):
        for number, page in enumerate(paper.rendering.document.pages[:-1], start=1):
            lowest = max(printed_things(page._page_box), key=lambda found: found[0])
            assert not {"h1", "h2", "h3"} & set(lowest[1]), f"{paper}, page {number}: {lowest}"


def test_each_page_says_above_its_columns_which_language_they_are_in(real: list[Paper]) -> None:
    for paper in real:
        pages = footers(paper.path)
        assert len(pages) == paper.rendering.page_count > 1
        for number, page in enumerate(pages, start=1):
            assert page.count("English") == page.count("Español") == 1, f"{paper}, page {number}"
            assert f"Page{number}of{len(pages)}" in page and f"Pág.{number}de{len(pages)}" in page


def test_sources_are_counted_together(real: list[Paper]) -> None:
    """A number means the same source in both columns, each row cites the same ones, and all are listed."""
    for paper in real:
        cited = set[int]()
        for row in rows(paper):
            one, other = (numbers_in("".join(cell.itertext())) for cell in row.cells)
            assert one == other, f"{paper}: {''.join(row.element.itertext())}"
            cited |= one
        assert cited == set(range(1, listed(paper) + 1)), paper


def test_source_has_one_number_where_the_other_language_cites_in_another_order(beside: Path) -> None:
    """The two are cited here for the first time: the main message has the number 1."""
    claim = CLAIMS[CLAIMS.index("- id: small-claim") : CLAIMS.index("- id: left-out")]
    claims, sources = CLAIMS, SOURCES
    for name in ("one", "two"):
        claims += claim.replace("small-claim", f"{name}-claim").replace("small-study", f"{name}-study")
        sources += SOURCES.removeprefix("sources:\n").replace("small-study", f"{name}-study")
    write(beside, {"content/ledger/claims.yaml": claims, "content/ledger/sources.yaml": sources})
    paper = of_a_block(beside, "Wake.[@one-claim] Wash.[@two-claim]", "Lave.[@two-claim] Lève.[@one-claim]")
    said = [said for _, said in spoken(paper)]
    assert any("Wake.[2]Wash.[3]" in text for text in said)
    assert any("Lave.[3]Lève.[2]" in text for text in said)
    assert listed(paper) == 3


def listed(paper: Paper) -> int:
    """How many sources are listed: lines of a list, or numbers in the line at the foot of a summary."""
    if paper.order.format is SUMMARY:
        (said,) = [said for _, kind, said in languages(paper) if kind == "/P"]
        return len(re.findall(r"\[\d+\]", said))
    with paper.elements() as elements:
        sources = [tag for tag in elements if tag.S == "/L" and "/Lang" in tag]
        return sum(tag.S == "/LI" for held in sources if held.P.S != "/L" for tag in below(held))


def numbers_in(text: str) -> set[int]:
    """The numbers of sources that a text cites."""
    found = set[int]()
    for cited in re.findall(r"\[([\d,–\s]+)\]", text):
        for run_of_numbers in letters(cited).split(","):
            first, _, last = run_of_numbers.partition("–")
            found |= set(range(int(first), int(last or first) + 1))
    return found


# The footer


def test_footer_has_both_editions_and_says_of_both_that_nobody_has_reviewed_them(full: Paper, summary: Paper) -> None:
    for paper in (full, summary):
        code = paper.order.format.code
        for page in footers(paper.path):
            assert squeezed(f"SMALL-{code}-en 1.0 · {DRAFT}") in page
            assert squeezed(f"SMALL-{code}-fr 1.0 · {DRAFT_FR}") in page
        assert squeezed(DRAFT) not in squeezed(paper.tagged_text), "a footer is no part of the text"
    assert {FULL.code, SUMMARY.code}.isdisjoint({form.code for form in FORMATS.values()})


REVIEWED = "Reviewed by Dr. Ada Example, medical director on Dec 1, 2026, next review Dec 1, 2027"


@pytest.mark.parametrize("form", [FULL, SUMMARY], ids=lambda form: str(form.name))
def test_signed_english_beside_a_translation_that_nobody_has_read(form: Any, beside: Path) -> None:
    left, right = house(beside, "en"), house(beside, "fr")
    order = Order("small", form, "en+fr", LETTER)
    until, name = date(2027, 12, 1), "Dr. Ada Example, medical director"
    sign(load_handout(left.clinic.library, "small", "en"), left, name, until)
    for page in footers(printed(order, left, right, beside).path):
        assert squeezed(f"SMALL-{form.code}-en 1.0 · {REVIEWED}") in page
        assert squeezed(f"SMALL-{form.code}-fr 1.0 · {DRAFT_FR}") in page
        assert squeezed(DRAFT) not in page
    other = Translator("T. Example", "certified medical translator")
    sign(load_handout(right.clinic.library, "small", "fr"), right, "Dr. B", until, other)
    for page in footers(printed(order, left, right, beside).path):
        assert squeezed(f"SMALL-{form.code}-en 1.0 · {REVIEWED}") in page
        assert squeezed(f"SMALL-{form.code}-fr 1.0 · {REVIEWED.replace(name, 'Dr. B')}") in page
        assert squeezed(DRAFT_FR) not in page


def test_review_that_was_due_stops_the_paper_on_either_side(
    beside: Path, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for language, translator in (("en", None), ("fr", Translator("T. Example", "certified"))):
        signed = house(beside, language)
        sign(load_handout(signed.clinic.library, "small", language), signed, "Dr. B", date(2027, 12, 1), translator)
        monkeypatch.setattr("handouts.cli._today", lambda: date(2027, 12, 2))
        outcome = run("render", "small", *BOTH)
        assert (outcome.code, outcome.out) == (1, "")
        assert "--past-review" in outcome.err and "was due on 2027-12-01" in outcome.err
        assert not (desk / "output").exists()
        assert run("render", "small", *BOTH, "--past-review", "--output", f"{language}.pdf").code == 0
        assert all("reviewwasdueDec1,2027" in page for page in footers(desk / f"{language}.pdf"))
        shutil.rmtree(beside / "sign-offs")


# The command


def test_it_is_printed_under_its_name(beside: Path, desk: Path) -> None:
    outcome = run("render", "small", *BOTH)
    assert (outcome.code, outcome.out) == (0, "output/small-full-en-fr.pdf\n")
    assert run("render", "Small", "--language", " EN + fr", "--clinic", "clinic", "--output", "again.pdf").code == 0
    assert (desk / "again.pdf").read_bytes() == (desk / "output" / "small-full-en-fr.pdf").read_bytes()
    outcome = run("render", "small", "--format", "summary", "--paper", "a4", *BOTH)
    assert (outcome.code, outcome.out) == (0, "output/small-summary-en-fr-a4.pdf\n")


def test_same_inputs_give_the_same_bytes(clinic: Path, full: Paper, tmp_path: Path) -> None:
    again = printed(full.order, house(clinic, "en"), house(clinic, "fr"), tmp_path)
    assert again.pdf.content == full.pdf.content
    assert again.composition.fingerprint == full.composition.fingerprint


def test_all_are_those_that_both_languages_have(beside: Path, desk: Path) -> None:
    more = {"seul": "content/fr/handouts/seul.md", "alone": "content/en/handouts/alone.md"}
    write(beside, {more["seul"]: HANDOUT_FR, more["alone"]: HANDOUT})
    outcome = run("render", "--all", *BOTH)
    assert outcome.code == 0
    assert outcome.out.splitlines() == ["output/small-full-en-fr.pdf", "output/small-summary-en-fr.pdf"]
    assert set(contents(desk / "output")) == {"small-full-en-fr.pdf", "small-summary-en-fr.pdf"}
    outcome = run("render", "--all", "--format", "summary", "--output", "some", *BOTH)
    assert (outcome.code, outcome.out) == (0, "some/small-summary-en-fr.pdf\n")


# What is refused


def refused(desk: Path, *asked: str) -> str:
    """What is said. Nothing is printed, and nothing is written."""
    write(desk, {"output/small-full-en-fr.pdf": OLD})
    before = contents(desk)
    outcome = run("render", *asked)
    assert (outcome.code, outcome.out) == (1, "")
    assert contents(desk) == before
    said = [line for line in outcome.err.splitlines() if "[line-in-english]" not in line]
    return "\n".join(said)


@pytest.mark.parametrize("more", [(), ("--stale",)])
def test_translation_that_is_older_than_its_english(more: tuple[str, ...], beside: Path, desk: Path) -> None:
    """Also with --stale: a reader would look across at a sentence that says something else."""
    write(beside, {"content/en/blocks/small-block.md": BLOCK.replace("Some text", "Other text")})
    said = refused(desk, "small", *BOTH, *more)
    assert said.startswith(
        "clinic/content/fr/blocks/small-block.md: The English of “fr/blocks/small-block” has changed"
    )
    assert said.endswith("Translate what changed, then: handouts translated small --language fr.")
    assert refused(desk, "small", "--language", "fr+en", "--clinic", "clinic", *more) == said
    assert run("translated", "small", "--language", "fr", "--clinic", "clinic").code == 0
    assert run("render", "small", *BOTH, *more).code == 0


@pytest.mark.parametrize("more", [(), ("--stale",)])
def test_translation_that_nobody_has_recorded(more: tuple[str, ...], beside: Path, desk: Path) -> None:
    (beside / "content/fr/made-from.yaml").unlink()
    said = refused(desk, "small", *BOTH, *more).splitlines()
    assert len(said) > 2
    for line in said:
        assert "Nobody has recorded which English" in line
        assert "then: handouts translated small --language fr." in line


@pytest.mark.parametrize(
    ("language", "more", "problem", "remedy"),
    [
        ("en+fr", ("--large-print",), "no large print", "Print each language by itself, with --large-print."),
        ("en+en", (), "“en+en” is neither one language nor two", "Write one (es), or two as en+es."),
        ("en+EN", (), "“en+EN” is neither one language nor two", "Write one (es), or two as en+es."),
        ("en+es+fr", (), "“en+es+fr” is neither one language nor two", "Write one (es), or two as en+es."),
        ("+fr", (), "“+fr” is neither one language nor two", "Write one (es), or two as en+es."),
        ("en+", (), "“en+” is neither one language nor two", "Write one (es), or two as en+es."),
        ("+", (), "“+” is neither one language nor two", "Write one (es), or two as en+es."),
        ("en+zz", (), "language “zz”", "There is: en, es, fr."),
        ("zz+fr", (), "language “zz”", "There is: en, es, fr."),
        ("en+../fr", (), "language “../fr”", "There is: en, es, fr."),
        ("en+es", (), "“small” is not there in the language “es”", "It is there in: en, fr."),
    ],
)
@pytest.mark.parametrize("what", ["small", "--all"])
def test_what_cannot_be_set_side_by_side(
    language: str, more: tuple[str, ...], problem: str, remedy: str, what: str, beside: Path, desk: Path
) -> None:
    if what == "--all" and language == "en+es":
        pytest.skip("those that are there in both are printed")
    said = refused(desk, what, "--language", language, "--clinic", "clinic", *more)
    assert len(said.splitlines()) == 1
    assert problem in said and said.endswith(remedy)


def test_another_paragraph_is_told_and_stops_all_papers(beside: Path, desk: Path) -> None:
    other = {f"content/{code}/handouts/other.md": text for code, text in (("en", HANDOUT), ("fr", HANDOUT_FR))}
    lone = HANDOUT_FR.replace("small-block", "more")
    write(beside, {**other, "content/en/blocks/more.md": BLOCK, "content/fr/blocks/more.md": f"{BLOCK_FR}\nEt fin.\n"})
    write(beside, {"content/en/handouts/other.md": HANDOUT.replace("small-block", "more")})
    write(beside, {"content/fr/handouts/other.md": lone})
    assert run("translated", "--all", "--language", "fr", "--clinic", "clinic").code == 0
    said = refused(desk, "small", "other", *BOTH).splitlines()
    assert said == [
        "clinic/content/fr/blocks/more.md: It has 3 paragraphs and pictures below its front matter, and the other "
        "language 2. Give it the same parts in the same order.",
        "Nothing was printed.",
    ]


def test_check_warns_of_what_cannot_be_set_side_by_side(beside: Path) -> None:
    asked = ("check", "small", "--language", "fr", "--clinic", "clinic")
    assert "not-side-by-side" not in run(*asked).out
    write(beside, {"content/fr/blocks/small-block.md": f"{BLOCK_FR}\nEncore une phrase.\n"})
    (line,) = [line for line in run(*asked).out.splitlines() if "not-side-by-side" in line]
    assert line.startswith("clinic/content/fr/blocks/small-block.md: warning [not-side-by-side]: It has 3 paragraphs")
    write(beside, {"content/en/blocks/small-block.md": f"{BLOCK}\nOne more sentence.\n"})
    assert "not-side-by-side" not in run(*asked).out
    assert "not-side-by-side" not in run("check", "small", "--clinic", "clinic").out
