"""Every bundled handout, in every format, size and paper: what its pages and its PDF are like."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from weasyprint.formatting_structure import boxes

from handouts.checking.claims import required_parts
from handouts.checking.manuscript import manuscript
from handouts.checking.pages import measure
from handouts.checking.words import load_words
from handouts.clinic import Clinic, load_clinic
from handouts.content import handout_names, load_handout, load_section
from handouts.errors import DesignError, HandoutError, Origin
from handouts.evidence import load_ledger, load_lint
from handouts.finishing import finish
from handouts.formats import FORMATS, PAPERS, Format
from handouts.furniture import Furniture, load_furniture
from handouts.house import load_house
from handouts.library import Library, bundled_root, sample_clinic
from handouts.pipeline import Order, prepare
from handouts.prose import citations
from handouts.typesetting import PIXEL, Rendering, typeset
from tests.paper import Paper, squeezed

OTHER_LANGUAGES = [language for language in Library(sample_clinic(), bundled_root()).languages() if language != "en"]
# One group for each kind of paper, so that two workers share the laying out. Translations are laid out on Letter only.
PAPER_PARAMS = [pytest.param(("en", name), id=name, marks=pytest.mark.xdist_group(name)) for name in PAPERS]
PAPER_PARAMS += [
    pytest.param((language, "letter"), id=language, marks=pytest.mark.xdist_group(language))
    for language in OTHER_LANGUAGES
]
SMALL_PRINT = {"foot", "sources"}
SIDE_PRINT = {"cite", "mark", "words", "caption", "kind", "key"}


@pytest.fixture(scope="module")
def clinic() -> Clinic:
    return load_clinic(sample_clinic())


@pytest.fixture(scope="module", params=PAPER_PARAMS)
def tried(
    request: pytest.FixtureRequest, clinic: Clinic, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[Paper], list[str]]:
    """All papers of a language on one kind of paper, and what was said of those that could not be made."""
    language, paper = request.param
    folder = tmp_path_factory.mktemp(f"{language}-{paper}")
    made = []
    refused = []
    for slug in handout_names(clinic.library, language):
        for form in FORMATS.values():
            order = Order(slug, form, language, PAPERS[paper])
            try:
                composition = prepare(order, clinic)
                rendering = typeset(composition)
                pdf = finish(rendering)
            except HandoutError as error:
                refused.append(f"{order.file_name}: {error}")
                continue
            path = folder / order.file_name
            path.write_bytes(pdf.content)
            made.append(Paper(order, composition, rendering, pdf, path))
    return made, refused


@pytest.fixture(scope="module")
def papers(tried: tuple[list[Paper], list[str]]) -> list[Paper]:
    """Those that were made: the others are told by `test_every_paper_is_made`, once."""
    made, _ = tried
    assert made
    return made


@pytest.fixture(scope="module")
def furniture(papers: list[Paper], clinic: Clinic) -> Furniture:
    """The words of the page in the papers' language."""
    return load_furniture(clinic.library, papers[0].order.language)


def in_english(papers: list[Paper]) -> bool:
    return papers[0].order.language == "en"


def each(papers: list[Paper], **wanted: object) -> Iterator[Paper]:
    """The papers of a format: `name` and `large` as in Format."""
    chosen = [
        paper for paper in papers if all(getattr(paper.order.format, key) == value for key, value in wanted.items())
    ]
    assert chosen
    yield from chosen


def some(papers: list[Paper]) -> list[Paper]:
    """All of them on Letter; on A4 a handout in its four forms. Tags and type do not depend on the paper, and to read
    them takes a second for each paper.
    """
    on_a4 = papers[0].order.paper is PAPERS["a4"]
    return papers[:4] if on_a4 else papers


def test_every_paper_is_made(tried: tuple[list[Paper], list[str]]) -> None:
    made, refused = tried
    assert not refused, "\n".join(refused)
    assert len(made) == 12 * 4, "twelve handouts, four forms each"


def test_verapdf_finds_no_failure(papers: list[Paper], assert_accessible: Callable[..., None]) -> None:
    assert_accessible(*(paper.path for paper in papers))


def test_title_and_language(papers: list[Paper]) -> None:
    for paper in papers:
        with pikepdf.open(paper.path) as pdf:
            assert str(pdf.Root.Lang) == paper.order.language
            assert pdf.docinfo["/Title"] == paper.composition.title
            assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
            assert "/CreationDate" not in pdf.docinfo, "the file would differ from day to day"


