"""The only module that lays out: a composition becomes pages we can question, and then a PDF.

WeasyPrint logs what it cannot do and prints a hole; here every such complaint stops the paper.
Private parts of WeasyPrint are used to measure pages (`_page_box`); the version is pinned for that reason.
"""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

# A page must look the same on every machine: no font of the machine is seen, only those that the styles name. A
# character that none of them holds is then a complaint, not a surprise. Fontconfig reads this once, when it starts.
os.environ["FONTCONFIG_FILE"] = str(Path(__file__).with_name("no-machine-fonts.conf"))

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "No fonts configured")  # by design
    import weasyprint
from weasyprint.formatting_structure import boxes
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from handouts.composing import Composition
from handouts.errors import ContentError, DesignError, Origin, raise_all

PIXEL = 0.75  # points in a CSS pixel
VARIANT = "pdf/ua-1"
_VARIABLE = re.compile(r"(--[\w-]+)\s*:([^;}]*)[;}]")
_USE = re.compile(r"var\((--[\w-]+)\)")
_PRODUCT = re.compile(r"calc\(([\d.]+)(pt|em|in|mm) \* ([\d.]+)\)")
_DEEPEST_VARIABLE = 3  # variables in variables
_FOOTNOTES = re.compile(r"^::(?:foot)?note-\w+ \{.*\}$", re.MULTILINE)
_TABULAR = "font-variant-numeric: tabular-nums;"
_STYLES = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_DATA = re.compile(r"data:image[^\s\"')]*")
_LARGEST_ASSET = 20_000_000  # bytes
_UNPRINTABLE = 4 / 25.4 * 96  # CSS pixels: office printers leave about 4 mm at each edge blank
_LEAST_LAST_PAGE = 0.12  # of the live height; less looks like a mistake
_LEAST_PAGE = 0.6  # the same for a page that others follow
_NOT_WHITE_SPACE = 0.4  # of a page: what is empty beyond this cannot be mended with white space


class AssetFetcher(URLFetcher):  # type: ignore[misc]
    """Serves files below the given folders, and `data:` addresses. Nothing else, and never the network."""

    def __init__(self, roots: tuple[Path, ...]) -> None:
        super().__init__(allowed_protocols=("file", "data"), allow_redirects=False, timeout=2, fail_on_errors=True)
        self._roots = tuple(root.resolve() for root in roots)

    def fetch(self, url: str, headers: Any = None) -> Any:
        parts = urlsplit(url)
        if parts.scheme == "data" and len(url) <= _LARGEST_ASSET:
            return super().fetch(url, headers)
        if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
            raise ValueError("only files of the clinic's and our own folders can be printed")
        path = Path(url2pathname(parts.path)).resolve(strict=True)  # resolves `..` and symbolic links
        if not any(path.is_relative_to(root) for root in self._roots) or not path.is_file():
            raise ValueError("only files of the clinic's and our own folders can be printed")
        if path.stat().st_size > _LARGEST_ASSET:
            raise ValueError("the file is too large")
        return super().fetch(path.as_uri(), headers)


@dataclass(frozen=True)
class Rendering:
    """Laid-out pages. `document` is WeasyPrint's; `source` is the text that should stand on them.

    `series`: it is one of many whose fonts should be the same files.
    """

    composition: Composition
    document: Any
    source: str
    air: float
    flowing: bool = False
    series: bool = False

    @property
    def page_count(self) -> int:
        return len(self.document.pages)

    @property
    def fills(self) -> tuple[float, ...]:
        """How far down each page its content reaches: 0 is the top of the live height, 1 its foot."""
        return tuple(_fill(page._page_box) for page in self.document.pages)

    @property
    def fill(self) -> float:
        """The same of the last page."""
        return _fill(self.document.pages[-1]._page_box)

    @property
    def panels(self) -> tuple[PanelFill, ...]:
        """Each panel of a brochure, in the order of the file."""
        pages = (page._page_box for page in self.document.pages)
        return tuple(_panel_fill(box) for page in pages for box in _boxes(page) if _is_panel(box))

    @property
    def sizes_said(self) -> dict[str, frozenset[float]]:
        """The type sizes, in points, of the running text of what says something (`data-says`), by what it says."""
        found: dict[str, set[float]] = {}
        for page in self.document.pages:
            for box in _boxes(page._page_box):
                says = _said_by(box)
                if says:
                    sizes = {text.style["font_size"] * PIXEL for text in _boxes(box) if isinstance(text, boxes.TextBox)}
                    found.setdefault(says, set()).update(round(size, 2) for size in sizes)
        return {says: frozenset(sizes) for says, sizes in found.items()}

    def sections_on(self, page_number: int) -> tuple[str, ...]:
        """The ids of the sections with text on a page (the first page is 1), in order."""
        page = self.document.pages[page_number - 1]._page_box
        found = (section for section, _ in _lines(page, None, self.composition.titles))
        return tuple(dict.fromkeys(section for section in found if section))

    def lines_after(self, page_number: int) -> list[str | None]:
        """For each line of text that stands after a page, the id of the section it belongs to."""
        section: str | None = None
        lines: list[str | None] = []
        for number, page in enumerate(self.document.pages, start=1):
            for found, _ in _lines(page._page_box, section, self.composition.titles):
                section = found
                if number > page_number:
                    lines.append(section)
        return lines


