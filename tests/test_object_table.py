"""The table of a PDF's objects says what it was told, however much of it is packed away."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from handouts.object_table import LARGEST_PLACE, ROW, STRETCH, Entry, ObjectTable

COUNT = STRETCH * 12  # more stretches than are open at a time
ENTRIES = st.builds(Entry, st.sampled_from([1, 2]), st.integers(0, LARGEST_PLACE), st.integers(0, 65535))


@given(st.lists(st.tuples(st.integers(0, COUNT - 1), ENTRIES), max_size=60))
def test_each_object_has_the_last_entry_that_it_was_given(told: list[tuple[int, Entry]]) -> None:
    table, plain = ObjectTable(), dict[int, Entry]()
    assert table.reserve(COUNT) == 0
    for number, entry in told:
        table[number] = plain[number] = entry
    assert len(table) == COUNT
    assert {number: table[number] for number in plain} == plain
    untold = next(number for number in range(COUNT) if number not in plain)
    assert table[untold].kind == 0
    again = ObjectTable()
    for rows in table.stretches():
        again.extend(rows)
    assert len(again) == COUNT
    assert {number: again[number] for number in plain} == plain


def test_numbers_are_given_out_in_a_row() -> None:
    table = ObjectTable()
    assert [table.reserve(count) for count in (1, STRETCH, 3, 0, 2 * STRETCH)] == [
        0, 1, STRETCH + 1, STRETCH + 4, STRETCH + 4,
    ]  # fmt: skip
    assert sum(len(rows) for rows in table.stretches()) == len(table) * ROW


def test_what_was_written_long_ago_takes_little_memory() -> None:
    tracemalloc.start()
    try:
        table = ObjectTable()
        for number in range(500_000):
            table.reserve(1)
            table[number] = Entry(2, number // 200, number % 200)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 500_000 * 2.5, "bytes: the plain rows would take seven an object"