def test_headings_go_down_step_by_step(papers: list[Paper]) -> None:
    for paper in papers:
        with paper.elements() as tags:
            levels = [int(str(tag.S)[2]) for tag in tags if re.fullmatch(r"/H\d", str(tag.S))]
        assert levels[0] == 1 and levels.count(1) == 1, paper
        assert all(later <= earlier + 1 for earlier, later in pairwise(levels)), paper


def test_every_picture_says_what_it_shows(papers: list[Paper]) -> None:
    for paper in papers:
        with paper.elements() as tags:
            pictures = [tag for tag in tags if tag.S == "/Figure"]
            # Large-print summaries have their first page for the safety list: some have no picture.
            assert pictures or (paper.order.format.large and paper.order.format.name == "summary"), paper
            for picture in pictures:
                assert len(str(picture.Alt)) > 8, paper
                left, foot, right, top = (float(side) for side in picture.A.BBox)
                height = float(picture.Pg.MediaBox[3])
                assert 0 <= left < right and 0 <= foot < top <= height, paper


def test_headers_and_footers_are_artifacts(papers: list[Paper], furniture: Furniture) -> None:
    draft = "Draft:notyetreviewed" if in_english(papers) else squeezed(str(furniture.translation_draft))
    page_of = r"Page\d+of" if in_english(papers) else squeezed(furniture.page_of.format(page=r"\d+", pages=r"\d+"))
    for paper in some(papers):
        assert draft in squeezed(paper.plain_text), "there is no footer"
        assert draft not in squeezed(paper.tagged_text), paper
        assert not re.search(page_of, squeezed(paper.tagged_text)), paper


def test_links_say_their_words(papers: list[Paper], furniture: Furniture) -> None:
    for paper in each(papers, name="full"):
        with pikepdf.open(paper.path) as pdf:
            said = [str(link.Contents) for page in pdf.pages for link in page.get("/Annots", [])]
        assert paper.composition.titles["safety"] in said and furniture.sources in said, paper
        assert not in_english(papers) or {"Stay safe", "Sources"} <= set(said), paper
        assert not any(words.startswith("#") or words == "safety" for words in said), paper


def test_tags_hold_the_text_in_its_order(papers: list[Paper]) -> None:
    """What is printed beyond the source is only what the styles add: page numbers of the contents, boxes to tick."""
    for paper in some(papers):
        said = squeezed(paper.tagged_text)
        at = 0
        for word in paper.source_text.split():
            found = said.find(squeezed(word), at)
            assert found >= 0, f"{paper}: “{word}” is lost or out of order after “{said[at - 60 : at]}”"
            assert found - at <= 6, f"{paper}: “{said[at:found]}” stands before “{word}”, from nowhere"
            at = found + len(squeezed(word))


def test_copied_text_is_the_source_text(papers: list[Paper]) -> None:
    """A page has columns, so only the pieces that stand on one line can be looked for: the headings."""
    for paper in papers:
        copied = squeezed(paper.plain_text)
        headings = re.findall(r"<h[123]>(.*?)</h[123]>", paper.composition.html)
        assert len(headings) > 2
        for heading in headings:
            for word in html.unescape(re.sub(r"<.*?>", " ", heading)).split():
                assert squeezed(word) in copied, f"{paper}: {word}"


def test_smallest_type(papers: list[Paper]) -> None:
    """The type rule, in the PDF and in the laid-out boxes; the sizes are in points."""
    for paper in papers:
        form = paper.order.format
        least = 18.0 if form.large else 8.0
        assert min(paper.sizes) >= least, f"{paper}: {sorted(paper.sizes.items())[:4]}"
        text = 10.5 if form.name == "summary" else 12.0
        side = 10.5 if form.name == "summary" else 10.0
        if not form.large:
            between = [size for size in paper.sizes if 8.3 < size < side and size not in (9.4,)]  # 9.4: running header
            assert not between, f"{paper}: type of {between} points"
            for size, classes, words in printed_text(paper.rendering):
                wanted = 8.0 if classes & SMALL_PRINT else side if classes & SIDE_PRINT else text
                assert size >= wanted - 0.01, f"{paper}: “{words}” is set in {size} points ({classes})"


