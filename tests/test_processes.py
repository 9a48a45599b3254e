"""Processes that are started before there is work: results in order, what is theirs, what is given to all."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from handouts.errors import MachineError
from handouts.processes import Processes

COUNTS = pytest.mark.parametrize("count", [1, 2])


class Desk:
    """What each process has of its own."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.warmed = False
        self.done = 0


def warm(desk: Desk) -> None:
    desk.warmed = True


def warm_badly(desk: Desk) -> None:
    raise ValueError("what goes wrong here is told by the work")


def double(desk: Desk, item: int) -> tuple[int, int, bool]:
    desk.done += 1
    return item * 2, desk.process, desk.warmed


def add(desk: Desk, given: dict[str, int], item: int) -> tuple[int, int]:
    given["asked"] = given.get("asked", 0) + 1
    return given["more"] + item, given["asked"]


def fail_at_two(desk: Desk, item: int) -> int:
    if item == 2:
        raise LookupError("two")
    return item


def end_at_two(desk: Desk, item: int) -> int:
    if item == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


@COUNTS
def test_results_come_in_the_order_of_the_items(count: int) -> None:
    with Processes(count, Desk) as processes:
        made = [made.result() for made in processes.each(double, range(40))]
    assert [number for number, _, _ in made] == [item * 2 for item in range(40)]
    working = {process for _, process, _ in made}
    assert (working == {os.getpid()}) == (count == 1)
    assert 1 <= len(working) <= count
    assert multiprocessing.active_children() == []


@COUNTS
def test_a_fault_is_told_by_its_own_result(count: int) -> None:
    with Processes(count, Desk) as processes:
        made = list(processes.each(fail_at_two, range(5)))
        with pytest.raises(LookupError, match="two"):
            made[2].result()
        assert [made[at].result() for at in (0, 1, 3, 4)] == [0, 1, 3, 4]


@COUNTS
def test_what_is_given_goes_to_each_process_once(count: int) -> None:
    with Processes(count, Desk) as processes:
        made = [made.result() for made in processes.each_given({"more": 100}, add, range(30))]
        left = [path for path in Path(tempfile.gettempdir()).glob("handouts-*") if path.stat().st_mode & 0o077]
    assert [number for number, _ in made] == list(range(100, 130))
    assert max(asked for _, asked in made) >= 30 // count, "it was read again for each item"
    assert left == [], "others could read it"


def test_what_is_given_is_gone_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Processes(2, Desk) as processes:
        assert [made.result()[0] for made in processes.each_given({"more": 1}, add, range(3))] == [1, 2, 3]
        [held] = tmp_path.glob("handouts-*")
        assert held.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == []


def test_all_are_there_before_there_is_work_and_get_ready() -> None:
    with Processes(2, Desk, warm) as processes:
        assert not processes.started
        processes.start()
        assert processes.started
        assert len(multiprocessing.active_children()) == 2
        assert all(made.result()[2] for made in processes.each(double, range(6)))


def test_here_nothing_is_started_or_warmed() -> None:
    with Processes(1, Desk, warm) as processes:
        processes.start()
        assert not processes.started
        assert multiprocessing.active_children() == []
        [made] = processes.each(double, [1])
        assert made.result() == (2, os.getpid(), False)
        assert processes.own.done == 1


def test_what_goes_wrong_while_getting_ready_stops_nothing() -> None:
    with Processes(2, Desk, warm_badly) as processes:
        processes.start()
        assert [made.result()[0] for made in processes.each(double, range(3))] == [0, 2, 4]


def test_items_are_taken_as_results_are_asked_for() -> None:
    """Two thousand papers do not wait in memory."""
    taken: list[int] = []
    with Processes(2, Desk) as processes:
        made = processes.each(double, (taken.append(item) or item for item in range(1000)))  # type: ignore[func-returns-value]
        next(made).result()
        assert len(taken) < 10


def test_a_process_that_was_ended_is_told_with_every_result_that_is_missing() -> None:
    with Processes(2, Desk) as processes:
        made = list(processes.each(end_at_two, range(20)))
        told = [isinstance(one.exception(), BrokenProcessPool) for one in made]
    assert told[2]
    assert told[-1], "what comes later cannot be made either"


def test_dismissed_processes_end_while_this_one_goes_on() -> None:
    with Processes(2, Desk) as processes:
        assert [made.result()[0] for made in processes.each(double, range(3))] == [0, 2, 4]
        processes.dismiss()
        for _ in range(200):
            if not multiprocessing.active_children():
                break
            time.sleep(0.05)
        assert multiprocessing.active_children() == []


def test_no_room_for_what_is_given_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not there"))
    with Processes(2, Desk) as processes, pytest.raises(MachineError, match="No temporary file can be written"):
        processes.each_given({"more": 1}, add, range(3))