@dataclass(frozen=True)
class PanelFill:
    """How a panel of a brochure is filled: how many lines run over its live height, and how much of that is used."""

    name: str
    lines_over: int
    fill: float


def typeset(composition: Composition, series: bool = False, proof: bool = False) -> Rendering:
    """Lay a composition out, with as much white space as its format allows.

    `series`: many of the same kind follow, such as patients' own pages. Their styles and fonts are then read once.
    `proof`: words that are cut off are to be seen, not refused.

    Raises ContentError if it runs over its pages, DesignError if WeasyPrint complains about anything. Nothing is
    written in either case.
    """
    rendering = _with_the_best_air(composition, series)
    if not proof:
        _all_words_once(rendering)
        _nothing_runs_off(rendering)
    return rendering


def _with_the_best_air(composition: Composition, series: bool) -> Rendering:
    form = composition.format
    if form.panels:
        return _with_room_in_every_panel(composition, series)
    if form.pages is None:
        return _without_a_nearly_empty_page(composition, series)
    if form.fill is not None:
        return _filled(composition, form.pages, form.fill, series)
    laid_out: dict[float, Rendering] = {}
    for pages in range(form.pages, (form.pages_at_most or form.pages) + 1):
        if pages == form.pages + 1:
            laid_out = {}  # on more pages than it should have, sections do not begin pages of their own
        for air in form.airs:
            if air not in laid_out:
                laid_out[air] = _lay_out(composition, air, series, flowing=pages > form.pages)
            if _fits(laid_out[air], pages):
                return laid_out[air]
    raise _overrun(laid_out[form.airs[-1]])


def _filled(composition: Composition, pages: int, fill: tuple[float, float], series: bool) -> Rendering:
    """Choose the white space so that the text ends near the foot of its last page.

    The height of a page grows nearly in a straight line with the white space, so a few steps are enough.
    """
    airs = composition.format.airs
    least, most = min(airs), max(airs)
    lowest, highest = fill
    aim = highest - 0.25 * (highest - lowest)
    best: Rendering | None = None
    air = 1.0
    for _ in range(7):
        rendering = _lay_out(composition, air, series)
        if rendering.page_count <= pages and rendering.fill <= highest:
            least = air
            if best is None or rendering.fill > best.fill:
                best = rendering
            if rendering.fill >= aim - 0.03 or air >= max(airs):
                return rendering
        else:
            most = air
        if most - least < 0.02:
            break
        # Where the first try fits, the most white space is tried next: short texts are then done in two steps.
        air = most if best is not None and most == max(airs) and air == least else (least + most) / 2
    if best is not None:
        return best
    tightest = _lay_out(composition, min(airs), series)
    if tightest.page_count <= pages:
        return tightest  # a page that is full to its foot is better than none
    raise _overrun(tightest)


def _with_room_in_every_panel(composition: Composition, series: bool) -> Rendering:
    """The most white space with which no panel runs over. It is the same for all: they are seen side by side."""
    size = f"size: {composition.paper.width}mm {composition.paper.height}mm;"
    assert size in composition.html
    # What a panel at a fixed place has below the foot of its page is not laid out at all: it is measured
    # on higher pages.
    higher = f"size: {composition.paper.width}mm {5 * composition.paper.height}mm;"
    measured = replace(composition, html=composition.html.replace(size, higher, 1))
    for air in composition.format.airs:
        over = [panel for panel in _lay_out(measured, air, series).panels if panel.lines_over]
        if not over:
            return _lay_out(composition, air, series)
    raise_all(
        [
            ContentError(
                f"The panel “{composition.titles[panel.name]}” runs over by {panel.lines_over} "
                f"line{'s' if panel.lines_over > 1 else ''}",
                "Shorten it, or choose a text font that runs narrower. Type is never set smaller. Nothing was written.",
                composition.origin,
            )
            for panel in over
        ]
    )
    raise AssertionError("a panel ran over")


