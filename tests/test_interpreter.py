"""Calls from a roomy frame are the same calls."""

from __future__ import annotations

import sys

import pytest

from handouts.interpreter import with_room


@with_room
def depth(wanted: int, *, so_far: int = 0) -> int:
    """How deep it got."""
    return so_far if so_far == wanted else depth.__wrapped__(wanted, so_far=so_far + 1)  # type: ignore[attr-defined]


def test_the_same_call() -> None:
    assert depth(3) == 3
    assert depth(400, so_far=399) == 400
    assert with_room(lambda *, named: named)(named=7) == 7
    assert (depth.__name__, depth.__doc__) == ("depth", "How deep it got.")


def test_a_fault_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        with_room(lambda: 1 // 0)()


def test_the_limit_of_depth_stays() -> None:
    with pytest.raises(RecursionError):
        depth(sys.getrecursionlimit() * 2)
