"""Reports made by hand: one with everything that a rehearsal can find, and one whose every text is hostile."""

from __future__ import annotations

from datetime import UTC, datetime

from surefoot.cli.reports.scrub import scrubbed
from surefoot.engine.effects import Effect, Lock
from surefoot.engine.findings import Finding, Level
from surefoot.engine.rehearsal.model import Crash, Failure, Phase, Rehearsed, Report, Verdict, WayBack
from surefoot.engine.rows import Loss
from surefoot.engine.snapshot import Change, Difference, Excuse, FactChange, ObjectKey

CHECKSUM = "v1:" + "ab" * 32
BASE, AFTER = "s1:" + "01" * 32, "s1:" + "23" * 32
VIEW = " SELECT orders.id,\n    orders.total,\n    orders.note\n   FROM orders\n  WHERE orders.total > 0"
FAIL_ON = ("lossy", "different", "failing")


def effect(sql: str, *locks: Lock, position: int = 1, path: str = "20260105091500_add_orders.up.sql") -> Effect:
    return Effect(position, path, position * 2 - 1, sql, True, 3, None, locks)


PROVEN = Rehearsed(
    "20260105091500",
    "add_orders",
    Verdict.PROVEN,
    CHECKSUM,
    CHECKSUM,
    BASE,
    AFTER,
    excuses=(Excuse(ObjectKey("table", "public.users"), "the order of its columns", "id, name", "name, id"),),
    up_effects=(
        effect(
            "CREATE TABLE orders (\n  id int PRIMARY KEY,\n  user_id int REFERENCES users (id)\n)",
            Lock("public.users", "ShareRowExclusiveLock", True),
        ),
        effect("COMMENT ON TABLE orders IS 'Orders of the shop'", position=2),
    ),
    down_effects=(
        effect("DROP TABLE orders", Lock("public.users", "AccessExclusiveLock", True), path="add_orders.down.sql"),
    ),
    warnings=(Finding("not-filled", Level.NOTE, "public.places holds no rows in this rehearsal: its check is odd"),),
    rows=15,
    up_ms=5,
    down_ms=3,
)
LOSSY = Rehearsed(
    "20260106101500",
    "split_the_name_of_customers_in_two_columns",
    Verdict.LOSSY,
    CHECKSUM,
    CHECKSUM,
    BASE,
    AFTER,
    losses=(Loss("public.customers", 2, 5, ("note", "name")), Loss("public.carts", 1, 1)),
    up_effects=(
        Effect(
            1,
            "split.up.sql",
            1,
            "ALTER TABLE customers ALTER COLUMN id TYPE bigint",
            True,
            41,
            5,
            (Lock("public.customers", "AccessExclusiveLock", True),),
            ("public.customers", "index public.customers_pkey"),
            ("public.customers",),
        ),
        Effect(
            2,
            "split.up.sql",
            3,
            "CREATE INDEX CONCURRENTLY customers_name ON customers (name)",
            False,
            12,
            unfinished=("index public.customers_name is invalid",),
            complete=False,
        ),
    ),
    warnings=(
        Finding(
            "lock-budget-rewrite",
            Level.ERROR,
            "AccessExclusiveLock on public.customers (41.0 GiB, 120 M rows) with a full rewrite: expect about 7 "
            "minutes during which nobody reads or writes it.",
            "Add a new column, fill it in batches, and swap.",
            "split.up.sql",
            1,
            "20260106101500",
        ),
    ),
    crashes=(Crash(Phase.UP, 1, True), Crash(Phase.UP, 2, False, "index customers_name is added")),
    rows=10,
)
DIFFERENT = Rehearsed(
    "20260107120000",
    "drop_note",
    Verdict.DIFFERENT,
    CHECKSUM,
    CHECKSUM,
    BASE,
    AFTER,
    differences=(
        Difference(
            ObjectKey("column", "public.orders.note"),
            Change.CHANGED,
            (FactChange("default", "'none'::text", None), FactChange("not_null", "true", "false")),
        ),
        Difference(
            ObjectKey("comment", "column public.orders.note"), Change.REMOVED, (FactChange("text", "What to do", None),)
        ),
        Difference(
            ObjectKey("index", "public.orders_note_idx"),
            Change.ADDED,
            (
                FactChange("definition", None, "CREATE INDEX orders_note_idx ON public.orders USING btree (note)"),
                FactChange("valid", None, "true"),
            ),
        ),
        Difference(
            ObjectKey("view", "public.open_orders"),
            Change.CHANGED,
            (FactChange("definition", VIEW, VIEW.replace("> 0", ">= 0").replace("orders.note", "orders.id AS note")),),
        ),
    ),
    again=(Difference(ObjectKey("sequence", "public.s"), Change.REMOVED, (FactChange("cache", "1", None),)),),
    losses=(Loss("public.orders_id_seq", 1, 1, ("last_value",)),),
    rows=25,
)
IRREVERSIBLE = Rehearsed(
    "20260108090000",
    "add_places",
    Verdict.IRREVERSIBLE,
    CHECKSUM,
    None,
    BASE,
    AFTER,
    way_back=WayBack(
        ("DROP TABLE public.places", "DROP TYPE public.kind"),
        Verdict.LOSSY,
        ("cast (text as public.kind): no statement of ours makes one",),
        ("table public.old_places",),
    ),
)
FAILING = Rehearsed(
    "20260109090000",
    "rename_total",
    Verdict.FAILING,
    CHECKSUM,
    CHECKSUM,
    BASE,
    AFTER,
    failure=Failure(
        Phase.DOWN,
        '20260109090000_rename_total.down.sql:3: column "totl" does not exist.',
        "statement-failed",
        "20260109090000_rename_total.down.sql",
        3,
        "ALTER TABLE orders\n  RENAME COLUMN totl TO total",
        True,
    ),
    up_effects=(effect("ALTER TABLE orders RENAME COLUMN total TO sum", path="20260109090000_rename_total.up.sql"),),
)
UNREACHED = Finding(
    "not-rehearsed",
    Level.ERROR,
    "20260110090000 more was not rehearsed: an earlier migration does not run.",
    "Mend that one first.",
    version="20260110090000",
)


def report(*migrations: Rehearsed, unreached: tuple[Finding, ...] = ()) -> Report:
    """A report of these migrations."""
    return Report(
        "postgres 18",
        "PostgreSQL 18.1 (throw-away)",
        "an empty database",
        datetime(2026, 1, 10, 9, 30, tzinfo=UTC),
        4213,
        migrations,
        ("role app did not exist here and was made for the rehearsal",),
        unreached,
    )


EVERYTHING = report(PROVEN, LOSSY, DIFFERENT, IRREVERSIBLE, FAILING, unreached=(UNREACHED,))
ALL_PROVEN = report(PROVEN)


def hostile(text: str) -> Report:
    """The report with everything, each text of which begins and ends with this one."""
    found: Report = scrubbed(EVERYTHING, lambda known: f"{text}{known}{text}")
    return found
