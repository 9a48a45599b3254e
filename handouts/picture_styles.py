"""Our drawings in a brand's manner: the same shapes, with other tints, outlines and corners.

Each drawing is drawn once, with tints and outlines. `line` takes tints away and gives every area an outline; `filled`
makes tints stronger and outlines heavier, and prints signs in white on the brand color. No drawing says anything by a
tint alone, so that all are good in grey.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from handouts.brand import Brand
from handouts.colours import WHITE, Colour

_SPACE = "http://www.w3.org/2000/svg"
_TOKEN = re.compile(r"var\(\s*--([a-z-]+)")
_LENGTH = re.compile(r"\d*\.?\d+")
_AREAS = ("path", "rect", "circle", "ellipse")
_INHERITED = ("fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin")
_THICK = 7.0  # a wider stroke is a limb or a pipe, not an outline: it keeps its width and its round ends
_SIGN = "icon-"  # a small sign beside a heading, on a round ground
# Drawn to be counted, or a whole scene for a cover: these are the same in each brand.
_LEFT_ALONE = ("person-", "cover-")
_CORNERS = {"soft": "24", "square": "0", "round": "46"}  # of a drawing that is 640 wide
_STAR = ("circle", "paper")  # a speck of light: an outline would cover it
_SIGN_GROUND = {"cx": "48", "cy": "48", "r": "46"}


@dataclass(frozen=True)
class _Manner:
    """What becomes of the colours and outlines of a drawing.

    `areas`, `lines` and `limbs` (wide strokes) say which colour becomes which; `weight` is a factor on outlines, which
    are never thinner than `least`. With `outlined`, an area without an outline gets one that is so wide.
    """

    areas: Mapping[str, str]
    lines: Mapping[str, str]
    limbs: Mapping[str, str]
    weight: float = 1
    least: float = 0
    outlined: float = 0


_DEEPER = {"brand-pale": "brand-soft", "brand-soft": "ground-half", "brand-mid": "brand-strong"}
# White on the brand's color and the other way round, so that the contrasts stay as they are.
_NEGATIVE = {
    "paper": "brand", "brand": "paper", "ink": "paper", "accent": "accent-soft",
    "brand-pale": "brand", "brand-soft": "brand-strong", "brand-mid": "brand-soft", "accent-soft": "accent",
}  # fmt: skip
_TINTED = _Manner({}, {}, {})
_FILLED = _Manner(_DEEPER, _DEEPER, _DEEPER, weight=1.3, least=2.6)
_FILLED_SIGN = _Manner(_NEGATIVE, _NEGATIVE, _NEGATIVE)
# The lighter an area becomes, the darker a line of the same color has to be.
_LINE_SIGN = _Manner(
    {"brand-pale": "paper", "brand-soft": "brand-pale", "brand-mid": "brand-soft"},
    {"brand-pale": "brand-soft", "brand-soft": "brand-mid"},
    {},
    weight=0.72,
    least=2.2,
    outlined=2.6,
)
# Areas that are white or of the accent keep their color, and get an outline too: around them a tint has gone.
_KEPT = {name: name for name in ("paper", "accent-pale", "accent-soft")}
_LINE = replace(_LINE_SIGN, areas={**_LINE_SIGN.areas, **_KEPT})
_MANNERS = {"tinted": _TINTED, "line": _LINE, "filled": _FILLED}
_MANNERS_OF_SIGNS = {"tinted": _TINTED, "line": _LINE_SIGN, "filled": _FILLED_SIGN}


def styled(svg: str, name: str, brand: Brand) -> str:
    """The text of a drawing in the brand's picture style, with the brand's corners. Its colours are still tokens."""
    style, corners = brand.picture_style, brand.shape.corners
    if (style, corners) == ("tinted", "soft") or name.startswith(_LEFT_ALONE):
        return svg
    sign = name.startswith(_SIGN)
    manner = (_MANNERS_OF_SIGNS if sign else _MANNERS)[style]
    ElementTree.register_namespace("", _SPACE)
    root = ElementTree.fromstring(svg)
    _restyle(root, {}, manner, corners == "square")
    if sign:
        if corners == "square":
            _square_ground(root)
    else:
        _cornered(root, corners, framed=style == "line")
    return ElementTree.tostring(root, encoding="unicode")


def tokens(brand: Brand) -> dict[str, Colour]:
    """The colours of a drawing by their names: those of the page, and two stronger tints."""
    return {
        **brand.tokens,
        "ground-half": brand.ground.mixed(WHITE, 0.6),
        "brand-strong": brand.brand.mixed(WHITE, 0.25),
    }


def _restyle(element: Element, above: Mapping[str, str], manner: _Manner, square: bool) -> None:
    """Restyle an element and those in it. `above` is what it inherits."""
    kind = element.tag.rpartition("}")[2]
    if kind == "clipPath":
        return
    style = {**above, **{name: element.attrib[name] for name in _INHERITED if name in element.attrib}}
    width = _number(style.get("stroke-width"))
    thick = width > _THICK
    bare = kind in _AREAS and style.get("stroke", "none") == "none"
    if bare and manner.outlined and _token(style) in manner.areas and (kind, _token(style)) != _STAR:
        element.set("stroke", "var(--brand, #000)")
        element.set("stroke-width", f"{manner.outlined:g}")
        element.set("stroke-linejoin", "round")
    elif "stroke-width" in element.attrib and not thick:
        element.set("stroke-width", f"{max(width * manner.weight, min(width, manner.least)):g}")
    for name, changes in (("fill", manner.areas), ("stroke", manner.limbs if thick else manner.lines)):
        if name in element.attrib:
            element.set(name, _repainted(element.attrib[name], changes))
    if square and kind in _AREAS and not thick:
        for name, ends in (("stroke-linecap", "square"), ("stroke-linejoin", "miter")):
            if style.get(name) == "round":
                element.set(name, ends)
    for child in element:
        _restyle(child, style, manner, square)


def _token(style: Mapping[str, str]) -> str:
    found = _TOKEN.match(style.get("fill", ""))
    return found[1] if found else ""


def _repainted(paint: str, changes: Mapping[str, str]) -> str:
    return _TOKEN.sub(lambda found: f"var(--{changes.get(found[1], found[1])}", paint)


def _number(text: str | None) -> float:
    """The number at the beginning of a length; 1 if there is none. A clinic's own drawing may say `2px`."""
    found = _LENGTH.match(text or "")
    return float(found[0]) if found else 1.0