def test_large_print_has_no_italics_and_no_capitals(papers: list[Paper], clinic: Clinic) -> None:
    known = {"NMDA", "BDNF", "PTSD", "ADHD", "MAOI", "REMS"}
    if not in_english(papers):
        # What a translation writes in capitals because that is its name stands in its list of words.
        words = load_words(clinic.library, papers[0].order.language)
        assert words is not None
        known |= set(words.capitals)
    for paper in each(papers, large=True):
        assert not [name for name, _ in paper.fonts if "Italic" in name or "Oblique" in name], paper
        shouted = set(re.findall(r"\b[A-Z]{4,}\b", paper.source_text))
        assert shouted <= known, f"{paper}: {shouted - known}"


def test_all_fonts_are_embedded_and_ours(papers: list[Paper]) -> None:
    for paper in papers:
        assert paper.fonts
        for name, embedded in paper.fonts:
            assert embedded == "yes", f"{paper}: {name}"
            assert name.startswith(("Fraunces", "Atkinson-Hyperlegible", "Source-Sans-3")), f"{paper}: {name}"


def test_a_summary_is_one_full_page(papers: list[Paper]) -> None:
    for paper in each(papers, name="summary", large=False):
        assert paper.rendering.page_count == 1
        # A language that runs longer may fill its page to the foot.
        most = 0.98 if in_english(papers) else 1.0
        assert 0.85 <= paper.rendering.fill <= most, f"{paper}: {paper.rendering.fill:.3f}"


def test_a_large_print_summary_takes_two_pages_safety_first(papers: list[Paper]) -> None:
    for paper in each(papers, name="summary", large=True):
        assert paper.rendering.page_count <= 2
        assert "safety" in paper.rendering.sections_on(1), paper
        assert "safety" not in paper.rendering.sections_on(2), paper


def test_a_full_handout_has_running_header_and_page_numbers(papers: list[Paper], furniture: Furniture) -> None:
    assert not in_english(papers) or furniture.page_of == "Page {page} of {pages}"
    for paper in each(papers, name="full"):
        pages = paper.plain_text.split("\f")[:-1]
        assert len(pages) == paper.rendering.page_count > 8
        for number, page in enumerate(pages, start=1):
            assert furniture.page_of.format(page=number, pages=len(pages)) in page, f"{paper}, page {number}"
            if number > 1:
                assert "Harbor Light Clinic" in page, f"{paper}, page {number}"
                # In large print a long title has no room beside the name: the edition code says which handout it is.
                no_room = paper.order.format.large and len(paper.composition.title) > 36
                assert paper.composition.title in page or no_room, f"{paper}, page {number}"


def test_no_heading_stands_alone_at_the_foot(papers: list[Paper]) -> None:
    for paper in papers:
        for number, page in enumerate(paper.rendering.document.pages[:-1], start=1):
            lowest = max(printed_things(page._page_box), key=lambda found: found[0])
            assert not {"h1", "h2", "h3"} & set(lowest[1]), f"{paper}, page {number}: {lowest}"


def test_no_nearly_empty_last_page(papers: list[Paper]) -> None:
    for paper in papers:
        assert paper.rendering.fill > 0.12, f"{paper}: {paper.rendering.fill:.2f}"


def test_our_own_measuring_finds_nothing(papers: list[Paper]) -> None:
    """What `handouts check --pages` asks of the finished file."""
    for paper in some(papers):
        assert not list(measure(paper.pdf, paper.composition)), paper


def test_no_hole_in_a_standard_page(papers: list[Paper]) -> None:
    """No page of a full handout ends above three fifths of its height, but for the last one."""
    for paper in each(papers, name="full", large=False):
        for number, page in enumerate(paper.rendering.document.pages[:-1], start=1):
            lowest, _ = max(printed_things(page._page_box), key=lambda found: found[0])
            top, height = page._page_box.content_box_y(), page._page_box.height
            assert (lowest - top) / height > 0.59, f"{paper}, page {number}: {(lowest - top) / height:.2f}"


def test_every_must_text_stands_in_every_full_handout(papers: list[Paper], clinic: Clinic) -> None:
    ledger = load_ledger(clinic.library)
    must = ledger.must_carry(("ketamine", "esketamine"))
    assert len(must) > 50
    if not in_english(papers):
        words_of_the_translation_stand_there(papers, must, clinic)
        return
    for paper in each(papers, name="full", large=False):
        said = squeezed(paper.source_text)
        # Reworded in a block's `texts:`, for reasons that stand beside the words there.
        reworded = {name for name in must if squeezed(ledger.safety[name].text.replace("'", "’")) not in said}
        assert reworded <= REWORDED, f"{paper}: {sorted(reworded - REWORDED)}"


