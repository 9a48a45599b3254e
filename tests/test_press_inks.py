"""Colours become inks: never too much of them, black and grays in black ink alone, the clinic's own as it chose."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from handouts.colours import Colour
from handouts.press.inks import (
    BLACK_INK,
    MOST_INK,
    NO_INK,
    Inks,
    Palette,
    from_profile_to_srgb,
    gray_inks,
    heaviest,
    limit_picture,
    picture_in_inks,
    to_inks,
)
from handouts.press.profile import default_profile
from tests.press_pages import BRAND, BRAND_INKS, PALETTE, TEXT, flat_logo, gray_photograph, photograph

PROFILE = default_profile()
BYTES = st.integers(0, 255)
PERCENT = st.floats(0, 100)
LARGEST = 765  # 300 % in eight bits


def colour(red: int, green: int, blue: int) -> Colour:
    return Colour(red / 255, green / 255, blue / 255)


@given(BYTES, BYTES, BYTES)
def test_no_colour_gets_too_much_ink(red: int, green: int, blue: int) -> None:
    inks = to_inks(colour(red, green, blue), PROFILE)
    assert inks.total <= MOST_INK + 1e-9
    assert all(0 <= part <= 100 for part in inks.parts)


@given(PERCENT, PERCENT, PERCENT, PERCENT, st.sampled_from([200.0, 260.0, MOST_INK]))
def test_a_limit_takes_evenly_from_the_colours_and_leaves_black(
    c: float, m: float, y: float, k: float, most: float
) -> None:
    inks = Inks(c, m, y, k)
    limited = inks.limited(most)
    assert limited.total <= most + 1e-9
    assert limited.k == k
    if inks.total > most:
        share = (most - k) / (c + m + y)
        assert limited.parts[:3] == pytest.approx([part * share for part in inks.parts[:3]], abs=0.1)
        assert limited.total > most - 0.4, "no more is taken than must be"
    else:
        assert limited == inks


@given(BYTES)
def test_grays_are_black_ink_alone(gray: int) -> None:
    inks = to_inks(colour(gray, gray, gray), PROFILE)
    assert inks.black_alone
    assert (inks.k == 100) == (gray == 0)
    assert (inks.k == 0) == (gray == 255)


def test_darker_grays_get_more_ink() -> None:
    inks = gray_inks(PROFILE)
    assert list(inks) == sorted(inks, reverse=True)
    assert inks[128] == pytest.approx(60, abs=6), "dots grow in print: half of the light is less than its share of ink"


def test_black_white_and_the_text_colour() -> None:
    palette = Palette.of({}, text=TEXT)
    assert palette.inks(Colour.from_hex("#000"), PROFILE) == BLACK_INK
    assert palette.inks(Colour.from_hex(TEXT), PROFILE) == BLACK_INK
    assert palette.inks(Colour.from_hex("#fff"), PROFILE) == NO_INK
    assert not to_inks(Colour.from_hex(TEXT), PROFILE).black_alone, "it is the palette that says so"
    assert Palette().inks(Colour.from_hex("#000"), PROFILE) == BLACK_INK


def test_a_brand_colour_has_the_inks_that_were_chosen() -> None:
    assert PALETTE.inks(Colour.from_hex(BRAND), PROFILE) == BRAND_INKS
    near = Colour.from_hex("#0f5c64")
    assert PALETTE.inks(near, PROFILE) == to_inks(near, PROFILE)
    assert Palette.of({BRAND: Inks(100, 100, 100, 50)}).inks(Colour.from_hex(BRAND), PROFILE).total <= MOST_INK
    assert Palette.of({"#000": BRAND_INKS}).inks(Colour.from_hex("#000"), PROFILE) == BLACK_INK


def test_a_tint_is_a_share_of_the_inks() -> None:
    assert BRAND_INKS.tint(0.2) == Inks(18, 7, 9, 5)
    assert str(BLACK_INK) == "0 0 0 100"


@pytest.mark.parametrize("parts", [(101, 0, 0, 0), (0, -1, 0, 0), (0, 0, float("nan"), 0)])
def test_what_is_no_percentage(parts: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="four percentages"):
        Inks(*parts)


def test_the_profile_is_near_what_it_measures() -> None:
    """Back through the profile, a colour that paper can show is the one that was asked for."""
    for hexed in ("#9a6a4f", "#6f8f7a", "#b9c4d6", "#c9a77a"):
        inks = to_inks(Colour.from_hex(hexed), PROFILE)
        pixel = Image.new("CMYK", (1, 1), tuple(round(part * 2.55) for part in inks.parts))
        back = ImageCms.profileToProfile(
            pixel,
            ImageCms.ImageCmsProfile(io.BytesIO(PROFILE.content)),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        assert back is not None
        wanted = [round(part * 255) for part in Colour.from_hex(hexed).parts]
        assert back.getpixel((0, 0)) == pytest.approx(wanted, abs=4), hexed


@given(st.lists(st.tuples(BYTES, BYTES, BYTES, BYTES), min_size=1, max_size=12))
def test_no_pixel_gets_too_much_ink(pixels: list[tuple[int, int, int, int]]) -> None:
    picture = Image.new("CMYK", (len(pixels), 1))
    for at, pixel in enumerate(pixels):
        picture.putpixel((at, 0), pixel)
    limited = limit_picture(picture)
    assert heaviest(limited) <= LARGEST
    for at, before in enumerate(pixels):
        after = limited.getpixel((at, 0))
        assert isinstance(after, tuple)
        assert after[3] == before[3]
        if sum(before) <= LARGEST:
            assert after == before
        else:
            assert sum(after) >= LARGEST - 3


def test_a_photograph_goes_through_the_profile() -> None:
    made = picture_in_inks(photograph(), PALETTE, PROFILE)
    assert (made.mode, made.size) == ("CMYK", photograph().size)
    assert LARGEST / 2 < heaviest(made) <= LARGEST


def test_a_gray_picture_is_black_alone() -> None:
    for picture in (gray_photograph(), gray_photograph().convert("RGB")):
        made = picture_in_inks(picture, PALETTE, PROFILE)
        assert made.mode == "L"
        assert made.getextrema() == (0, 255)


def test_a_drawing_keeps_the_inks_of_the_palette() -> None:
    made = picture_in_inks(flat_logo(), PALETTE, PROFILE)
    found = {pixel for _, pixel in made.getcolors() or ()}
    gray = round(gray_inks(PROFILE)[0x77] / 100 * 255)
    brand = tuple(round(part / 100 * 255) for part in BRAND_INKS.parts)
    assert found == {(0, 0, 0, 0), (0, 0, 0, 255), (0, 0, 0, gray), brand}


def test_a_picture_is_limited_whatever_its_inks_come_from() -> None:
    heavy = Palette({(15, 92, 99): Inks(100, 100, 100, 50)})  # not made by `of`, which limits them itself
    assert LARGEST - 3 <= heaviest(picture_in_inks(flat_logo(), heavy, PROFILE)) <= LARGEST
    assert heaviest(picture_in_inks(flat_logo(), PALETTE, PROFILE)) < LARGEST - 3


def test_a_picture_with_a_profile_of_its_own() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert from_profile_to_srgb(photograph(), srgb).getpixel((9, 9)) == pytest.approx(
        photograph().getpixel((9, 9)), abs=1
    )