def _boxes(box: Any) -> Iterator[Any]:
    """A box and all boxes below it, those with a position of their own too."""
    for found in box.descendants(placeholders=True):
        yield getattr(found, "_box", found)


def _is_panel(box: Any) -> bool:
    return isinstance(box, boxes.BlockBox) and _has_class(box, "panel")


def _has_class(box: Any, name: str) -> bool:
    element = getattr(box, "element", None)
    return element is not None and hasattr(element, "get") and name in (element.get("class") or "").split()


def _said_by(box: Any) -> str | None:
    element = getattr(box, "element", None)
    return element.get("data-says") if isinstance(box, boxes.BlockBox) and element is not None else None


def _panel_fill(panel: Any) -> PanelFill:
    """What stands at the foot of a panel (the class `foot`) leaves less height for what is above it."""
    top, height = panel.content_box_y(), panel.height
    feet = [box for box in _boxes(panel) if _has_class(box, "foot")]
    in_feet = {id(box) for foot in feet for box in _boxes(foot)}
    bottom = min([top + height, *(foot.position_y for foot in feet)])
    lowest, over = top, 0
    for _, line in _lines(panel, None, ()):
        if not _says_something(line):
            continue
        foot = id(line) in in_feet
        lowest = max(lowest, _bottom(line) if not foot else top + height)
        over += _bottom(line) > (top + height if foot else bottom) + 0.5
    return PanelFill(panel.element.get("id"), over, (lowest - top) / height)


def _says_something(line: Any) -> bool:
    """Whether a line holds words of the text: a bullet has a line of its own."""
    return any(isinstance(box, boxes.TextBox) and box.text.strip() and not _is_from_styles(box) for box in _boxes(line))


def _without_a_nearly_empty_page(composition: Composition, series: bool) -> Rendering:
    """A page with a few lines on it looks like a mistake: a little more or less white space often avoids it.

    Where it does not, the section has outgrown its page (a longer language): then no section begins a page of its own.
    """
    best = _least_empty(composition, series, flowing=False)
    if not _emptiness(best):
        return best
    flowing = _least_empty(composition, series, flowing=True)
    return min(best, flowing, key=_emptiness)


def _least_empty(composition: Composition, series: bool, flowing: bool) -> Rendering:
    best, least = None, float("inf")
    for air in (1.0, 0.92, 0.84, 1.1, 0.72, 1.2, 0.6):
        rendering = _lay_out(composition, air, series, flowing)
        emptiness = _emptiness(rendering)
        if best is None or emptiness < least:
            best, least = rendering, emptiness
        if not emptiness or (not flowing and least > _NOT_WHITE_SPACE):
            break
    assert best is not None
    return best


def _emptiness(rendering: Rendering) -> float:
    """How much its pages fall short of what they should hold, in pages. In large print only the last one counts:
    what must stay together is often half a page there.
    """
    *others, last = rendering.fills
    wanted = [] if rendering.composition.format.large else [(fill, _LEAST_PAGE) for fill in others]
    if others:
        wanted.append((last, _LEAST_LAST_PAGE))
    return sum(max(0.0, least - fill) for fill, least in wanted)


def _fits(rendering: Rendering, pages: int) -> bool:
    form = rendering.composition.format
    if rendering.page_count > pages:
        return False
    if form.must_be_first and 1 < rendering.page_count == form.pages:
        return form.must_be_first not in rendering.sections_on(2)
    return True


def _overrun(rendering: Rendering) -> ContentError:
    composition = rendering.composition
    form = composition.format
    pages = form.pages_at_most or form.pages or 1
    kind = f"{'large-print ' if form.large else ''}{form.name}"
    lines = rendering.lines_after(pages)
    section = next((name for name in lines if name), None)
    where = f", from the section “{composition.titles[section]}” on" if section else ""
    return ContentError(
        f"The {kind} of “{composition.title}” runs over its {pages if pages > 1 else 'one'} "
        f"page{'s' if pages > 1 else ''} by {len(lines)} line{'s' if len(lines) > 1 else ''}{where}",
        "Shorten the key points or the main message, or choose a text font that runs narrower. Type is never set "
        "smaller. Nothing was written.",
        composition.origin,
    )


