"""Colours: whatever a clinic's brand is, its text can be read."""

import colorsys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from handouts.colours import BLACK, TEXT_CONTRAST, WHITE, Colour

bytes_ = st.integers(0, 255)
colours = st.builds(lambda r, g, b: Colour(r / 255, g / 255, b / 255), bytes_, bytes_, bytes_)


@pytest.mark.parametrize(("text", "printed"), [("#0f5c63", "#0f5c63"), ("#ABC", "#aabbcc"), (" #fff ", "#ffffff")])
def test_hex(text: str, printed: str) -> None:
    assert str(Colour.from_hex(text)) == printed


@given(st.text() | st.from_regex(r"#.{3}|#.{6}", fullmatch=True))
def test_anything_else_is_no_colour(text: str) -> None:
    digits = text.strip()[1:]
    assume(not (set(digits) <= set("0123456789abcdefABCDEF") and len(digits) in (3, 6) and text.strip()[0] == "#"))
    with pytest.raises(ValueError, match="is not a color like #0f5c63"):
        Colour.from_hex(text)


@given(colours)
def test_hex_there_and_back(colour: Colour) -> None:
    assert Colour.from_hex(str(colour)) == colour
    assert colour.printed == colour


def test_contrast_of_the_standard() -> None:
    """WCAG 2.1: black on white is 21:1; #767676 is the lightest grey that passes on white."""
    assert BLACK.contrast(WHITE) == pytest.approx(21)
    assert Colour.from_hex("#767676").contrast(WHITE) >= TEXT_CONTRAST
    assert Colour.from_hex("#777777").contrast(WHITE) < TEXT_CONTRAST


@given(colours, colours)
def test_contrast_goes_both_ways(one: Colour, other: Colour) -> None:
    assert one.contrast(other) == pytest.approx(other.contrast(one))
    assert 1 <= one.contrast(other) <= 21.001


@given(colours)
def test_darkened_colour_can_be_read(colour: Colour) -> None:
    assert colour.darkened_for(WHITE).contrast(WHITE) >= TEXT_CONTRAST


@given(colours)
def test_colour_that_passes_is_left_alone(colour: Colour) -> None:
    assume(colour.contrast(WHITE) >= TEXT_CONTRAST)
    assert colour.darkened_for(WHITE) is colour


@given(colours)
def test_darkened_colour_keeps_its_hue(colour: Colour) -> None:
    """Within what eight bits can say: one step of one part."""
    before, _, _ = colorsys.rgb_to_hls(*colour.parts)
    darkened = colour.darkened_for(WHITE)
    after, _, _ = colorsys.rgb_to_hls(*darkened.parts)
    spread = max(darkened.parts) - min(darkened.parts)
    assume(spread > 0)
    turned = abs((before - after + 0.5) % 1 - 0.5)
    assert turned <= 1 / 255 / spread / 3 + 1e-9


@given(colours)
def test_darkened_colour_is_the_nearest_that_passes(colour: Colour) -> None:
    darkened = colour.darkened_for(WHITE)
    assume(darkened != colour)
    hue, lightness, _ = colorsys.rgb_to_hls(*darkened.parts)
    _, _, saturation = colorsys.rgb_to_hls(*colour.parts)
    lighter = Colour(*colorsys.hls_to_rgb(hue, lightness + 4 / 255, saturation)).printed
    assert lighter.contrast(WHITE) < TEXT_CONTRAST


def test_mixture() -> None:
    assert str(BLACK.mixed(WHITE, 0.5)) in ("#7f7f7f", "#808080")
    assert BLACK.mixed(WHITE, 0) == BLACK
    assert BLACK.mixed(WHITE, 1) == WHITE
