"""Laid-out pages become a PDF/UA-1 file, with what WeasyPrint 70 leaves undone mended while it is written.

What is mended, and why (`docs/decisions/0003-mending-tags.md` has the sources):
- running headers and footers are content without a place in the tag tree: they become pagination artifacts;
- the box of a picture is written in CSS pixels from the top: PDF wants points from the foot;
- the description of a link is its address: a reader's voice should say its words;
- blocks inside a list item stand beside the item's body: they belong into it;
- the rows of a bilingual paper would be read across: a voice should read one column after the other;
- the panels of a brochure would be read as they lie on the sheet: they are read as the story goes;
- a phrase in another language (`lang` in the HTML) has no language in the tags: a reader's voice would say it wrong.

Papers of a series (patients' own pages) have fonts with more letters than they use, so that all have the same files.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pydyf

from handouts.pairing import GOES_ON
from handouts.pdf import Pdf
from handouts.typesetting import PIXEL, VARIANT, Rendering, complaints_stop_the_paper

# What nearly every patient's page is written in: English and Spanish. Any other letter makes a font file of its own.
_LETTERS = frozenset(map(chr, range(0x20, 0x7F))) | frozenset("áéíóúüñÁÉÍÓÚÜÑ¡¿ªº°·×½–—‘’“”…•✓☐\N{NO-BREAK SPACE}")
_LIGATURES = ("f_f", "f_i", "f_l", "f_f_i", "f_f_l", "ff", "fi", "fl", "ffi", "ffl", "uniFB00", "uniFB01", "uniFB02")
_DATE = "SOURCE_DATE_EPOCH"
_ROW = "row"  # the class of a row of a bilingual paper, in templates/pairs.html


def finish(rendering: Rendering) -> Pdf:
    """Write the pages as PDF/UA-1. The same pages give the same bytes. Raises DesignError if there is a complaint."""
    fonts = _fonts_of_a_series() if rendering.series else nullcontext()
    complaints = complaints_stop_the_paper(rendering.composition)
    with complaints, fonts, _undated_fonts(), _languages_of_parts() as marked:
        content = rendering.document.write_pdf(
            pdf_variant=VARIANT,
            finisher=lambda document, pdf: _mend(document, pdf, marked),
            uncompressed_pdf=rendering.series,  # its pieces are packed when it is taken apart, and fonts only once
        )
    return Pdf(content, rendering.composition.title, rendering.page_count)


@contextmanager
def _undated_fonts() -> Iterator[None]:
    """fontTools dates the fonts that it cuts out of variable ones: without this, no two papers have the same bytes.

    A date that somebody has set is for what is dated, such as a press file.
    """
    given = os.environ.get(_DATE)
    os.environ[_DATE] = "0"
    try:
        yield
    finally:
        del os.environ[_DATE]
        if given is not None:
            os.environ[_DATE] = given


@contextmanager
def _languages_of_parts() -> Iterator[_Marked]:
    """While tags are built, each takes the language of its HTML element. Wraps a private function of WeasyPrint 70.

    Yields what the HTML has marked, filled while the tags are built.
    """
    from weasyprint.pdf import tags  # here: typesetting must be imported first, it tells WeasyPrint which fonts to see

    build = tags._build_box_tree
    marked = _Marked(set(), set(), {})

    def with_languages(box: Any, *rest: Any) -> Iterator[Any]:
        element = getattr(box, "_box", box).element
        language = element.get("lang") if element is not None and element.tag not in ("html", "body") else None
        for made in build(box, *rest):
            if language and made["S"] != "/Document":
                made["Lang"] = pydyf.String(language)
            classes = element.get("class", "").split() if element is not None else ()
            if made["S"] == "/Div" and _ROW in classes:
                marked.rows.add(made.reference)
            if made["S"] == "/L" and GOES_ON in classes:
                marked.lists_that_go_on.add(made.reference)
            if "panel" in classes and made["S"] == "/Sect":
                marked.panels[made.reference] = int(element.get("data-panel"))
            yield made

    tags._build_box_tree = with_languages
    try:
        yield marked
    finally:
        tags._build_box_tree = build


@contextmanager
def _fonts_of_a_series() -> Iterator[None]:
    """While fonts are written, each keeps the same common letters besides those it needs, and is made once.

    Which letters these are depends on nothing but the page: the same page gives the same bytes in every process.
    Wraps a private method of WeasyPrint 70.
    """
    from weasyprint.pdf.fonts import Font

    clean = Font.clean

    def with_common_letters(font: Any, to_unicode: Any, hinting: bool) -> None:
        if not to_unicode or font.missing:
            clean(font, to_unicode, hinting)
            return
        file = hashlib.sha256(font.file_content).digest()
        if file not in _common:
            _common[file] = _common_glyphs(font.file_content, font.index)
        glyphs = _common[file] | set(to_unicode)
        varied = tuple(sorted(font.variations.items()))
        key = (file, glyphs, font.index, font.weight, font.style, font.font_size, varied, hinting)
        if key not in _fonts:
            clean(font, dict.fromkeys(glyphs, ""), hinting)
            if len(_fonts) == _MOST_FONTS:
                del _fonts[next(iter(_fonts))]
            _fonts[key] = font.file_content
        font.file_content = _fonts[key]

    Font.clean = with_common_letters
    try:
        yield
    finally:
        Font.clean = clean


_common: dict[bytes, frozenset[int]] = {}  # the glyphs of the common letters, by the hash of a font file
_fonts: dict[object, bytes] = {}  # fonts cut down to the glyphs that are wanted, by all that they are made from
_MOST_FONTS = 48


def _common_glyphs(file: bytes, index: int) -> frozenset[int]:
    """The glyphs of the common letters in a font file, and of the letters that are drawn as one."""
    from fontTools.ttLib import TTFont  # slow to import

    with TTFont(io.BytesIO(file), fontNumber=index, lazy=True) as font:
        numbers = font.getReverseGlyphMap()
        held = [name for code, name in font.getBestCmap().items() if chr(code) in _LETTERS]
        return frozenset(numbers[name] for name in (*held, *_LIGATURES) if name in numbers)


def _mend(document: Any, pdf: Any, marked: _Marked) -> None:
    tree = _Tree(pdf)
    _margins_become_artifacts(pdf, tree)
    _boxes_in_points(pdf, tree)
    _items_hold_their_blocks(pdf, tree)
    _columns_one_after_the_other(tree, marked)
    _panels_in_story_order(tree, marked)
    _turned_over_the_short_edge(pdf, marked)
    _links_say_their_words(document)


@dataclass(frozen=True)
class _Marked:
    """References of tags that the HTML has marked: rows of a bilingual paper and lists that go on; the panels of a
    brochure, with their place in its story.
    """

    rows: set[bytes]
    lists_that_go_on: set[bytes]
    panels: dict[bytes, int]


class _Tree:
    """The structure tree: its elements by reference, each once, in reading order."""

    def __init__(self, pdf: Any) -> None:
        self._objects = {item.reference: item for item in pdf.objects if isinstance(item, pydyf.Dictionary)}
        root = self._objects[pdf.catalog["StructTreeRoot"]]
        self.numbers: Any = self._objects[root["ParentTree"]]["Nums"]
        self.elements: dict[bytes, Any] = {}
        self._collect(root["K"][0])

    def kids(self, element: Any) -> list[tuple[Any, Any]]:
        """The children of an element: each reference with its structure element, or None for marked content."""
        found = ((kid, self._objects.get(kid) if isinstance(kid, bytes) else None) for kid in element["K"])
        return [(kid, child if child and child.get("Type") == "/StructElem" else None) for kid, child in found]

    def _collect(self, reference: bytes) -> None:
        element = self._objects[reference]
        self.elements[reference] = element
        for kid, child in self.kids(element):
            if child is not None:
                self._collect(kid)


def _margins_become_artifacts(pdf: Any, tree: _Tree) -> None:
    pages = [item for item in pdf.objects if isinstance(item, pydyf.Dictionary) and item.get("Type") == "/Page"]
    streams = {item.reference: item for item in pdf.objects if isinstance(item, pydyf.Stream)}
    owners = dict(zip(tree.numbers[::2], tree.numbers[1::2], strict=True))
    for page in pages:
        parents = owners[page["StructParents"]]
        outside = {at for at, parent in enumerate(parents) if parent not in tree.elements}
        if not outside:
            continue
        content = streams[page["Contents"]].stream
        for at, operand in enumerate(content):
            if isinstance(operand, pydyf.Dictionary) and operand.get("MCID") in outside:
                content[at - 1] = "/Artifact"
                content[at] = pydyf.Dictionary({"Type": "/Pagination"})
        for at in outside:
            parents[at] = "null"


def _boxes_in_points(pdf: Any, tree: _Tree) -> None:
    heights = {
        item.reference: item["MediaBox"][3]
        for item in pdf.objects
        if isinstance(item, pydyf.Dictionary) and item.get("Type") == "/Page"
    }
    for element in tree.elements.values():
        if element["S"] == "/Figure":
            left, top, right, bottom = (side * PIXEL for side in element["A"]["BBox"])
            height = heights[element["Pg"]]
            element["A"]["BBox"] = pydyf.Array(round(side, 2) for side in (left, height - bottom, right, height - top))


def _items_hold_their_blocks(pdf: Any, tree: _Tree) -> None:
    for reference, item in list(tree.elements.items()):
        if item["S"] != "/LI":
            continue
        kids = tree.kids(item)
        strays = [(kid, child) for kid, child in kids if child is None or child["S"] not in ("/Lbl", "/LBody")]
        if not strays:
            continue
        body = next((child for _, child in kids if child is not None and child["S"] == "/LBody"), None)
        kept = [kid for kid, child in kids if child is not None and child["S"] in ("/Lbl", "/LBody")]
        if body is None:
            body = pydyf.Dictionary(
                {"Type": "/StructElem", "S": "/LBody", "P": reference, "K": pydyf.Array(), "Pg": item["Pg"]}
            )
            pdf.add_object(body)
            kept.append(body.reference)
        for kid, child in strays:
            body["K"].append(kid)
            if child is not None:
                child["P"] = body.reference
        item["K"] = pydyf.Array(kept)


def _columns_one_after_the_other(tree: _Tree, marked: _Marked) -> None:
    """Rows that follow each other become two columns: all that is left, then all that is right.

    Each column is a division with the language of its cells. Lists of one line each become one list again.
    """
    rows = marked.rows
    for reference, element in list(tree.elements.items()):
        kids = tree.kids(element)
        if reference in rows or not any(kid in rows for kid, _ in kids):
            continue
        found: list[Any] = []
        for together, run in groupby(kids, lambda kid: kid[0] in rows):
            if together:
                found += _columns(tree, [child for _, child in run], marked)
            else:
                found += [kid for kid, _ in run]
        element["K"] = pydyf.Array(found)


def _columns(tree: _Tree, rows: list[Any], marked: _Marked) -> list[bytes]:
    """Two divisions in place of some rows: the cells of the left, and those of the right."""
    cells = [_cells(tree, row) for row in rows]
    columns = []
    for at in (0, 1):
        column = cells[0][at]
        column["P"] = rows[0]["P"]
        column["K"] = _in_one_column(tree, column, [row[at] for row in cells], marked)
        columns.append(column.reference)
    return columns


def _cells(tree: _Tree, row: Any) -> list[Any]:
    """The two cells of a row, below the boxes that WeasyPrint puts around the cells of a table."""
    kids = [child for _, child in tree.kids(row)]
    return kids if len(kids) > 1 else _cells(tree, kids[0])


def _in_one_column(tree: _Tree, column: Any, cells: list[Any], marked: _Marked) -> Any:
    kids: list[bytes] = []
    last: Any = None
    for cell in cells:
        for kid, child in tree.kids(cell):
            if last is not None and last["S"] == "/L" and kid in marked.lists_that_go_on:
                for item, held in tree.kids(child):
                    last["K"].append(item)
                    if held is not None:
                        held["P"] = last.reference
                continue
            last = child
            kids.append(kid)
            if child is not None:
                child["P"] = column.reference
    return pydyf.Array(kids)


def _panels_in_story_order(tree: _Tree, marked: _Marked) -> None:
    """The panels of a brochure follow each other as its story does, wherever they stand on the two sides of the sheet.

    They hang on the document itself: the sides are no parts of the story.
    """
    if not marked.panels:
        return
    reference, top = next(iter(tree.elements.items()))
    others = list(_beside_panels(tree, top, marked))
    panels = sorted((kid for kid in tree.elements if kid in marked.panels), key=lambda kid: marked.panels[kid])
    for kid in (*others, *panels):
        if kid in tree.elements:
            tree.elements[kid]["P"] = reference
    top["K"] = pydyf.Array([*others, *panels])


def _beside_panels(tree: _Tree, element: Any, marked: _Marked) -> Iterator[Any]:
    """What stands on the sides of the sheet besides the panels, such as what is printed across a proof."""
    for kid, child in tree.kids(element):
        if kid in marked.panels:
            continue
        if child is not None and _holds_a_panel(tree, child, marked):
            yield from _beside_panels(tree, child, marked)
        elif child is None or _says_anything(tree, child):
            yield kid


def _says_anything(tree: _Tree, element: Any) -> bool:
    """Whether there is anything on a page below a tag. The grounds of panels hold nothing."""
    return any(child is None or _says_anything(tree, child) for _, child in tree.kids(element))


def _turned_over_the_short_edge(pdf: Any, marked: _Marked) -> None:
    """Both sides of a sheet that lies on its long edge are the right way up only if it is turned over the short one.

    ISO 32000-1, table 150. A page that is a panel by itself has no other side.
    """
    sizes = [
        item["MediaBox"] for item in pdf.objects if isinstance(item, pydyf.Dictionary) and item.get("Type") == "/Page"
    ]
    if marked.panels and all(box[2] > box[3] for box in sizes):
        pdf.catalog["ViewerPreferences"] = pydyf.Dictionary(
            {**pdf.catalog.get("ViewerPreferences", {}), "Duplex": "/DuplexFlipShortEdge", "PrintScaling": "/None"}
        )


def _holds_a_panel(tree: _Tree, element: Any, marked: _Marked) -> bool:
    return any(
        kid in marked.panels or (child is not None and _holds_a_panel(tree, child, marked))
        for kid, child in tree.kids(element)
    )


def _links_say_their_words(document: Any) -> None:
    for page in document.pages:
        for box in page._page_box.descendants():
            annotation = getattr(box, "link_annotation", None)
            if annotation and box.element is not None:
                words = " ".join("".join(box.element.itertext()).split())
                if words:
                    annotation["Contents"] = pydyf.String(words)
