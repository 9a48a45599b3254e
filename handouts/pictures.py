"""Drawings in the clinic's colours, as addresses that carry the whole picture (`data:`)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import Path

from handouts import picture_styles
from handouts.brand import Brand
from handouts.colours import Colour
from handouts.errors import ContentError, Origin, nearest
from handouts.handout import PeopleGroup
from handouts.library import Library
from handouts.reading import read_svg

# WeasyPrint 70 does not know var() inside an SVG and would draw it black.
_TOKEN = re.compile(r"var\(\s*--([a-z-]+)\s*,\s*(#[0-9a-fA-F]{3,6})\s*\)")
_FONT = re.compile(r"var\(\s*--text-font\s*,[^)]*\)")
_INNER = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
PERSON_WIDTH, PERSON_HEIGHT = 24, 40
PEOPLE_IN_A_ROW = 10


def drawing(library: Library, brand: Brand, name: str, where: Origin) -> str:
    """A drawing from `content/figures/`, in the brand's colours, as an address. ContentError if it is not there."""
    return _address(_svg(library, brand, name, where))


def people(library: Library, brand: Brand, group: PeopleGroup, where: Origin) -> str:
    """Little people in rows of ten: the first `count` filled, the others in outline."""
    bodies = {
        filled: _inner(_svg(library, brand, "person-filled" if filled else "person-empty", where))
        for filled in (True, False)
    }
    step_x, step_y = PERSON_WIDTH + 6, PERSON_HEIGHT + 8
    rows = -(-group.of // PEOPLE_IN_A_ROW)
    columns = min(group.of, PEOPLE_IN_A_ROW)
    crowd = "".join(
        f'<g transform="translate({at % PEOPLE_IN_A_ROW * step_x} {at // PEOPLE_IN_A_ROW * step_y})">'
        f"{bodies[at < group.count]}</g>"
        for at in range(group.of)
    )
    width, height = columns * step_x - 6, rows * step_y - 8
    return _address(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">{crowd}</svg>'
    )


def logo(brand: Brand, one_color: bool = False) -> str | None:
    """The clinic's logo as an address, or None. `one_color`: the one for a single ink, if there is one."""
    file = (brand.logo_one_color or brand.logo) if one_color else brand.logo
    if file is None:
        return None
    kind = "svg+xml" if file.suffix.lower() == ".svg" else "png"
    return _data(file, kind)


def photo(file: Path) -> str:
    """A photo as an address."""
    return _data(file, "png" if file.suffix.lower() == ".png" else "jpeg")


def recoloured(svg: str, tokens: Mapping[str, Colour], font: str) -> str:
    """An SVG whose `var(--name, …)` are the brand's colours and text font; an unknown name keeps its fallback."""
    return _TOKEN.sub(lambda found: str(tokens.get(found[1], found[2])), _FONT.sub(font, svg))


def _svg(library: Library, brand: Brand, name: str, where: Origin) -> str:
    path = library.find("content", f"figures/{name}.svg")
    if path is None:
        known = library.names("content", "figures", ".svg")
        raise ContentError(
            f"There is no picture “{name}”", f"{nearest(name, known)} Pictures stand in content/figures/.", where
        )
    svg = picture_styles.styled(read_svg(path, ContentError), name, brand)
    return recoloured(svg, picture_styles.tokens(brand), brand.text_font)


def _inner(svg: str) -> str:
    found = _INNER.search(svg)
    return found.group(1) if found else ""


def _address(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _data(file: Path, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"
