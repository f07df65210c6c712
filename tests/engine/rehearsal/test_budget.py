"""What a migration's locks would cost on the real tables, and the lock budget."""

from __future__ import annotations

from typing import Any

import pytest

from surefoot.engine.effects import Effect, Lock, TableSize
from surefoot.engine.findings import Finding, Level
from surefoot.engine.rehearsal.budget import check, read_budget
from surefoot.engine.rehearsal.expectation import BUILD_RATE, REWRITE_RATE, SCAN_RATE, expect, waits
from surefoot.errors import ConfigError
from tests.engine.postgres.tracing import bench

GIB = 1 << 30
SIZES = {
    "public.orders": TableSize(41 * GIB, 30 * GIB, 120_000_000),
    "public.events": TableSize(3 * GIB, 2 * GIB, None),
    "public.states": TableSize(65536, 8192, 50),
}


def effect(position: int, *locks: Lock, **facts: Any) -> Effect:
    return Effect(position, "3_m.up.sql", position * 10, "...", transactional=True, duration_ms=1, locks=locks, **facts)


def lock(relation: str, mode: str = "AccessExclusiveLock", *, taken: bool = True) -> Lock:
    return Lock(f"public.{relation}", mode, taken)


def rules(findings: list[Finding]) -> list[tuple[str, Level, int]]:
    return [(each.rule.removeprefix("lock-budget-"), each.level, each.line) for each in findings]


def texts(*effects: Effect) -> list[str]:
    return [each.text for each in expect(effects, SIZES)]


REWRITE = effect(1, lock("orders"), rewrites=("index public.orders_pkey", "public.orders"), scans=("public.orders",))
INSTANT = effect(1, lock("orders"))
BUILD = effect(1, lock("orders", "ShareLock"), scans=("public.orders",), builds=("public.orders",))
CHECKED = effect(1, lock("orders"), scans=("public.orders",))


@pytest.mark.parametrize(
    ("measured", "text"),
    [
        (
            REWRITE,
            (
                "AccessExclusiveLock on public.orders (41.0 GiB, 120 M rows) with a full rewrite: expect about 7 "
                "minutes during which nobody reads or writes it"
            ),
        ),
        (
            INSTANT,
            (
                "AccessExclusiveLock on public.orders (41.0 GiB, 120 M rows): an instant during which nobody reads or "
                "writes it"
            ),
        ),
        (
            BUILD,
            (
                "ShareLock on public.orders (41.0 GiB, 120 M rows) with an index build: expect about 7 minutes during "
                "which nobody writes it"
            ),
        ),
        (
            CHECKED,
            (
                "AccessExclusiveLock on public.orders (41.0 GiB, 120 M rows) with a full scan: expect about 61 seconds "
                "during which nobody reads or writes it"
            ),
        ),
        (
            effect(1, lock("new"), rewrites=("public.new",)),
            (
                "AccessExclusiveLock on public.new (size unknown) with a full rewrite: a time that nobody knows "
                "(how large is public.new?) during which nobody reads or writes it"
            ),
        ),
        (
            effect(1, lock("events", "ShareRowExclusiveLock"), scans=("public.events", "public.new")),
            (
                "ShareRowExclusiveLock on public.events (3.0 GiB, rows unknown) with a full scan and a full scan of "
                "public.new: expect about 4 seconds and more that nobody knows (how large is public.new?) during which "
                "nobody writes it"
            ),
        ),
        (
            effect(1, lock("states"), rewrites=("public.states",)),
            (
                "AccessExclusiveLock on public.states (64.0 KiB, 50 rows) with a full rewrite: expect less than a "
                "second during which nobody reads or writes it"
            ),
        ),
        (
            effect(1, Lock("view public.seen", "AccessExclusiveLock", taken=True)),
            "AccessExclusiveLock on view public.seen: an instant during which nobody reads or writes it",
        ),
    ],
)
def test_an_expectation_says_what_is_blocked_by_what_and_for_how_long(measured: Effect, text: str) -> None:
    assert texts(measured) == [text]


def test_locks_that_block_nobody_are_not_expected() -> None:
    weak = ("AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock")
    assert texts(effect(1, *(lock("orders", mode) for mode in weak), scans=("public.orders",))) == []


