"""Three invented clinics that look like three different ones: type, colour, shape, and the manner of the drawings."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest

from handouts import picture_styles, pictures
from handouts.brand import Brand, PictureLooks, PressColors, Shape
from handouts.checking.brand import contrast, fonts
from handouts.checking.pages import Measured
from handouts.clinic import Clinic, load_clinic
from handouts.composing import styles_of
from handouts.content import handout_names
from handouts.errors import ClinicError, Origin
from handouts.finishing import finish
from handouts.formats import A4, FORMATS, LETTER, Format
from handouts.handout import PeopleGroup
from handouts.house import House, load_house
from handouts.library import bundled_root, sample_clinic
from handouts.pdf import Pdf
from handouts.personal import compose_escort, compose_manifest, compose_personal
from handouts.pipeline import Order, prepare_in
from handouts.typesetting import Rendering, typeset
from tests.small_clinic import CLINIC_TOML, LOGO, write, write_small_clinic
from tests.test_personal import DAY, MAY, PLAN, ROWS

EXAMPLES = sorted((bundled_root() / "content" / "example-clinics").iterdir())
BRANDS = [pytest.param(folder, id=folder.name) for folder in (sample_clinic(), *EXAMPLES)]
# One group for each brand, so that two workers share the laying out.
GROUPED = [pytest.param(folder, id=folder.name, marks=pytest.mark.xdist_group(folder.name)) for folder in EXAMPLES]
HERE = Origin(Path("block.md"), 9)
TODAY = date(2026, 11, 22)
FULL, SUMMARY, SUMMARY_LARGE = FORMATS["full", False], FORMATS["summary", False], FORMATS["summary", True]
BRAND = load_clinic(sample_clinic()).brand
PNG = b"\x89PNG\r\n\x1a\n....IHDR\x00\x00\x01\x00\x00\x00\x00\x80....IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0 a photo \xff\xd9"


@cache
def house(folder: Path, language: str = "en") -> House:
    return load_house(load_clinic(folder), language, TODAY)


def laid_out(folder: Path, name: str, form: Format, language: str = "en") -> Rendering:
    order = Order(name, form, language, LETTER if language == "en" else A4)
    return typeset(prepare_in([house(folder, language)], order, stale=True))


def loaded(folder: Path, more: str = "", files: dict[str, str | bytes] | None = None, brand: str = "") -> Clinic:
    """The small clinic with more keys under [brand], more tables at the end, and more files."""
    text = CLINIC_TOML.replace('logo = "logo.svg"\n', f'logo = "logo.svg"\n{brand}') + more
    return load_clinic(write(write_small_clinic(folder), {"clinic.toml": text, **(files or {})}))


def refused(folder: Path, more: str = "", files: dict[str, str | bytes] | None = None, brand: str = "") -> str:
    """What is said of it, with file and line."""
    with pytest.raises(ClinicError) as caught:
        loaded(folder, more, files, brand)
    assert caught.value.remedy
    return f"{caught.value.where}: {caught.value.problem}".replace(f"{folder}/", "")


LAST = len(CLINIC_TOML.splitlines())


# What a brand may say


def test_nothing_given_is_what_was_there(tmp_path: Path) -> None:
    brand = loaded(tmp_path).brand
    assert brand.measures == {
        "corner": "8pt", "picture-corner": "8pt", "rule": "2.4pt solid", "strong-rule": "3pt solid",
        "thin-rule": "1.6pt solid", "box-line": "1.2pt solid", "hair-line": "0.5pt solid",
        "quiet": "var(--brand-soft)", "heading-weight": "600", "logo-space": "9pt",
    }  # fmt: skip
    assert brand.press == {}
    assert brand.ground == brand.brand
    assert (brand.logo_one_color, brand.logo_least_width_mm, brand.logo_clear_space) == (None, 0, None)
    assert loaded(tmp_path).photos == {}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('[brand.shape]\ncorners = "pointed"', "“brand.shape.corners” is 'pointed'; it should be 'soft', 'square' or"),
        ('[brand.shape]\nrules = "thick"', "“brand.shape.rules” is 'thick'"),
        ('[brand.shape]\nband = "blue"', "“brand.shape.band” is 'blue'"),
        ('[brand.shape]\ncorner = "soft"', "The key “brand.shape.corner” is not known here"),
        ('[brand.pictures]\nstyle = "photo"', "“brand.pictures.style” is 'photo'"),
        ("[brand.fonts]\nheading_weight = 650", "“brand.fonts.heading_weight” is 650"),
        ("[brand.press]\nbrand = [88, 40, 45]", "“brand.press.brand”: write cyan, magenta, yellow and black as"),
        ("[brand.press]\nbrand = [0.5, 40, 45, 101]", "“brand.press.brand”: write cyan, magenta, yellow and black"),
        ('[brand.press]\nink = "black"', "“brand.press.ink”: write cyan, magenta, yellow and black"),
        ("[brand.press]\nink = [true, 0, 0, 100]", "“brand.press.ink”: write cyan, magenta, yellow and black"),
        ("[brand.press]\nink = [90, 80, 70, 80]", "“brand.press.ink”: these inks add up to 320 percent; 300 is the mo"),
        ("[brand.press]\naccent = [0, 10, 40, 0]", "“brand.press.accent”: these inks are too pale for text: about 1."),
    ],
)
def test_what_a_brand_may_not_say(table: str, said: str, tmp_path: Path) -> None:
    assert refused(tmp_path, f"\n{table}\n").startswith(f"clinic.toml:{LAST + 3}: {said}")


@pytest.mark.parametrize(
    ("brand", "said"),
    [
        ('logo_one_color = "one.svg"', "The one-color logo “one.svg” is not there"),
        ('logo_one_color = "one.jpg"', "The one-color logo “one.jpg” is neither SVG nor PNG"),
        ('logo_one_color = "half.png"', "The one-color logo “half.png” is not a whole PNG picture"),
        ("logo_least_width_mm = 2", "“brand.logo_least_width_mm” is 2"),
        ("logo_least_width_mm = 10.5", "The logo is printed 10.2 mm wide at least, and 10.5 mm is asked for"),
        ("logo_clear_space = 25", "“brand.logo_clear_space” is 25"),
    ],
)
def test_what_a_logo_may_not_be(brand: str, said: str, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"assets/one.jpg": JPEG, "assets/half.png": PNG[:-8]}
    assert refused(tmp_path, brand=f"{brand}\n", files=files).startswith(f"clinic.toml:13: {said}")


def test_keys_that_need_others(tmp_path: Path) -> None:
    lonely = CLINIC_TOML.replace('logo = "logo.svg"', "logo_clear_space = 0.2")
    with pytest.raises(ClinicError, match=r"“brand”: “logo_clear_space” needs a “logo”"):
        load_clinic(write(write_small_clinic(tmp_path), {"clinic.toml": lonely}))
    assert "“press.ground” needs a “ground” under [brand.colors]" in refused(
        tmp_path, "\n[brand.press]\nground = [50, 20, 60, 0]\n"
    )


def test_logo_in_full(tmp_path: Path) -> None:
    given = 'logo_one_color = "one.png"\nlogo_least_width_mm = 9\nlogo_clear_space = 0.5\n'
    brand = loaded(tmp_path, brand=given, files={"assets/one.png": PNG}).brand
    assert brand.logo_one_color == tmp_path / "assets" / "one.png"
    assert brand.logo_least_width_mm == 9
    assert brand.measures["logo-space"] == "17.0pt"


def test_wide_logo_may_ask_for_more(tmp_path: Path) -> None:
    wide = LOGO.replace('viewBox="0 0 9 9"', 'viewBox="0 0 90 18"')
    assert loaded(tmp_path, brand="logo_least_width_mm = 50\n", files={"assets/logo.svg": wide})
    said = refused(tmp_path, brand="logo_least_width_mm = 52\n", files={"assets/logo.svg": wide})
    assert "The logo is printed 51.2 mm wide" in said


def test_inks_and_their_tints(tmp_path: Path) -> None:
    table = "\n[brand.press]\nbrand = [88, 40, 45, 30]\nink = [0, 0, 0, 100]\n"
    press = loaded(tmp_path, table).brand.press
    assert press["brand"] == (88, 40, 45, 30)
    assert press["brand-soft"] == (17.6, 8, 9, 6)
    assert press["ink"] == (0, 0, 0, 100)
    assert press["paper"] == (0, 0, 0, 0)
    assert not {"accent", "accent-soft", "accent-pale"} & press.keys(), "an accent without inks is converted"
    assert press.keys() <= BRAND.tokens.keys()


def test_inks_of_a_third_colour(tmp_path: Path) -> None:
    colours = 'ground = "#6f9468"\n\n[brand.press]\nbrand = [62, 92, 28, 30]\nground = [52, 20, 62, 12]\n'
    brand = loaded(tmp_path, colours).brand
    assert brand.press["brand-mid"] == (34.1, 50.6, 15.4, 16.5)
    assert brand.press["brand-soft"] == (10.4, 4, 12.4, 2.4)
    without = loaded(tmp_path, colours.partition("ground = [")[0]).brand
    assert not {"brand-soft", "brand-pale"} & without.press.keys()


def test_tints_follow_the_third_colour(tmp_path: Path) -> None:
    brand = loaded(tmp_path, 'ground = "#6f9468"\n').brand
    assert brand.tokens["brand-mid"] == BRAND.tokens["brand-mid"]
    assert str(brand.tokens["brand-pale"]) == "#f2f5f1"


def test_text_can_be_read_on_a_third_colour(tmp_path: Path) -> None:
    clinic = loaded(tmp_path, 'ink = "#757575"\nground = "#000000"\n')
    assert clinic.brand.told
    assert not [row for row in contrast(clinic) if row.rule == "contrast" and "pale" in row.problem]


PHOTO = (
    '\n[photos.waiting-room]\nfile = "room.jpg"\nalt = { en = "A room.", es = "Una sala." }\ncredit = "Sam Example"\n'
)


def test_photo(tmp_path: Path) -> None:
    clinic = loaded(tmp_path, PHOTO, {"assets/room.jpg": JPEG})
    photo = clinic.photos["waiting-room"]
    assert (photo.path, photo.alternative, photo.credit) == (tmp_path / "assets/room.jpg", "A room.", "Sam Example")
    spanish = clinic.speaking("es")
    assert spanish.photos["waiting-room"].alternative == "Una sala."
    assert Origin(tmp_path / "clinic.toml", LAST + 5) in spanish.english_lines, "the credit has no Spanish"


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('alt = { en = "A room.", es = "Una sala." }\n', "", 2, "The key “photos.waiting-room.alt” is missing"),
        ('{ en = "A room.", es = "Una sala." }', '{ es = "Una sala." }', 4, "“photos.waiting-room.alt”: words for en"),
        ('{ en = "A room.", es = "Una sala." }', '" "', 4, "“photos.waiting-room.alt” is"),
        ('credit = "Sam Example"\n', "", 2, "The key “photos.waiting-room.credit” is missing"),
        ("room.jpg", "rooms.jpg", 3, "The photo “rooms.jpg” is not there"),
        ("room.jpg", "logo.svg", 3, "The photo “logo.svg” is neither JPEG nor PNG"),
        ("room.jpg", "half.jpeg", 3, "The photo “half.jpeg” is not a whole JPEG picture"),
        ("waiting-room", "Waiting_Room", 2, "“photos.Waiting_Room"),
    ],
)
def test_photo_that_is_not_right(old: str, new: str, line: int, said: str, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"assets/room.jpg": JPEG, "assets/half.jpeg": JPEG[:-2]}
    assert refused(tmp_path, PHOTO.replace(old, new), files).startswith(f"clinic.toml:{LAST + line}: {said}")


# What becomes of it


@pytest.mark.parametrize("folder", BRANDS)
def test_brand_can_be_read(folder: Path) -> None:
    clinic = load_clinic(folder)
    assert clinic.brand.told == (), "a color of an example is printed as it is"
    assert list(contrast(clinic)) == []
    assert list(fonts(clinic.brand)) == []
    assert len(clinic.locations) >= 2
    assert clinic.protocol
    assert clinic.visits
    assert clinic.speaking("es").english_lines == ()


@pytest.mark.parametrize("folder", [pytest.param(folder, id=folder.name) for folder in EXAMPLES])
def test_examples_show_a_brand_in_full(folder: Path) -> None:
    brand = load_clinic(folder).brand
    assert brand.press.keys() == brand.tokens.keys()
    assert brand.logo_one_color
    assert brand.logo_least_width_mm
    assert brand.logo_clear_space


def test_three_brands_differ_in_everything() -> None:
    brands = [load_clinic(folder).brand for folder in (sample_clinic(), *EXAMPLES)]
    assert len(brands) == 3
    for told in (
        lambda brand: str(brand.brand), lambda brand: brand.heading_font, lambda brand: brand.text_font,
        lambda brand: brand.shape.corners, lambda brand: brand.shape.rules, lambda brand: brand.shape.band,
        lambda brand: brand.picture_style,
    ):  # fmt: skip
        assert len({told(brand) for brand in brands}) == 3


@pytest.mark.parametrize("folder", BRANDS)
@pytest.mark.parametrize("form", [FULL, SUMMARY], ids=["full", "summary"])
def test_tokens_reach_the_styles(folder: Path, form: Format) -> None:
    clinic = load_clinic(folder)
    styles = styles_of(clinic, form)
    for name, value in {**clinic.brand.tokens, **clinic.brand.measures}.items():
        assert f"  --{name}: {value};" in styles
    own = re.sub(r":root \{\n.*?\n\}", "", styles, count=1, flags=re.DOTALL)
    for name in ("corner", "picture-corner", "thin-rule" if form is SUMMARY else "rule", "box-line"):
        assert f"var(--{name})" in own
    assert not re.search(r"border-radius: [\d.]+pt", own), "a corner that no brand can change"
    assert not re.search(r"font(?:-weight)?: 600", own), "a weight that no brand can change"


# Drawings


def drawn(brand: Brand, name: str) -> str:
    library = load_clinic(sample_clinic()).library
    return base64.b64decode(pictures.drawing(library, brand, name, HERE).partition(",")[2]).decode()


def looking(style: str = "tinted", corners: str = "soft") -> Brand:
    looks = PictureLooks.model_validate({"style": style})
    return replace(BRAND, picture_style=looks.style, shape=Shape.model_validate({"corners": corners}))


NAMES = list(load_clinic(sample_clinic()).library.names("content", "figures", ".svg"))


@pytest.mark.parametrize("name", NAMES)
def test_each_drawing_in_each_manner(name: str) -> None:
    made = {
        (style, corners): drawn(looking(style, corners), name)
        for style in ("tinted", "line", "filled")
        for corners in ("soft", "square", "round")
    }
    for svg in made.values():
        root = ElementTree.fromstring(svg)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert "var(" not in svg, "a color that nobody knows"
        assert {element.get("fill") for element in root.iter()} - {None}
    words = {"".join(ElementTree.fromstring(svg).itertext()).strip() for svg in made.values()}
    assert len({" ".join(text.split()) for text in words}) == 1, "the numbers in it stay"
    styles = {made[style, "soft"] for style in ("tinted", "line", "filled")}
    assert len(styles) == (1 if name.startswith(("person-", "cover-")) else 3)


def test_a_manner_leaves_the_tinted_drawing_alone() -> None:
    library = load_clinic(sample_clinic()).library
    for name in NAMES:
        text = library.bundled_file("content", f"figures/{name}.svg").read_text(encoding="utf-8")
        assert picture_styles.styled(text, name, BRAND) == text


def test_people_are_the_same_in_each_manner() -> None:
    library = load_clinic(sample_clinic()).library
    crowds = {
        pictures.people(library, looking(style, "square"), PeopleGroup(9, 20, "x"), HERE)
        for style in ("tinted", "line", "filled")
    }
    assert len(crowds) == 1


def test_corners_of_drawings() -> None:
    assert 'rx="24"' in drawn(looking("filled"), "synapse")
    assert 'rx="24"' not in drawn(looking("filled", "square"), "synapse")
    assert 'rx="46"' in drawn(looking("filled", "round"), "synapse")
    sign = drawn(looking("tinted", "square"), "icon-safety")
    assert '<circle cx="48" cy="48" r="46"' not in sign
    assert '<rect fill="#e9f0f1" x="2" y="2" width="92" height="92"' in sign
    assert 'stroke-linecap="square"' in sign


def test_line_has_a_frame_and_thin_outlines() -> None:
    tinted, line, filled = (drawn(looking(style), "calm-room") for style in ("tinted", "line", "filled"))

    def weight(svg: str) -> float:
        widths = [float(found) for found in re.findall(r'stroke-width="([\d.]+)"', svg)]
        return sum(width for width in widths if width <= 7)

    assert weight(line) / line.count("stroke-width") < weight(tinted) / tinted.count("stroke-width")
    assert weight(filled) > 1.2 * weight(tinted)
    assert 'fill="none" stroke="#0f5c63" stroke-width="3"' in line
    assert 'width="637"' in line
    assert 'width="637"' not in drawn(looking("line"), "day-arc"), "without a ground, no frame"


@pytest.mark.parametrize("folder", BRANDS)
def test_drawings_are_good_in_grey(folder: Path) -> None:
    """Outlines stand out from every ground that they may lie on: 3:1, as WCAG 1.4.11 asks."""
    tokens = picture_styles.tokens(load_clinic(folder).brand)
    grounds = {
        "tinted": ("paper", "brand-pale", "brand-soft", "accent-pale"),
        "line": ("paper", "brand-pale", "brand-soft", "accent-pale"),
        "filled": ("paper", "brand-soft", "ground-half", "accent-pale"),
    }[load_clinic(folder).brand.picture_style]
    for ground in grounds:
        assert tokens["ink"].contrast(tokens[ground]) >= 4.5
        assert tokens["brand"].contrast(tokens[ground]) >= 3
    for light in ("paper", "accent-soft", "brand-soft"):
        assert tokens[light].contrast(tokens["brand"]) >= 3, "signs in white on the brand color"


def test_drawing_of_a_clinics_own(tmp_path: Path) -> None:
    """It may say its lengths with units, or not at all."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9" stroke="#000" stroke-width="2px"/></svg>'
    clinic = loaded(tmp_path, files={"content/figures/own.svg": svg})
    for style in ("line", "filled"):
        brand = replace(clinic.brand, picture_style=style)
        assert pictures.drawing(clinic.library, brand, "own", HERE)


