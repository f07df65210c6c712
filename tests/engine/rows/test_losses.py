"""What counts as lost between the rows before an up and those after its down."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from surefoot.engine.rows import Loss, Row, TableRows, Touched, changed, losses, moved

CELLS = st.one_of(st.none(), st.sampled_from(["a", "b", "c", "1", ""]))
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8)
COLUMNS = ("id", "name", "note")


def held(*rows: Row, columns: tuple[str, ...] = COLUMNS) -> TableRows:
    return TableRows(columns, len(rows), rows)


def summed(count: int, **sums: int) -> TableRows:
    return TableRows(tuple(name for name in sums if name != "whole"), count, None, renamed(sums))


def renamed(sums: dict[str, int]) -> dict[str, int]:
    return {"" if name == "whole" else name: number for name, number in sums.items()}


def sequence(value: str | None) -> TableRows:
    return held((value,), columns=("last_value",))


ORDERS = held(*((str(number), f"name {number}", f"note {number}") for number in range(5)))


def with_notes(notes: dict[int, str | None]) -> TableRows:
    return held(*((row[0], row[1], notes.get(place, row[2])) for place, row in enumerate(ORDERS.rows or ())))


def test_what_is_as_it_was_is_not_lost() -> None:
    again = held(*reversed(ORDERS.rows or ()))
    assert losses({"public.orders": ORDERS}, {"public.orders": again}) == []


def test_the_order_of_columns_does_not_matter() -> None:
    turned = held(*(tuple(reversed(row)) for row in ORDERS.rows or ()), columns=COLUMNS[::-1])
    assert losses({"t": ORDERS}, {"t": turned}) == []


def test_changed_contents_name_their_columns() -> None:
    after = with_notes({1: None, 3: "other"})
    assert losses({"public.orders": ORDERS}, {"public.orders": after}) == [Loss("public.orders", 2, 5, ("note",))]


def test_rows_that_are_gone_name_no_columns() -> None:
    assert losses({"t": ORDERS}, {"t": held(*(ORDERS.rows or ())[:3])}) == [Loss("t", 2, 5)]


def test_gone_and_changed_rows_are_told_apart() -> None:
    after = held(*(with_notes({0: ""}).rows or ())[:4])
    assert losses({"t": ORDERS}, {"t": after}) == [Loss("t", 1, 5), Loss("t", 1, 5, ("note",))]


def test_a_key_that_was_numbered_anew_is_a_changed_column() -> None:
    after = held(*((f"9{row[0]}", row[1], row[2]) for row in ORDERS.rows or ()))
    assert losses({"t": ORDERS}, {"t": after}) == [Loss("t", 5, 5, ("id",))]


def test_of_two_equal_rows_one_can_be_lost() -> None:
    assert losses({"t": held(("1", "a", "b"), ("1", "a", "b"))}, {"t": held(("1", "a", "b"))}) == [Loss("t", 1, 2)]


def test_a_column_that_is_gone_has_lost_its_contents() -> None:
    after = held(*(row[:2] for row in ORDERS.rows or ()), columns=COLUMNS[:2])
    assert losses({"t": ORDERS}, {"t": after}) == [Loss("t", 5, 5, ("note",))]


def test_a_table_that_is_gone_has_lost_its_rows() -> None:
    assert losses({"t": ORDERS, "empty": held()}, {}) == [Loss("t", 5, 5)]


def test_a_table_that_came_and_went_is_no_loss() -> None:
    assert losses({}, {}, {"new": ORDERS}) == []


def test_rows_written_in_between_have_to_be_there_by_number() -> None:
    more = held(*(ORDERS.rows or ()), ("8", "x", "x"), ("9", "y", "y"))
    whatever_the_down_made_of_them = held(*(ORDERS.rows or ()), ("8", None, None), ("9", None, None))
    assert losses({"t": ORDERS}, {"t": whatever_the_down_made_of_them}, {"t": more}, {"t": ORDERS}) == []
    assert losses({"t": ORDERS}, {"t": ORDERS}, {"t": more}, {"t": ORDERS}) == [Loss("t", 2, 7)]


def test_rows_that_the_up_added_may_go_with_the_down() -> None:
    seeded = held(*(ORDERS.rows or ()), ("6", "seed", "seed"))
    written = held(*(seeded.rows or ()), ("7", "x", "x"))
    after = held(*(ORDERS.rows or ()), ("7", "x", "x"))
    assert losses({"t": ORDERS}, {"t": after}, {"t": written}, {"t": seeded}) == []
    assert losses({"t": ORDERS}, {"t": ORDERS}, {"t": written}, {"t": seeded}) == [Loss("t", 1, 6)]


def test_rows_written_after_an_up_that_deleted_some_count_as_well() -> None:
    emptied, written = held(), held(("8", "x", "x"))
    assert losses({"t": ORDERS}, {"t": ORDERS}, {"t": written}, {"t": emptied}) == [Loss("t", 1, 6)]


def test_rows_of_the_up_that_the_down_leaves_are_found() -> None:
    seeded = held(*(ORDERS.rows or ()), ("6", "seed", "seed"))
    written = held(*(seeded.rows or ()), ("7", "x", "x"))
    assert losses({"t": ORDERS}, {"t": written}, {"t": written}, {"t": seeded}) == [Loss("t", 0, 5, left=1)]
    assert losses({"s": sequence("1")}, {"s": sequence("2")}, {"new": written}) == []


def test_rows_written_under_another_name_come_home() -> None:
    written = held(*(ORDERS.rows or ()), ("9", "z", "z"))
    renamed = {"purchases": ORDERS}
    assert losses({"orders": ORDERS}, {"orders": written}, {"purchases": written}, renamed) == []
    more = held(*(written.rows or ()), ("10", "y", "y"))
    assert losses({"orders": ORDERS}, {"orders": more}, {"purchases": written}, renamed) == [
        Loss("orders", 0, 5, left=1)
    ]


def test_a_sequence_may_go_on_and_not_back() -> None:
    before = {"s": sequence("5"), "new": sequence(None)}
    assert losses(before, {"s": sequence("9"), "new": sequence("1")}) == []
    assert moved(before, {"s": sequence("9"), "new": sequence(None)}) == ["s"]
    assert losses(before, {"s": sequence("4"), "new": sequence(None)}) == [Loss("s", 1, 1, ("last_value",))]
    assert losses(before, {"s": sequence(None), "new": sequence(None)}) == [Loss("s", 1, 1, ("last_value",))]
    assert losses(before, {"new": sequence(None)}) == [Loss("s", 1, 1)]


def test_large_tables_are_compared_by_count_and_sums() -> None:
    before = summed(900, id=10, note=20, whole=77)
    assert losses({"t": before}, {"t": before}) == []
    assert losses({"t": before}, {"t": summed(899, id=9, note=20, whole=70)}) == [Loss("t", 1, 900)]
    assert losses({"t": before}, {"t": summed(900, id=10, note=21, whole=78)}) == [Loss("t", 900, 900, ("note",))]


def test_values_of_a_large_table_that_changed_places_are_noticed() -> None:
    before, after = summed(900, id=10, note=20, whole=77), summed(900, id=10, note=20, whole=78)
    assert losses({"t": before}, {"t": after}) == [Loss("t", 900, 900, ("id", "note"))]


def test_rows_written_into_a_large_table_are_taken_into_account() -> None:
    before, written = summed(900, id=10, note=20), summed(902, id=13, note=25)
    assert losses({"t": before}, {"t": summed(902, id=13, note=25)}, {"t": written}, {"t": before}) == []
    lost = losses({"t": before}, {"t": summed(902, id=13, note=26)}, {"t": written}, {"t": before})
    assert lost == [Loss("t", 900, 900, ("note",))]


def test_values_that_changed_places_are_noticed_beside_rows_that_were_written() -> None:
    before, written = summed(9000, id=10, note=20, whole=77), summed(9001, id=11, note=22, whole=80)
    assert losses({"t": before}, {"t": written}, {"t": written}, {"t": before}) == []
    swapped = summed(9001, id=11, note=22, whole=81)
    assert losses({"t": before}, {"t": swapped}, {"t": written}, {"t": before}) == [
        Loss("t", 9000, 9000, ("id", "note"))
    ]


def test_a_row_of_the_up_that_stays_is_no_substitute_for_one_that_was_written() -> None:
    seed, since = ("8", "seed", "x"), ("9", "since", "y")
    upped, written = held(*(ORDERS.rows or ()), seed), held(*(ORDERS.rows or ()), seed, since)
    assert losses({"t": ORDERS}, {"t": upped}, {"t": written}, {"t": upped}) == [Loss("t", 0, 5, left=1)]


def test_rows_against_sums_are_never_taken_for_the_same() -> None:
    assert losses({"t": ORDERS}, {"t": summed(900, id=1, name=1, note=1)}) == [Loss("t", 5, 5)]


def test_what_an_up_did_to_rows() -> None:
    after = held(*(with_notes({0: None}).rows or ())[:4], ("8", "x", "x"))
    assert changed({"t": ORDERS, "s": sequence("1")}, {"t": after, "s": sequence("2")}) == [
        Touched("t", added=1, gone=1, altered=1, columns=("note",))
    ]


def test_a_new_column_is_no_change_of_rows() -> None:
    wider = held(*((*row, "x") for row in ORDERS.rows or ()), columns=(*COLUMNS, "more"))
    assert changed({"t": ORDERS}, {"t": wider}) == []


@given(ROWS, ROWS)
def test_rows_are_lost_exactly_where_one_is_missing(before: list[Row], after: list[Row]) -> None:
    found = losses({"t": held(*before)}, {"t": held(*after)})
    missing = Counter(before) - Counter(after)
    assert bool(found) == (Counter(before) != Counter(after))
    assert sum(loss.rows for loss in found if loss.rows) >= missing.total()
    assert all(set(loss.columns) <= set(COLUMNS) for loss in found)


@given(ROWS, ROWS)
def test_added_gone_and_changed_rows_add_up(before: list[Row], after: list[Row]) -> None:
    for touched in changed({"t": held(*before)}, {"t": held(*after)}):
        assert len(before) - touched.gone + touched.added == len(after)


@given(ROWS)
def test_nothing_is_lost_where_nothing_changed(rows: list[Row]) -> None:
    assert losses({"t": held(*rows)}, {"t": held(*reversed(rows))}) == []
    assert changed({"t": held(*rows)}, {"t": held(*rows)}) == []
