"""Many papers at once, on all cores: only those are laid out that are not the same as last time."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial

from handouts.cache import PdfCache
from handouts.composing import Composition
from handouts.errors import HandoutError, MachineError
from handouts.pdf import Pdf
from handouts.pipeline import produce

_WORTH_A_PROCESS = 3  # papers; a new process takes most of a second to load WeasyPrint


@dataclass(frozen=True)
class Made:
    """A finished paper, and whether it is the one kept from last time."""

    composition: Composition
    pdf: Pdf
    kept: bool


@dataclass(frozen=True)
class Refused:
    """A paper that cannot be printed, and why."""

    composition: Composition
    error: HandoutError


def produce_all(
    compositions: Sequence[Composition], cache: PdfCache, jobs: int | None = None
) -> Iterator[Made | Refused]:
    """Lay out what is not kept, in as many processes as there are cores (or `jobs`); results in the order asked.

    One paper's fault does not stop the next. Nothing but finished PDFs comes back from a process.
    """
    kept = {at: cache.get(composition) for at, composition in enumerate(compositions)}
    new = [at for at, pdf in kept.items() if pdf is None]
    workers = min(jobs or cores(), len(new))
    if workers < 2 or len(new) < _WORTH_A_PROCESS:
        yield from _outcomes(compositions, kept, cache, {at: partial(produce, compositions[at]) for at in new})
        return
    # Spawned, not forked: a forked copy of a process that has already loaded Pango may hang.
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = {at: _submitted(pool, compositions[at]) for at in new}
        try:
            yield from _outcomes(compositions, kept, cache, {at: future.result for at, future in futures.items()})
        finally:
            pool.shutdown(cancel_futures=True)


def _submitted(pool: ProcessPoolExecutor, composition: Composition) -> Future[Pdf]:
    """A paper that will be laid out. If a process was ended while papers are still handed over, it says so later."""
    try:
        return pool.submit(produce, composition)
    except BrokenProcessPool as gone:
        future = Future[Pdf]()
        future.set_exception(gone)
        return future


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _outcomes(
    compositions: Sequence[Composition],
    kept: Mapping[int, Pdf | None],
    cache: PdfCache,
    makers: Mapping[int, Callable[[], Pdf]],
) -> Iterator[Made | Refused]:
    for at, composition in enumerate(compositions):
        pdf = kept[at]
        if pdf is not None:
            yield Made(composition, pdf, kept=True)
            continue
        try:
            pdf = makers[at]()
        except HandoutError as error:
            yield Refused(composition, error)
        except BrokenProcessPool:
            gone = MachineError("A process that lays out pages was ended from outside", "Print again with --jobs 1.")
            yield Refused(composition, gone)
        else:
            cache.put(composition, pdf)
            yield Made(composition, pdf, kept=False)