def words_of_the_translation_stand_there(papers: list[Paper], must: tuple[str, ...], clinic: Clinic) -> None:
    """Each must text in the translation's own words; what fills a blank in it is the clinic's."""
    for paper in each(papers, name="full", large=False):
        said = squeezed(re.sub(r"\[[\d,–\s]+\]", "", paper.source_text))
        handout = load_handout(clinic.library, paper.order.handout, paper.order.language)
        own = {name: text.html for section in handout.sections for name, text in section.texts.items()}
        assert set(must) <= own.keys(), f"{paper}: {sorted(set(must) - own.keys())}"
        for name in must:
            plain = html.unescape(re.sub(r"<[^>]+>|\[@[^\]]*\]", "", own[name]))
            for piece in re.split(r"\(\([^()]*\)\)", plain):
                assert squeezed(piece) in said, f"{paper}, {name}: {piece}"


REWORDED = {
    "sedation",  # figures that the ledger wants to be checked again before they are printed
    "dissociation",
    "blood-pressure",
    "pain-limits",
    "ptsd-limits",  # what PTSD and VA/DoD stand for
    "therapy-limits",
    "other-options",  # what ECT is
    "ketamine-stay",  # the clinic's own rules
    "stay-two-hours",
    "food-and-drink",
    "no-driving",
    "relapse",  # a median, told as one
    "blinding",  # "many", as the ledger's note allows
    "call-clinic",
    "blood-pressure-check",
    "do-not-use-ketamine",  # plainer words
    "medicines-blood-pressure",
    "slow-breathing",
}


@pytest.mark.parametrize("severity", ["error", "warn"])
def test_required_parts_stand_in_every_paper(papers: list[Paper], clinic: Clinic, severity: str) -> None:
    lint = load_lint(clinic.library, papers[0].order.language)
    required = [part for part in lint.required if part.severity == severity]
    if not required and not in_english(papers):
        pytest.skip("what is known by its words only is not looked for in a translation")
    assert required
    if not in_english(papers):  # the patterns are English: a translation is known to say it by the safety text
        house = load_house(clinic, papers[0].order.language, date.today())
        lint = lint.model_copy(update={"required": tuple(required)})
        for paper in each(papers, large=False):
            handout = load_handout(clinic.library, paper.order.handout, house.language)
            said = manuscript(handout, paper.order.format, house)
            missing = [finding.rule for finding in required_parts(said, lint)]
            assert not missing, f"{paper}: {missing}"
        return
    for paper in papers:
        footer = paper.plain_text
        text = " ".join((paper.source_text + " " + footer).replace("’", "'").split())
        for part in required:
            if part.when == "always" or re.search(part.when, text, re.IGNORECASE):
                assert re.search(part.require, text, re.IGNORECASE), f"{paper}: {part.id}"


def test_the_short_safety_list_meets_every_rule_by_itself(clinic: Clinic, papers: list[Paper]) -> None:
    if not in_english(papers):  # the patterns are English, and so is the number of words; what it cites is not
        safety = load_section(clinic.library, "safety", papers[0].order.language, Origin(Path("test")))
        assert len(safety.short) == 7, "a list of more than seven lines is hard to read"
        cited = {name for line in safety.short for name in citations(line.html)}
        for part in load_lint(clinic.library).required:
            if part.severity == "error":
                assert cited & set(part.suggest.split(" / ")), part.id
        return
    for paper in each(papers, name="summary", large=False):
        text = squeezed_words(section_text(paper.composition.html, "safety"))
        assert len(text.split()) <= 170, paper
        for part in load_lint(clinic.library).required:
            if part.severity == "error":
                assert re.search(part.require, text, re.IGNORECASE), f"{paper}: {part.id}"


def test_numbers_in_the_text_lead_to_a_source(papers: list[Paper]) -> None:
    for paper in papers:
        cited = {
            int(number)
            for group in re.findall(r"\[([\d,\s–]+)\]", paper.source_text)
            for run in group.replace("\xa0", " ").split(",")
            for number in ends(run)
        }
        assert len(cited) > 7, paper
        if not (paper.order.format.large and paper.order.format.name == "summary"):
            listed = paper.composition.html.count('<span class="source">') or section_html(
                paper.composition.html, "sources"
            ).count("<li>")
            assert cited <= set(range(1, listed + 1)), f"{paper}: {sorted(cited)} of {listed}"


def test_no_working_note_of_the_ledger_is_printed(papers: list[Paper]) -> None:
    for paper in papers:
        assert not re.search(
            r"stored page|\([^)]*(?:not|partly) shown\)|from memory|several label|\.\.", paper.source_text
        ), paper