def _lay_out(composition: Composition, air: float, series: bool, flowing: bool = False) -> Rendering:
    base = composition.base.as_uri() + "/"
    text = composition.with_air(air, flowing)
    faces = "\n".join(face.css for face in composition.faces)
    with complaints_stop_the_paper(composition):
        fetcher = AssetFetcher(composition.roots)
        if series:
            styles = "\n".join(_STYLES.findall(text))
            text = _STYLES.sub("", text)
            dress = _dress_of_a_series(faces, styles, base, composition.roots)
        else:
            dress = _dress(faces, None, base, fetcher)
        reader = weasyprint.HTML if dress.has_footnotes else _WithoutFootnotes
        html = reader(string=text, base_url=base, url_fetcher=fetcher)
        document = html.render(font_config=dress.fonts, stylesheets=dress.sheets, pdf_variant=VARIANT)
    source = "".join(html.etree_element.find("body").itertext())
    return Rendering(composition, document, source, air, flowing, series)


@dataclass(frozen=True)
class _Dress:
    """What a page is laid out with besides its HTML. A series that has no footnotes is laid out faster."""

    fonts: Any
    sheets: list[Any]
    has_footnotes: bool = True


class _WithoutFootnotes(weasyprint.HTML):  # type: ignore[misc]
    """WeasyPrint 70's own styles make five boxes for footnotes beside every element, whether or not there are any:
    most of the work of finding out what styles apply. And each list marker with figures of one width, as those styles
    want it, keeps some memory for ever.
    """

    def _ua_stylesheets(self, forms: bool = False) -> list[Any]:
        return [_usual_styles()]


@cache
def _usual_styles() -> Any:
    from weasyprint.css.counters import CounterStyle
    from weasyprint.html import UA

    # Counters of its own: those of WeasyPrint are filled already, and used whatever stands here.
    return weasyprint.CSS(string=_FOOTNOTES.sub("", UA).replace(_TABULAR, ""), counter_style=CounterStyle())


def _dress(faces: str, styles: str | None, base: str, fetcher: AssetFetcher) -> _Dress:
    fonts = FontConfiguration()
    # Beside the page's own styles, so that no template can lose them: text without any font ends the process.
    texts = [faces] if styles is None else [styles, faces]
    sheets = [weasyprint.CSS(string=text, font_config=fonts, url_fetcher=fetcher, base_url=base) for text in texts]
    return _Dress(fonts, sheets)


_kept: dict[tuple[str, str, str, tuple[Path, ...]], _Dress] = {}  # of series
_MOST_KEPT = 16


def _dress_of_a_series(faces: str, styles: str, base: str, roots: tuple[Path, ...]) -> _Dress:
    """The same for all papers with these styles. One that WeasyPrint complains about is not kept: each is told."""
    key = (faces, styles, base, roots)
    if key in _kept:
        return _kept[key]
    heard = _Listener()
    logger = logging.getLogger("weasyprint")
    logger.addHandler(heard)
    try:
        dress = _dress(faces, _settled(styles), base, AssetFetcher(roots))
        dress = replace(dress, has_footnotes="note-" in styles or "footnote" in styles)
    finally:
        logger.removeHandler(heard)
    if not heard.complaints:
        if len(_kept) == _MOST_KEPT:
            del _kept[next(iter(_kept))]
        _kept[key] = dress
    return dress


def _settled(styles: str) -> str:
    """The same styles with every variable that is set only once in its place, and sums of known numbers done.

    WeasyPrint would do that again for each element of each page: a tenth of the time a page takes.
    """
    values: dict[str, str] = {}
    names = [name for name, _ in _VARIABLE.findall(styles)]
    for name, value in _VARIABLE.findall(styles):
        if names.count(name) == 1:
            values[name] = value.strip()
    for _ in range(_DEEPEST_VARIABLE):
        styles = _USE.sub(lambda found: values.get(found[1], found[0]), styles)
    return _PRODUCT.sub(lambda found: f"{float(found[1]) * float(found[3]):.5f}{found[2]}", styles)


def _all_words_once(rendering: Rendering) -> None:
    """Every letter of the source stands on the pages, and none of them twice.

    A box that breaks over pages in an unlucky place is lost or doubled by WeasyPrint 70 without a word.
    """
    composition = rendering.composition
    wanted = Counter(_letters(rendering.source))
    printed: Counter[str] = Counter()
    for page in rendering.document.pages:
        for box in _boxes(page._page_box):
            if isinstance(box, boxes.TextBox) and not _is_from_styles(box):
                printed.update(_letters(box.text))
    if wanted != printed:
        lost, doubled = (wanted - printed).total(), (printed - wanted).total()
        raise DesignError(
            f"“{composition.title}” would be printed with {lost} letters lost and {doubled} doubled",
            "Look for a style that hides text (leave it out in the template instead), or for a float or a column "
            "that breaks over two pages. Nothing was written.",
            composition.origin,
        )


def _letters(text: str) -> str:
    """A text without white space and capitals, which styles may change."""
    return "".join(text.split()).casefold()


