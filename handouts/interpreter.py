"""What we ask of CPython, as laying out pages is unlike most programs: many small objects, and calls hundreds deep."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Callable
from functools import cache, wraps
from types import FunctionType
from typing import ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_SLOTS = 300_000  # of 8 bytes: asks for a chunk of 4 MB, as chunks double; 1.6 MB of it are left for deeper calls
_NEW_OBJECTS = 50_000


def with_room(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """The same function, called from a frame that asks for one large chunk: all deeper calls find room in it.

    Frames lie in chunks of 16 kB. Where one ends inside a loop of deep calls, each round asks the system for the next
    chunk and gives it back: on a clinic's first day two million times, a fifth of the whole time. The large chunk is
    address space; memory is taken for what is used of it.
    """

    def roomy(*args: Parameters.args, **named: Parameters.kwargs) -> Result:
        return function(*args, **named)

    return wraps(function)(
        FunctionType(roomy.__code__.replace(co_stacksize=_SLOTS), globals(), closure=roomy.__closure__)
    )


def seldom_look_for_garbage() -> None:
    """After every 700 new objects, which is the rule, it costs several percent of the time."""
    gc.set_threshold(_NEW_OBJECTS)


@cache
def keep_what_is_loaded() -> None:
    """Once a process has made a paper, what is loaded stays to the end. With it out of the way the collector soon finds
    the pages of papers that are done; else those of many would wait for it.
    """
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # or WeasyPrint would not remove its folder of fonts at the end