def ends(run: str) -> range:
    first, _, last = run.strip().partition("–")
    return range(int(first), int(last or first) + 1)


def section_html(source: str, name: str) -> str:
    found = re.search(rf'<section [^>]*id="{name}">.*?</section>', source, re.DOTALL)
    assert found, f"there is no section {name}"
    return found[0]


def section_text(source: str, name: str) -> str:
    lines = re.findall(r"<li>(.*?)</li>", section_html(source, name), re.DOTALL)
    assert len(lines) == 7, "a list of more than seven lines is hard to read"
    return " ".join(re.sub(r"<[^>]+>", "", line) for line in lines)


def squeezed_words(text: str) -> str:
    return " ".join(re.sub(r"\s*\[[\d,\s–]+\]", "", text).replace("’", "'").split())


def printed_text(rendering: Rendering) -> Iterator[tuple[float, set[str], str]]:
    """Each piece of running text: its size in points, the classes of all elements around it, its words."""
    for page in rendering.document.pages:
        yield from _texts(page._page_box, set())


def _texts(box: Any, classes: set[str]) -> Iterator[tuple[float, set[str], str]]:
    box = getattr(box, "_box", box)
    if isinstance(box, boxes.MarginBox):
        return
    element = getattr(box, "element", None)
    if element is not None and hasattr(element, "get"):
        own = set((element.get("class") or "").split()) | {element.tag}
        if element.tag == "figcaption":
            own.add("caption")
        classes = classes | own
    if isinstance(box, boxes.TextBox) and box.text.strip():
        yield round(box.style["font_size"] * PIXEL, 2), classes, box.text
    for child in getattr(box, "children", ()):
        yield from _texts(child, classes)


def printed_things(box: Any, tags: tuple[str, ...] = ()) -> Iterator[tuple[float, tuple[str, ...]]]:
    """Each line of text, picture and ruled line: how far down it ends, in CSS pixels, and the elements around it."""
    box = getattr(box, "_box", box)
    if isinstance(box, boxes.MarginBox):
        return
    element = getattr(box, "element", None)
    if element is not None and hasattr(element, "tag"):
        tags = (*tags, str(element.tag))
    ruled = element is not None and hasattr(element, "get") and element.get("class") == "ruled"
    if ruled or isinstance(box, boxes.LineBox | boxes.ReplacedBox):
        yield box.position_y + box.height, tags
        return
    for child in getattr(box, "children", ()):
        yield from printed_things(child, tags)


def test_the_table_of_formats_is_what_the_issue_promises() -> None:
    assert {(form.name, form.large) for form in FORMATS.values()} == {
        (name, large) for name in ("full", "summary") for large in (False, True)
    }
    summary: Format = FORMATS[("summary", False)]
    assert summary.pages == 1 and summary.fill == (0.85, 0.98)


def test_same_input_gives_the_same_bytes(clinic: Clinic, tmp_path: Path) -> None:
    order = Order("biological", FORMATS[("summary", False)], "en", PAPERS["letter"])
    first, second = (finish(typeset(prepare(order, clinic))).content for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", ["Phòng khám Nguyễn Thị Thở", "Clínica Peña ☐ ✓ → ½", "Ośrodek Żółć & Sons"])
def test_names_in_letters_that_the_text_font_lacks(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "clinic"
    shutil.copytree(sample_clinic(), folder)
    settings = folder / "clinic.toml"
    settings.write_text(settings.read_text("utf-8").replace("Harbor Light Clinic", name), "utf-8")
    order = Order("biological", FORMATS[("summary", False)], "en", PAPERS["letter"])
    composition = prepare(order, load_clinic(folder))
    rendering = typeset(composition)
    pdf = finish(rendering)
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf.content)
    paper = Paper(order, composition, rendering, pdf, path)
    assert squeezed(name) in squeezed(paper.tagged_text)
    assert squeezed(name) in squeezed(paper.plain_text)


def test_a_letter_that_no_font_holds_stops_the_paper(tmp_path: Path) -> None:
    folder = tmp_path / "clinic"
    shutil.copytree(sample_clinic(), folder)
    settings = folder / "clinic.toml"
    settings.write_text(settings.read_text("utf-8").replace("Harbor Light Clinic", "健康クリニック"), "utf-8")
    order = Order("biological", FORMATS[("summary", False)], "en", PAPERS["letter"])
    with pytest.raises(DesignError) as caught:
        finish(typeset(prepare(order, load_clinic(folder))))
    assert "notdef" in caught.value.problem