def _is_from_styles(box: Any) -> bool:
    """Whether a text is not in the source: page numbers, signs before lines, what stands in the margins."""
    return box.element is None or str(box.element_tag).endswith(("::before", "::after", "::marker"))


def _nothing_runs_off(rendering: Rendering) -> None:
    """No text, headers and footers included, comes so near to the edge of the sheet that a printer cuts it off."""
    composition = rendering.composition
    for number, page in enumerate(rendering.document.pages, start=1):
        lowest, furthest = page.height - _UNPRINTABLE, page.width - _UNPRINTABLE
        for box in _boxes(page._page_box):
            if not isinstance(box, boxes.TextBox) or not box.text.strip():
                continue
            if box.position_y + box.height > lowest or box.position_x + box.width > furthest:
                raise DesignError(
                    f"“{composition.title}” would be printed with words cut off at the edge of page {number}: "
                    f"“{box.text.strip()[:40]}”",
                    "Shorten the text, or give it more room in the styles. Nothing was written.",
                    composition.origin,
                )


@contextmanager
def complaints_stop_the_paper(composition: Composition) -> Iterator[None]:
    """Turn every warning that WeasyPrint logs, and every file it cannot get, into one DesignError."""
    heard = _Listener()
    logger = logging.getLogger("weasyprint")
    logger.addHandler(heard)
    try:
        yield
    except FatalURLFetchingError as problem:  # a BaseException: `except Exception` would miss it
        reason = f" ({problem.__cause__})" if problem.__cause__ else ""
        raise DesignError(
            f"A file that “{composition.title}” needs cannot be had: {_without_data(str(problem))}{reason}",
            "Put it into the clinic's assets/ folder, or mend its address.",
            _written_in(str(problem), composition),
        ) from None
    except RecursionError:
        raise DesignError(
            f"“{composition.title}” has boxes within boxes, too deep to lay out",
            "Look for a template that repeats itself.",
            composition.origin,
        ) from None
    finally:
        logger.removeHandler(heard)
    if heard.complaints:
        shown = "; ".join(dict.fromkeys(_without_data(text) for text in heard.complaints))
        raise DesignError(
            f"“{composition.title}” would be printed with a fault: {shown}",
            "Mend the style, template, picture or text that it names. Nothing was written.",
            _written_in(heard.complaints[0], composition),
        )


def _written_in(complaint: str, composition: Composition) -> Origin:
    """Where the words of a complaint stand in a stylesheet; the handout itself if they stand in none."""
    quoted = re.search(r"`([^`]+)`", complaint) or re.search(r"(?:file:\S*/|https?://)([\w.-]+)", complaint)
    if quoted:
        for path in composition.sheets:
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                if quoted[1] in line:
                    return Origin(path, number)
    return composition.origin


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.complaints: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.complaints.append(record.getMessage())


def _without_data(text: str) -> str:
    """A message without the contents of a picture in it."""
    return _DATA.sub("a picture", text)


def _lines(box: Any, section: str | None, titles: Any) -> Iterator[tuple[str | None, Any]]:
    """Every line of running text below a box, with the section it stands in. Margins do not count."""
    box = getattr(box, "_box", box)
    if isinstance(box, boxes.MarginBox):
        return
    element = getattr(box, "element", None)
    name = element.get("id") if element is not None and hasattr(element, "get") else None
    if name in titles:
        section = name
    if isinstance(box, boxes.LineBox):
        yield section, box
        return
    for child in getattr(box, "children", ()):
        yield from _lines(child, section, titles)


def _fill(page: Any) -> float:
    live_top, live_height = page.content_box_y(), page.height
    bottom = max((_bottom(box) for box in _printed(page)), default=live_top)
    return float((bottom - live_top) / live_height)


def _printed(box: Any) -> Iterator[Any]:
    """Every box below this one that puts something on the page: a line, a picture, a border or a ground."""
    box = getattr(box, "_box", box)
    if isinstance(box, boxes.MarginBox):
        return
    visible = isinstance(box, (boxes.LineBox, boxes.ReplacedBox))
    if not isinstance(box, boxes.PageBox) and not visible:
        style = getattr(box, "style", None)
        visible = (
            box.element_tag not in (None, "html", "body")
            and style is not None
            and (bool(getattr(box, "border_bottom_width", 0)) or style["background_color"].alpha > 0)
        )
    if visible:
        yield box
    for child in getattr(box, "children", ()):
        yield from _printed(child)


def _bottom(box: Any) -> float:
    if isinstance(box, boxes.LineBox):
        return float(box.position_y + box.height)
    return float(box.position_y + box.margin_top + box.border_height())