def test_a_lock_counts_the_work_of_later_statements_that_hold_it() -> None:
    second = effect(2, lock("states", taken=False), lock("orders", "ShareLock"), builds=("public.orders",))
    third = effect(3, lock("states", taken=False), lock("orders", "ShareLock", taken=False), scans=("public.events",))
    states, orders = expect([effect(1, lock("states")), second, third], SIZES)
    assert states.seconds == 30 * GIB / BUILD_RATE + 2 * GIB / SCAN_RATE
    assert orders.seconds == states.seconds
    assert (states.effect.position, orders.effect.position) == (1, 2)
    assert "with an index build of public.orders and a full scan of public.events" in states.text


def test_a_lock_taken_again_in_another_transaction_counts_anew() -> None:
    first, second = expect([REWRITE, effect(2, lock("orders"))], SIZES)
    assert (first.seconds, second.seconds) == (41 * GIB / REWRITE_RATE, 0)


def test_changing_all_rows_takes_longer_than_reading_them() -> None:
    held = lock("states", taken=False), lock("orders", "RowExclusiveLock")
    update, insert = (
        effect(2, *held, scans=("public.orders",), rows=2),
        effect(2, *held[:1], scans=("public.orders",), rows=2),
    )
    [changed] = expect([effect(1, lock("states")), update], SIZES)
    [copied] = expect([effect(1, lock("states")), insert], SIZES)
    assert changed.seconds > 10 * copied.seconds


def test_an_index_that_is_locked_keeps_everybody_from_its_table() -> None:
    index = Lock("index public.orders_pkey", "AccessExclusiveLock", taken=True)
    reads, writes = expect(
        [
            effect(
                1, index, lock("orders", "ShareLock"), rewrites=("index public.orders_pkey",), builds=("public.orders",)
            )
        ],
        SIZES,
    )
    assert (reads.relation, reads.blocks_reads, writes.blocks_reads) == ("public.orders", True, False)
    assert reads.text.startswith("AccessExclusiveLock on an index of public.orders (41.0 GiB")


@pytest.mark.parametrize(
    ("budget", "measured", "found"),
    [
        ({}, REWRITE, []),
        ({"blocked_reads": "2s"}, REWRITE, ["blocked-reads"]),
        ({"blocked_reads": "2s", "blocked_writes": "2s"}, REWRITE, ["blocked-reads", "blocked-writes"]),
        ({"blocked_reads": "10m"}, REWRITE, []),
        ({"blocked_reads": "2s"}, BUILD, []),
        ({"blocked_writes": "2s"}, BUILD, ["blocked-writes"]),
        ({"blocked_reads": "0", "blocked_writes": "0"}, INSTANT, []),
        ({"rewrite": "100MB"}, REWRITE, ["rewrite"]),
        ({"rewrite": "50 GB"}, REWRITE, []),
        ({"scan": "100MB"}, REWRITE, []),
        ({"scan": "100MB"}, CHECKED, ["scan"]),
        ({"scan": "100MB"}, effect(1, lock("orders", "ShareUpdateExclusiveLock"), scans=("public.orders",)), []),
        ({"scan": "100MB"}, effect(1, lock("states", taken=False), scans=("public.orders",)), ["scan"]),
        ({"locks": "AccessExclusiveLock"}, INSTANT, ["locks"]),
        ({"locks": "accessexclusivelock, ShareLock"}, BUILD, ["locks"]),
        ({"locks": "AccessExclusiveLock"}, BUILD, []),
        ({"locks": "AccessExclusiveLock"}, effect(1, lock("states")), []),
        ({"locks": "AccessExclusiveLock", "small": "1kB"}, effect(1, lock("states")), ["locks"]),
        ({"locks": "AccessExclusiveLock"}, effect(1, Lock("view public.v", "AccessExclusiveLock", taken=True)), []),
    ],
)
def test_a_budget_is_kept_or_not(budget: dict[str, str], measured: Effect, found: list[str]) -> None:
    assert rules(check(budget, [measured], SIZES, "3")) == [(rule, Level.ERROR, 10) for rule in found]


@pytest.mark.parametrize("key", ["blocked_reads", "blocked_writes", "rewrite", "scan", "locks"])
def test_a_table_of_unknown_size_is_over_every_budget_and_never_small(key: str) -> None:
    value = {"locks": "AccessExclusiveLock", "rewrite": "1TB", "scan": "1TB"}.get(key, "1h")
    unknown = effect(1, lock("new"), rewrites=("public.new",))
    scanned = effect(1, lock("new"), scans=("public.new",))
    measured = [scanned if key == "scan" else unknown]
    assert rules(check({key: value}, measured, SIZES, "3")) == [("unknown", Level.ERROR, 10)]
    assert rules(check({key: value, "unknown": "pass"}, measured, SIZES, "3")) == [("unknown", Level.NOTE, 10)]