# Papers


@pytest.mark.parametrize("folder", GROUPED)
def test_every_summary_fits_its_page(folder: Path, tmp_path: Path, assert_accessible: Callable[..., None]) -> None:
    names = handout_names(house(folder).clinic.library, "en")
    assert len(names) == 12
    files = []
    for name in names:
        rendering = laid_out(folder, name, SUMMARY)
        assert rendering.page_count == 1, name
        if name in ("how-ketamine-works", "spiritual"):
            pdf = finish(rendering)
            assert_readable(pdf)
            files.append(tmp_path / f"{name}.pdf")
            files[-1].write_bytes(pdf.content)
    assert_accessible(*files)


@pytest.mark.parametrize("folder", GROUPED)
def test_other_papers(folder: Path, tmp_path: Path, assert_accessible: Callable[..., None]) -> None:
    own = house(folder)
    made = {
        "full": laid_out(folder, "spiritual", FULL),
        "large": laid_out(folder, "how-ketamine-works", SUMMARY_LARGE),
        "spanish": laid_out(folder, "body-and-experience", SUMMARY, "es"),
        "personal": typeset(compose_personal(MAY, own, False, LETTER, PLAN, True)),
        "escort": typeset(compose_escort(MAY, own, False, A4)),
        "manifest": typeset(compose_manifest(ROWS, own, DAY, LETTER)),
    }
    pages = {name: rendering.page_count for name, rendering in made.items()}
    assert {**pages, "full": 0, "manifest": 0} == {
        "full": 0, "large": 2, "spanish": 1, "personal": 1, "escort": 1, "manifest": 0
    }  # fmt: skip
    files = []
    for name, rendering in made.items():
        pdf = finish(rendering)
        assert_readable(pdf)
        files.append(tmp_path / f"{name}.pdf")
        files[-1].write_bytes(pdf.content)
    assert_accessible(*files)


def assert_readable(pdf: Pdf) -> None:
    """No letter is too faint for what is behind it: on a deep band it is white."""
    assert not Measured(pdf).faint


def test_a_body_says_its_manner(tmp_path: Path) -> None:
    brand = load_clinic(EXAMPLES[0]).brand
    assert brand.manner == "band-deep corners-round rules-fine"
    assert f' {brand.manner}">' in prepare_in([house(EXAMPLES[0])], Order("spiritual", SUMMARY, "en", LETTER)).html


def test_inks_are_told_by_no_other_name() -> None:
    assert set(PressColors.model_fields) == {"brand", "accent", "ink", "ground"}