def _square_ground(sign: Element) -> None:
    """The round ground of a sign, and the circle that it is cut out by, become squares."""
    for circle in sign.iter(f"{{{_SPACE}}}circle"):
        if all(circle.get(name) == value for name, value in _SIGN_GROUND.items()):
            circle.tag = f"{{{_SPACE}}}rect"
            for name in _SIGN_GROUND:
                del circle.attrib[name]
            circle.attrib.update({"x": "2", "y": "2", "width": "92", "height": "92"})


def _cornered(drawing: Element, corners: str, framed: bool) -> None:
    """The brand's corners on a drawing with a ground; and a frame, or it would look cut off where that is white."""
    whole = _number(drawing.get("width"))
    # The cut of the ground, and in one drawing a frame within it.
    edges = [
        rect
        for rect in drawing.iter(f"{{{_SPACE}}}rect")
        if "rx" in rect.attrib and _number(rect.get("width")) >= whole - 4
    ]
    for rect in edges:
        rect.set("rx", _CORNERS[corners])
    if framed and edges:
        frame = {
            "x": "1.5", "y": "1.5", "width": f"{whole - 3:g}",
            "height": f"{_number(drawing.get('height')) - 3:g}", "rx": _CORNERS[corners],
            "fill": "none", "stroke": "var(--brand, #000)", "stroke-width": "3",
        }  # fmt: skip
        drawing.append(Element(f"{{{_SPACE}}}rect", frame))
