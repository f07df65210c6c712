"""What generated rows are made of: hints, patterns, values, and the order of tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.engine.dialects.generate import awkward
from surefoot.engine.dialects.generate.draw import Draw
from surefoot.engine.dialects.generate.fill import Asked, Refusal, fill
from surefoot.engine.dialects.generate.hints import merged, read_hints
from surefoot.engine.dialects.generate.model import (
    Column,
    Family,
    ForeignKey,
    Hints,
    Kind,
    Row,
    Special,
    Table,
    Value,
)
from surefoot.engine.dialects.generate.order import order
from surefoot.engine.dialects.generate.patterns import like, matching
from surefoot.engine.dialects.generate.values import value
from surefoot.engine.rows import Unfilled

NUMBER = Kind(Family.INTEGER, low=-(2**31), high=2**31 - 1)


class Memory:
    """A sink that keeps what it is given, unless a rule refuses it."""

    def __init__(self, *rules: tuple[str, Any]) -> None:
        self.rows: dict[str, list[Row]] = {}
        self._rules = rules

    def count(self, table: Table) -> int:
        return len(self.rows.get(table.name, ()))

    def parents(self, key: ForeignKey) -> list[tuple[Value, ...]]:
        return [tuple(row[name] for name in key.references) for row in self.rows.get(key.table, ())]

    def insert(self, rows: Sequence[tuple[Table, Sequence[Row]]]) -> Refusal | None:
        for _table, written in rows:
            for column, rule in self._rules:
                if not all(rule(row[column]) for row in written if column in row):
                    return Refusal(f"{column} will not do", (column,))
        for table, written in rows:
            kept = self.rows.setdefault(table.name, [])
            for row in written:
                numbered: Row = {name: len(kept) + 1 if part is Special.DEFAULT else part for name, part in row.items()}
                kept.append(numbered)
        return None

    def column(self, table: str, name: str) -> list[Value]:
        return [row[name] for row in self.rows[table]]


@pytest.mark.parametrize(
    ("check", "name", "expected"),
    [
        ("((price > (0)::numeric) AND (price <= 100.5))", "price", {"low": "0", "above": True, "high": "100.5"}),
        ("((lat >= ('-90'::integer)::numeric) AND (lat < (- (10)::numeric)))", "lat", {"low": "-90", "high": "-10"}),
        ("((state)::text = ANY ((ARRAY['a'::character varying, 'it''s'::text])::text[]))", "state",
         {"values": ("a", "it's")}),
        ("`state` in ('a','b') and `n` between 1 and 5", "`n`", {"low": "1", "high": "5", "values": ()}),
        ("`state` in (_utf8mb4'a',_utf8mb4'b')", "`state`", {"values": ("a", "b")}),
        ("(char_length((code)::text) = 3)", "code", {"shortest": 3, "longest": 3}),
        ("length(trim(code)) > 2 AND length(code) < 9", "code", {"shortest": 3, "longest": 8}),
        ("((VALUE)::text ~* '^(a|b)+$'::text)", "VALUE", {"patterns": ("^(a|b)+$",)}),
        ("(name ~~ 'a%'::text)", "name", {"likes": ("a%",)}),
        ("name REGEXP '^[a-z]+$'", "name", {"patterns": ("^[a-z]+$",)}),
        ("(lower((email)::text) = (email)::text)", "email", {"case": "lower"}),
        ("(0 < x)", "x", {"low": "0", "above": True}),
        ("(other > 0)", "x", {"low": None, "values": (), "constants": ("0",)}),
        ("(x <> 5)", "x", {"low": None, "high": None, "values": ()}),
        ("((at IS NOT NULL) AND (at >= '2024-01-01 00:00:00'::timestamp without time zone))", "at",
         {"low": "2024-01-01 00:00:00"}),
    ],
)  # fmt: skip
def test_a_check_is_read(check: str, name: str, expected: dict[str, object]) -> None:
    found = read_hints(check, name)
    assert {key: getattr(found, key) for key in expected} == expected


def test_of_several_checks_each_counts() -> None:
    both = merged([Hints(values=("a", "b"), low="1"), Hints(values=("b", "c"), high="9")])
    assert (both.values, both.low, both.high) == (("b",), "1", "9")


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[^@\s]+@[^@]+\.[a-z]{2,}$",
        r"^[A-Z]{2}$",
        r"^\d{3}-\d{4}$",
        r"^(?:http|https)://[a-z0-9.]+$",
        r"^[a-z0-9]+(?:-[a-z0-9]+)*$",
        r"^\+?[1-9]\d{1,14}$",
        r"^#(?:[0-9a-fA-F]{3}){1,2}$",
        r"^[]x-]+\.?$",
        r"^a?b*c{0,3}$",
    ],
)
def test_a_text_matches_its_pattern(pattern: str) -> None:
    texts = [matching(pattern, Draw("key", number)) for number in range(40)]
    assert [text for text in texts if not re.search(pattern, text)] == []
    assert len(set(texts)) > 3


def test_classes_of_posix_are_known() -> None:
    assert re.fullmatch(r"[a-z][0-9]{2}", matching("^[[:alpha:]][[:digit:]]{2}$", Draw("key", 1)))


def test_a_text_is_like_its_pattern() -> None:
    assert re.fullmatch(r"a.\d+%x", like("a_%\\%x", Draw("key", 1)))


@given(st.text(max_size=40))
def test_no_pattern_breaks_the_generator(pattern: str) -> None:
    assert len(matching(pattern, Draw("key", 1))) <= 200


@given(st.text(alphabet="a()'=<>10 ,ANDRYIN[]:-~LIKE", max_size=60))
def test_no_check_breaks_the_reader(check: str) -> None:
    assert isinstance(read_hints(check, "a"), Hints)


@given(
    low=st.integers(-1000, 1000),
    size=st.integers(0, 1000),
    number=st.integers(0, 5000),
    attempt=st.integers(0, 60),
)
def test_numbers_stay_between_their_bounds(low: int, size: int, number: int, attempt: int) -> None:
    kind = Kind(Family.INTEGER, low=-32768, high=32767, hints=Hints(low=str(low), high=str(low + size)))
    made = value(kind, Draw("key", number, attempt))
    assert isinstance(made, int)
    assert low <= made <= low + size


@given(number=st.integers(0, 10**7), precision=st.integers(1, 12), data=st.data())
def test_decimals_fit_their_type(number: int, precision: int, data: st.DataObject) -> None:
    scale = data.draw(st.integers(0, precision))
    made = str(value(Kind(Family.DECIMAL, precision=precision, scale=scale), Draw("key", number)))
    assert abs(int(made.replace(".", ""))) < 10**precision
    assert len(made.partition(".")[2]) == scale


@given(length=st.integers(1, 60), number=st.integers(0, 10**6), plain=st.booleans())
def test_texts_fit_their_type(length: int, number: int, plain: bool) -> None:
    made = str(value(Kind(Family.TEXT, length=length), Draw("key", number, plain=plain)))
    assert 0 < len(made) <= length


@pytest.mark.parametrize(
    "kind",
    [
        NUMBER,
        Kind(Family.DECIMAL, precision=8, scale=2),
        Kind(Family.TEXT),
        Kind(Family.TEXT, length=3),
        Kind(Family.BYTES, length=4),
        Kind(Family.BITS, length=12),
        Kind(Family.DATE),
        Kind(Family.DATETIME),
        Kind(Family.UUID),
        Kind(Family.JSON),
    ],
)
def test_no_two_rows_have_the_same_value(kind: Kind) -> None:
    assert len({value(kind, Draw("key", number)) for number in range(200)}) == 200


def test_a_text_of_limited_length_uses_all_of_it_now_and_then() -> None:
    texts = [str(value(Kind(Family.TEXT, length=30), Draw("key", number))) for number in range(5)]
    assert max(len(text) for text in texts) == 30


def table(name: str, *columns: Column, refers: dict[str, str] | None = None) -> Table:
    keys = tuple(ForeignKey((column,), target, ("id",)) for column, target in (refers or {}).items())
    return Table(name, (Column("id", NUMBER, nullable=False, serial=True), *columns), (("id",),), keys)


def reference(name: str, *, nullable: bool = False) -> Column:
    return Column(name, NUMBER, nullable=nullable)


def test_tables_come_after_those_that_they_refer_to() -> None:
    tables = [
        table("a", reference("b_id"), refers={"b_id": "b"}),
        table("b", reference("c_id", nullable=True), refers={"c_id": "c"}),
        table("c"),
    ]
    assert [[each.name for each in group] for group in order(tables).groups] == [["c"], ["b"], ["a"]]


def test_of_a_circle_the_one_that_may_wait_comes_first() -> None:
    tables = [
        table("a", reference("b_id"), refers={"b_id": "b"}),
        table("b", reference("a_id", nullable=True), refers={"a_id": "a"}),
    ]
    found = order(tables)
    assert [[each.name for each in group] for group in found.groups] == [["b"], ["a"]]
    assert found.again == {"a", "b"}


def test_who_refers_to_one_that_gets_more_rows_later_waits_for_them() -> None:
    sink = Memory()
    owned = Table("owned", (reference("tree_id"),), (("tree_id",),), (ForeignKey(("tree_id",), "tree", ("id",)),))
    tree = table("tree", reference("parent_id", nullable=True), refers={"parent_id": "tree"})
    assert fill([owned, tree], Asked(5, "seed"), sink) == ()
    assert order([owned, tree]).again == {"owned", "tree"}
    assert set(sink.column("owned", "tree_id")) > {1, 2, 3}


def test_a_circle_without_a_way_in_begins_all_at_once() -> None:
    sink = Memory()
    tables = [
        table("a", reference("b_id"), refers={"b_id": "b"}),
        table("b", reference("a_id"), refers={"a_id": "a"}),
    ]
    assert fill(tables, Asked(5, "seed"), sink) == ()
    assert len(sink.rows["a"]) == len(sink.rows["b"]) == 5
    assert set(sink.column("a", "b_id")) <= set(sink.column("b", "id"))


def test_rows_of_a_tree_refer_to_one_another() -> None:
    sink = Memory()
    fill([table("tree", reference("parent_id", nullable=True), refers={"parent_id": "tree"})], Asked(5, "seed"), sink)
    parents = sink.column("tree", "parent_id")
    assert None in parents
    assert set(parents) - {None} <= set(sink.column("tree", "id"))
    assert len(set(parents)) > 1


def test_every_label_and_null_have_a_turn() -> None:
    sink = Memory()
    mood = Column("mood", Kind(Family.CHOICE, labels=("sad", "ok", "happy")))
    fill([table("t", mood, Column("yes", Kind(Family.BOOLEAN)))], Asked(5, "seed"), sink)
    assert set(sink.column("t", "mood")) == {"sad", "ok", "happy", None}
    assert set(sink.column("t", "yes")) == {True, False, None}


def test_plain_rows_hold_no_null() -> None:
    sink = Memory()
    fill([table("t", Column("note", Kind(Family.TEXT)))], Asked(9, "seed", plain=True), sink)
    assert all(isinstance(note, str) and len(note) < 8 for note in sink.column("t", "note"))


def test_a_refused_row_is_made_anew_in_the_columns_that_are_blamed() -> None:
    sink = Memory(("code", lambda code: code == "en"))
    columns = Column("code", Kind(Family.TEXT), nullable=False), Column("name", Kind(Family.TEXT), nullable=False)
    free = Memory()
    assert fill([table("t", *columns)], Asked(3, "seed"), sink) == ()
    fill([table("t", *columns)], Asked(3, "seed"), free)
    assert sink.column("t", "name") == free.column("t", "name")


def test_what_no_row_can_satisfy_is_reported() -> None:
    sink = Memory(("n", lambda _n: False))
    assert fill([table("t", reference("n"))], Asked(3, "seed"), sink) == (Unfilled("t", "n will not do"),)


def test_a_table_that_refers_to_an_empty_one_is_reported() -> None:
    [unfilled] = fill([table("a", reference("b_id"), refers={"b_id": "b"})], Asked(3, "seed"), Memory())
    assert unfilled == Unfilled("a", "it refers to b, which has no rows")


@given(seed=st.text(max_size=5), count=st.integers(1, 6))
def test_the_same_seed_gives_the_same_rows(seed: str, count: int) -> None:
    first, second = Memory(), Memory()
    tables = [table("a", Column("note", Kind(Family.TEXT))), table("b", reference("a_id"), refers={"a_id": "a"})]
    fill(tables, Asked(count, seed), first)
    fill(reversed(tables), Asked(count, seed), second)
    assert first.rows == second.rows


def test_some_values_are_changed_by_silent_conversions_and_fit_the_column_all_the_same() -> None:
    texts = [awkward.make(Kind(Family.TEXT, length=8), Draw("k", number)) for number in range(5)]
    assert texts[0] == ""
    assert re.fullmatch(r"0[0-9]+E1 ", str(texts[1]))
    assert all(len(str(text)) <= 8 for text in texts)
    assert awkward.make(NUMBER, Draw("k", 0)) == 0
    short = str(awkward.make(Kind(Family.TEXT, length=3), Draw("k", 1)))
    assert len(short) <= 3
    assert short.startswith("0")


def test_plain_values_and_those_with_hints_are_never_awkward() -> None:
    for number in range(5):
        plain = Draw("k", number, plain=True)
        hinted = Kind(Family.TEXT, hints=Hints(shortest=3))
        assert awkward.make(Kind(Family.TEXT), plain) == value(Kind(Family.TEXT), plain)
        assert awkward.make(hinted, Draw("k", number)) == value(hinted, Draw("k", number))
