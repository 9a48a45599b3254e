"""Processes that work side by side, and can be started before there is anything for them to do.

A process that lays out pages loads WeasyPrint, fonts and styles first, which takes a second or two. Started early, it
does so while texts are still read here.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import cache, cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, TypeVar

from handouts.errors import MachineError
from handouts.interpreter import seldom_look_for_garbage

Own = TypeVar("Own")
Given = TypeVar("Given")
Item = TypeVar("Item")
Result = TypeVar("Result")

_NICE = 5  # what the others wait for comes first: planning, joining, and whatever else somebody does on this computer
_AT_A_TIME = 2  # pieces of work waiting for each process: enough that none is idle, few enough to be held in memory


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Processes(Generic[Own]):
    """So many processes, each with something of its own that `begin` makes there. A context: at its end they are gone.

    With a count of 1 there is none: everything happens here, when its result is asked for. `warm` is what a process
    does with its own thing before there is work; what goes wrong in it will go wrong again, and be told, in the work.
    """

    def __init__(self, count: int, begin: Callable[[], Own], warm: Callable[[Own], None] | None = None) -> None:
        self.count = count
        self._begin = begin
        self._warm = warm
        self._pool: ProcessPoolExecutor | None = None
        self._gifts: list[Path] = []

    def __enter__(self) -> Processes[Own]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        for path in self._gifts:
            path.unlink(missing_ok=True)

    def dismiss(self) -> None:
        """Let the processes end while this one goes on. There is no more work for them."""
        if self._pool is not None:
            self._pool.shutdown(wait=False)

    @property
    def started(self) -> bool:
        return self._pool is not None

    def start(self) -> None:
        """Start all of them now. Without it they are started when there is work, as many as are needed."""
        if self.count > 1:
            for _ in range(self.count):
                self._submitted(_nothing)

    def each(self, work: Callable[[Own, Item], Result], items: Iterable[Item]) -> Iterator[Future[Result]]:
        """The results of some work, one for each item and in their order; asking for one waits for it.

        A process that was ended from outside is told as BrokenProcessPool, by every result that is then missing.
        """
        return self._each(partial(_work, work) if self.count > 1 else lambda item: work(self.own, item), items)

    def each_given(
        self, given: Given, work: Callable[[Own, Given, Item], Result], items: Iterable[Item]
    ) -> Iterator[Future[Result]]:
        """The same, for work that needs something large besides the item: each process reads it once.

        It lies in a temporary file until the end: no fact of a patient may be in it. Raises MachineError if that file
        cannot be written.
        """
        if self.count > 1:
            try:
                place, name = tempfile.mkstemp(prefix="handouts-")
                self._gifts.append(Path(name))
                with os.fdopen(place, "wb") as file:
                    pickle.dump(given, file)
            except OSError as problem:
                raise MachineError(
                    f"No temporary file can be written ({problem.strerror})",
                    "Make room in the folder for temporary files, or run it with --jobs 1, which needs none.",
                ) from None
            return self._each(partial(_work_given, work, Path(name)), items)
        return self._each(lambda item: work(self.own, given, item), items)

    @cached_property
    def own(self) -> Own:
        """What this process has of its own: one of the same kind."""
        return self._begin()

    def _each(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Future[Result]]:
        if self.count < 2:
            for item in items:
                yield _done(work, item)
            return
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(self._submitted(work, item))
                if len(waiting) > self.count * _AT_A_TIME:
                    yield waiting.popleft()
            while waiting:
                yield waiting.popleft()
        finally:
            for future in waiting:
                future.cancel()

    def _submitted(self, work: Callable[..., Result], *items: object) -> Future[Result]:
        if self._pool is None:
            # Spawned, not forked: a forked copy of a process that has already loaded Pango may hang.
            spawning = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                self.count, spawning, initializer=_get_ready, initargs=(self._begin, self._warm)
            )
        try:
            return self._pool.submit(work, *items)
        except BrokenProcessPool as gone:  # ended while work is still handed over: it is told with the results
            future = Future[Result]()
            future.set_exception(gone)
            return future


def _done(work: Callable[[Item], Result], item: Item) -> Future[Result]:
    future = Future[Result]()
    try:
        future.set_result(work(item))
    except Exception as fault:
        future.set_exception(fault)
    return future


_own: list[Any] = []  # in a process that works for another one: what is its own


def _get_ready(begin: Callable[[], Own], warm: Callable[[Own], None] | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C: the one that started this process ends it
    threading.Thread(target=_end_with_the_run, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(_NICE)
    seldom_look_for_garbage()
    _own[:] = [begin()]
    if warm is not None:
        with suppress(Exception):
            warm(_own[0])


def _end_with_the_run() -> None:
    """A run that is killed cannot end its processes; they would wait for ever, with what they know of patients."""
    run = multiprocessing.parent_process()
    if run is not None:
        run.join()
        os._exit(1)


def _work(work: Callable[[Any, Item], Result], item: Item) -> Result:
    return work(_own[0], item)


def _work_given(work: Callable[[Any, Any, Item], Result], gift: Path, item: Item) -> Result:
    return work(_own[0], _given(gift), item)


@cache
def _given(gift: Path) -> Any:
    with gift.open("rb") as file:
        return pickle.load(file)


def _nothing() -> None:
    pass
