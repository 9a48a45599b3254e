"""How a sheet is folded: where each panel stands, on which side, and how wide it is.

A panel that folds in is narrower, or the sheet would buckle: 1/16 inch on Letter, 3 mm on A4. It is the panel on the
left of the outside, and on the right of the inside, for a sheet that is turned over its long edge's middle.
Panels are numbered in the order in which a person meets them: cover, what the opened cover shows, the inside from left
to right, the back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from handouts.formats import A4, LETTER, Paper

_INCH = 25.4


@dataclass(frozen=True)
class Place:
    """Where a panel stands on a side of the sheet: millimetres from its left trimmed edge, and how wide it is."""

    panel: int  # 1 is the cover
    left: float
    width: float

    @property
    def right(self) -> float:
        return self.left + self.width


@dataclass(frozen=True)
class Side:
    """One side of the sheet, with its panels from left to right."""

    name: str  # "outside" or "inside"
    places: tuple[Place, ...]

    @property
    def folds(self) -> tuple[float, ...]:
        """Where it is folded: millimetres from its left trimmed edge."""
        return tuple(place.left for place in self.places[1:])

    @property
    def in_story_order(self) -> tuple[Place, ...]:
        return tuple(sorted(self.places, key=lambda place: place.panel))


@dataclass(frozen=True)
class Fold:
    """A way to fold a paper: its size lying open in millimetres, and its two sides. `steps` say how, for a person."""

    name: str
    paper: Paper
    width: float
    height: float
    outside: Side
    inside: Side

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.outside, self.inside

    @property
    def panels(self) -> int:
        return len(self.outside.places) + len(self.inside.places)

    def place(self, panel: int) -> Place:
        """Where a panel stands on its side."""
        return next(place for side in self.sides for place in side.places if place.panel == panel)

    def faces(self) -> Iterator[tuple[int, ...]]:
        """What a person sees while unfolding: the panels of each face from left to right.

        A tri-fold shows its cover, then panels 2 and 3 beside each other (2 is the flap, over 4 and 5), then the whole
        inside, and last its back.
        """
        if self.panels == 6:
            yield from ((1,), (3, 2), (3, 4, 5), (6,))
        else:
            yield from ((1,), (2, 3), (4,))


def _side(name: str, *panels: tuple[int, float]) -> Side:
    places, left = [], 0.0
    for panel, width in panels:
        places.append(Place(panel, left, width))
        left += width
    return Side(name, tuple(places))


def _tri(paper: Paper, wide: float, narrow: float) -> Fold:
    return Fold(
        "tri",
        paper,
        paper.height,
        paper.width,
        _side("outside", (2, narrow), (6, wide), (1, wide)),
        _side("inside", (3, wide), (4, wide), (5, narrow)),
    )


def _half(paper: Paper) -> Fold:
    half = paper.height / 2
    return Fold(
        "half", paper, paper.height, paper.width, _side("outside", (4, half), (1, half)),
        _side("inside", (2, half), (3, half)),
    )  # fmt: skip


FOLDS = {
    ("tri", "letter"): _tri(LETTER, 3.6875 * _INCH, 3.625 * _INCH),
    ("tri", "a4"): _tri(A4, 100, 97),
    ("half", "letter"): _half(LETTER),
    ("half", "a4"): _half(A4),
}
FOLD_NAMES = ("tri", "half")
