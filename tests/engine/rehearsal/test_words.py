"""What a rehearsal found, in sentences."""

from __future__ import annotations

import pytest

from surefoot.engine.effects import Effect, Lock
from surefoot.engine.rehearsal import words
from surefoot.engine.rehearsal.model import Crash, Failure, Phase, Rehearsed, Verdict, WayBack
from surefoot.engine.rows import Loss
from surefoot.engine.snapshot import Change, Difference, ObjectKey


def effect(*locks: Lock, **facts: object) -> Effect:
    return Effect(1, "a.sql", 1, "SELECT 1", True, 1, None, locks, **facts)  # type: ignore[arg-type]  # any of its fields


@pytest.mark.parametrize(
    ("loss", "sentence"),
    [
        (Loss("public.orders", 2, 5, ("note",)), "lost: 2 of 5 rows of public.orders: note"),
        (Loss("public.orders", 2, 5), "lost: 2 of 5 rows of public.orders"),
        (Loss("public.orders", 1, 1, ("a", "b")), "lost: 1 of 1 row of public.orders: a, b"),
        (Loss("public.orders_id_seq", 1, 1, ("last_value",)), "lost: the position of public.orders_id_seq"),
        (Loss("public.orders", 0, 5, left=2), "left behind: 2 rows of public.orders"),
    ],
)
def test_a_loss(loss: Loss, sentence: str) -> None:
    assert words.loss(loss) == sentence


@pytest.mark.parametrize(
    ("change", "down", "again"),
    [
        (Change.ADDED, "index i is left behind", "index i is there after the second up only"),
        (Change.REMOVED, "index i is not brought back", "index i is missing after the second up"),
        (Change.CHANGED, "index i is not as it was", "index i is another after the second up"),
    ],
)
def test_a_difference(change: Change, down: str, again: str) -> None:
    item = Difference(ObjectKey("index", "i"), change, ())
    assert (words.difference(item), words.difference(item, again=True)) == (down, again)


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (Failure(Phase.UP, "Boom.", "x"), "The up fails: Boom."),
        (Failure(Phase.DOWN, "Boom.", "x", "a.sql", 3), "The down fails at a.sql:3: Boom."),
        (Failure(Phase.DOWN, "a.sql:3:6: boom", "x", "a.sql", 3), "The down fails: a.sql:3:6: boom."),
        (
            Failure(Phase.AGAIN, "Boom", "x", with_rows=True),
            "The second up fails with the rows that were written after the up: Boom.",
        ),
    ],
)
def test_a_failure(failure: Failure, sentence: str) -> None:
    assert words.failure(failure) == sentence


def test_an_effect_tells_the_strongest_lock_of_each_relation() -> None:
    item = effect(
        Lock("public.a", "ShareLock", True),
        Lock("public.a", "AccessExclusiveLock", True),
        Lock("public.a", "ShareRowExclusiveLock", False),
        Lock("public.b", "ShareUpdateExclusiveLock", True),
        Lock("public.b", "AccessExclusiveLock", False),
        Lock("public.c", "AccessShareLock", True),
        rewrites=("public.a",),
        scans=("public.a",),
        unfinished=("index public.i is invalid",),
    )
    assert words.effect(item) == (
        "AccessExclusiveLock on public.a, newly taken",
        "AccessExclusiveLock on public.b, held since before",
        "ShareUpdateExclusiveLock on public.b, newly taken",
        "rewrites public.a",
        "reads all of public.a",
        "leaves unfinished: index public.i is invalid",
    )


def test_an_effect_of_another_database_names_its_algorithm() -> None:
    assert words.effect(effect(algorithm="COPY")) == ("carried out by COPY",)


@pytest.mark.parametrize(
    ("mode", "blocked"),
    [
        ("AccessShareLock", ""),
        ("RowExclusiveLock", ""),
        ("ShareUpdateExclusiveLock", ""),
        ("ShareLock", "writes"),
        ("ShareRowExclusiveLock", "writes"),
        ("ExclusiveLock", "writes"),
        ("AccessExclusiveLock", "reads"),
        ("A lock that nobody knows", "reads"),
    ],
)
def test_whom_a_lock_keeps_away(mode: str, blocked: str) -> None:
    assert words.blocks(mode) == blocked


def test_the_worst_is_the_strongest_lock_that_was_taken_or_the_dearest_algorithm() -> None:
    held = effect(Lock("a", "ShareLock", True), Lock("b", "AccessExclusiveLock", False))
    assert words.worst([held]) == "Share"
    assert words.worst([held, effect(Lock("a", "ExclusiveLock", True))]) == "Exclusive"
    assert words.worst([effect(algorithm="INSTANT"), effect(algorithm="COPY"), effect(algorithm="NOCOPY")]) == "COPY"
    assert words.worst([effect(algorithm="instant"), effect(algorithm="rebuild")]) == "rebuild"
    assert words.worst([]) == ""


@pytest.mark.parametrize(
    ("way", "sentence"),
    [
        (WayBack((), None), "No way back could be generated: write it by hand."),
        (WayBack(("x",), Verdict.PROVEN), "This way back was generated, and rehearsed: it is proven."),
        (WayBack(("x",), Verdict.PROVEN, ("y",)), "This way back was generated, and rehearsed: it is proven."),
        (WayBack(("x",), Verdict.LOSSY), "This way back was generated, and rehearsed: it is lossy."),
        (WayBack(("x",), Verdict.FAILING, failure="Boom."), "A way back was generated, and fails: Boom."),
    ],
)
def test_a_generated_way_back(way: WayBack, sentence: str) -> None:
    assert words.way_back(way) == sentence


def test_a_rehearsed_failure() -> None:
    assert words.crash(Crash(Phase.UP, 2, True)) == "The up, broken off after statement 2: recovers"
    assert words.crash(Crash(Phase.DOWN, 1, False)) == "The down, broken off after statement 1: does not recover"


def test_every_verdict_has_a_sentence_and_a_second_up_its_own() -> None:
    sums = ("v1:a", "v1:b", "s1:c")
    assert all(words.verdict(Rehearsed("1", "n", verdict, *sums)).endswith(".") for verdict in Verdict)
    again = (Difference(ObjectKey("index", "i"), Change.ADDED, ()),)
    assert "second up" in words.verdict(Rehearsed("1", "n", Verdict.DIFFERENT, *sums, again=again))


def test_an_engine_has_its_own_spelling() -> None:
    assert words.engine_name("postgres 18") == "PostgreSQL 18"
    assert words.engine_name("mariadb 10.11") == "MariaDB 10.11"
    assert words.engine_name("oracle 1") == "oracle 1"