def test_an_unknown_table_is_told_beside_one_that_is_known_to_keep_the_budget() -> None:
    effects = [effect(1, lock("states"), scans=("public.states",)), effect(2, lock("states"), scans=("public.new",))]
    assert rules(check({"blocked_reads": "1h"}, effects, SIZES, "3")) == [("unknown", Level.ERROR, 20)]


def test_an_instant_is_within_budget_whatever_the_size() -> None:
    assert check({"blocked_reads": "0", "blocked_writes": "0"}, [effect(1, lock("new"))], SIZES, "3") == []


def test_a_finding_names_place_version_limit_and_a_way_out() -> None:
    [finding] = check({"blocked_reads": "500ms"}, [REWRITE], SIZES, "3")
    assert (finding.path, finding.line, finding.version) == ("3_m.up.sql", 10, "3")
    assert finding.message.endswith("nobody reads or writes it. The budget for blocked reads is 500 ms.")
    assert "NOT VALID" in finding.hint


@pytest.mark.parametrize(
    ("table", "message", "hint"),
    [
        ({"blocked_read": "2s"}, "The budget does not know blocked_read.", "Did you mean blocked_reads?"),
        ({"zzz": "2s"}, "The budget does not know zzz.", "It knows: blocked_reads, blocked_writes"),
        ({"blocked_reads": "soon"}, "budget.blocked_reads is not a duration: soon.", "Write 500ms"),
        ({"rewrite": "much"}, "budget.rewrite is not a size: much.", "Write 500kB"),
        ({"locks": "AccesExclusiveLock"}, "budget.locks: AccesExclusiveLock is", "Did you mean AccessExclusiveLock?"),
        ({"unknown": "fial"}, 'budget.unknown is "fail" or "pass", not fial.', "Did you mean fail?"),
    ],
)  # fmt: skip
def test_a_wrong_budget_says_what_was_meant(table: dict[str, str], message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_budget(table)
    assert caught.value.message.startswith(message)
    assert caught.value.hint.startswith(hint)
    assert str(caught.value.details["key"]).startswith("budget.")


@pytest.mark.parametrize(
    ("text", "size"), [("10", 10), ("500kB", 500 << 10), ("100MB", 100 << 20), ("1.5 GiB", 3 << 29), ("2t", 2 << 40)]
)
def test_sizes_are_read_in_powers_of_1024(text: str, size: int) -> None:
    assert read_budget({"rewrite": text}).rewrite == size


def test_a_lock_held_while_a_later_statement_works_is_warned_of_at_any_size() -> None:
    [finding] = waits([INSTANT, effect(2, lock("orders", taken=False), scans=("public.orders",))], "3")
    assert (finding.rule, finding.level, finding.line) == ("lock-held-while-working", Level.WARNING, 20)
    assert "AccessExclusiveLock on public.orders is held" in finding.message
    assert "a full scan of public.orders" in finding.message


def test_work_under_its_own_lock_or_a_weak_one_is_no_wait() -> None:
    weak = effect(2, lock("orders", "RowExclusiveLock", taken=False), scans=("public.orders",))
    assert waits([REWRITE, BUILD, weak, effect(3, lock("orders", taken=False))]) == []


def test_what_is_measured_on_a_shadow_meets_the_sizes_of_the_target(postgres18_url: str) -> None:
    with bench(postgres18_url, "CREATE TABLE orders (id int PRIMARY KEY, n int)") as made:
        instant = made.trace("ALTER TABLE orders ADD c int")
        rewrite = made.trace("ALTER TABLE orders ALTER n TYPE bigint")
        apart = made.trace("ALTER TABLE orders ADD CHECK (n > 0) NOT VALID")
        together = made.trace(
            "ALTER TABLE orders ADD CONSTRAINT z CHECK (n > 1) NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT z"
        )
    budget = {"blocked_reads": "1s", "rewrite": "1GB", "scan": "1GB"}
    assert check(budget, instant, SIZES, "1") == []
    assert check(budget, apart, SIZES, "1") == []
    assert [each.rule for each in check(budget, rewrite, SIZES, "1")] == [
        "lock-budget-blocked-reads",
        "lock-budget-rewrite",
    ]
    assert [each.rule for each in check(budget, together, SIZES, "1")] == [
        "lock-budget-blocked-reads",
        "lock-budget-scan",
    ]
    assert [each.rule for each in waits(together)] == ["lock-held-while-working"]
