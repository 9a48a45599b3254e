"""Many papers at once, on all cores: only those are laid out that are not the same as last time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

from handouts.cache import PdfCache
from handouts.composing import Composition
from handouts.errors import HandoutError, MachineError
from handouts.pdf import Pdf
from handouts.pipeline import produce
from handouts.processes import Processes, cores

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
    with Processes(jobs or cores(), object) as processes:
        yield from produce_in(processes, compositions, cache)


def produce_in(
    processes: Processes[Any], compositions: Sequence[Composition], cache: PdfCache
) -> Iterator[Made | Refused]:
    """The same, in processes that may have been started for other work already."""
    kept = [cache.get(composition) for composition in compositions]
    new = [composition for composition, pdf in zip(compositions, kept, strict=True) if pdf is None]
    if len(new) < _WORTH_A_PROCESS and not processes.started:
        processes = Processes(1, object)
    made = processes.each(_produce, new)
    for composition, pdf in zip(compositions, kept, strict=True):
        if pdf is not None:
            yield Made(composition, pdf, kept=True)
            continue
        try:
            pdf = next(made).result()
        except HandoutError as error:
            yield Refused(composition, error)
        except BrokenProcessPool:
            gone = MachineError("A process that lays out pages was ended from outside", "Print again with --jobs 1.")
            yield Refused(composition, gone)
        else:
            cache.put(composition, pdf)
            yield Made(composition, pdf, kept=False)


def _produce(_: object, composition: Composition) -> Pdf:
    return produce(composition)
