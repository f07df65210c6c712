"""The example shop: every migration goes up, comes back to exactly what was there, and goes up again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg
import pytest

from surefoot.engine.api import Project
from surefoot.engine.rehearsal.model import Verdict
from surefoot.engine.rehearsal.rehearse import RehearsalOptions, rehearse
from tests.databases import POSTGRES, Databases, postgres_bin

pytestmark = pytest.mark.slow

MIGRATIONS = Path(__file__).parents[2] / "examples" / "webshop" / "migrations"
UPS = sorted(MIGRATIONS.glob("*.up.sql"))
CUSTOMERS = ["Ada Lovelace", "Madonna", "Anna  Maria van der Berg"]
CREATED = "20250113093000_create_customers"
REFUND = "20250506093000_let_orders_be_refunded"
AUDIT = "20250519100000_create_audit_events"
SPLIT = "20250710090000_expand_customer_names"
# Those that its README explains.
NOT_PROVEN = {
    "20250217110000": Verdict.FAILING,
    "20250506093000": Verdict.FAILING,
    "20251007084500": Verdict.LOSSY,
}
# What the shop writes after a migration: the ones that move rows have something to move.
ROWS = {
    CREATED: [
        f"INSERT INTO customers (email, full_name) VALUES ('{number}@shop.test', '{name}')"
        for number, name in enumerate(CUSTOMERS)
    ],
    AUDIT: ["INSERT INTO audit_events VALUES (DEFAULT, '2025-08-14 12:00+00', 'buyer', 'price', '{}')"],
}


def version(path: Path) -> str:
    return path.name.split(".")[0]


def down(up: Path) -> Path:
    return up.with_name(up.name.replace(".up.sql", ".down.sql"))


def run(kind: str, url: str, path: Path) -> None:
    """Run a file as psql does: in one transaction, unless it holds what cannot run in one."""
    together = [] if "CONCURRENTLY" in statements(path) else ["--single-transaction"]
    psql = [str(postgres_bin(kind) / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", *together]
    done = subprocess.run([*psql, "-f", str(path), url], capture_output=True, text=True, check=False)
    assert not done.stderr, f"{path.name}: {done.stderr}"
    assert done.returncode == 0


def statements(path: Path) -> str:
    return "\n".join(line for line in path.read_text().splitlines() if not line.lstrip().startswith("--"))


def schema(kind: str, url: str) -> str:
    dump = [str(postgres_bin(kind) / "pg_dump"), "--schema-only", url]
    text = subprocess.run(dump, capture_output=True, text=True, check=True).stdout
    # Newer versions guard the dump with a random word.
    return "\n".join(
        line for line in text.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))
    )


def rows(url: str, query: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute(query.encode())]


def write(url: str, *written: str) -> None:
    with psycopg.connect(url) as connection:
        for statement in written:
            connection.execute(statement.encode())


def test_every_migration_has_a_way_back() -> None:
    assert len(UPS) >= 18
    assert sorted(MIGRATIONS.iterdir()) == sorted([*UPS, *map(down, UPS)])


@pytest.mark.parametrize("kind", POSTGRES)
def test_each_down_restores_the_schema_exactly(kind: str, databases: Databases) -> None:
    with databases.postgres(kind) as url:
        for up in UPS:
            before = schema(kind, url)
            run(kind, url, up)
            after = schema(kind, url)
            run(kind, url, down(up))
            assert schema(kind, url) == before, up.name
            run(kind, url, up)
            assert schema(kind, url) == after, up.name


@pytest.mark.parametrize("kind", POSTGRES)
def test_all_the_way_up_and_down_keeps_the_rows_and_leaves_an_empty_schema(
    kind: str, databases: Databases
) -> None:
    with databases.postgres(kind) as url:
        empty = schema(kind, url)
        for up in UPS:
            run(kind, url, up)
            write(url, *ROWS.get(version(up), ()))
        assert rows(url, "SELECT actor FROM audit_events_2025_08") == ["buyer"]
        for up in reversed(UPS):
            if version(up) in {CREATED, SPLIT}:
                assert rows(url, "SELECT full_name FROM customers ORDER BY id") == CUSTOMERS
            if version(up) == AUDIT:
                assert rows(url, "SELECT actor FROM audit_events_other") == ["buyer"]
            run(kind, url, down(up))
        assert schema(kind, url) == empty


@pytest.mark.slow
def test_a_rehearsal_proves_all_but_those_that_are_meant_to_be_otherwise() -> None:
    report = rehearse(Project(MIGRATIONS), RehearsalOptions())
    assert len(report.migrations) == len(UPS)
    found = {each.version: each for each in report.migrations if each.verdict is not Verdict.PROVEN}
    assert {number: each.verdict for number, each in found.items()} == NOT_PROVEN
    assert all(each.failure is None or each.failure.with_rows for each in found.values())


@pytest.mark.parametrize("kind", POSTGRES)
def test_a_rollback_never_loses_a_refunded_order(kind: str, databases: Databases) -> None:
    refund = MIGRATIONS / f"{REFUND}.up.sql"
    with databases.postgres(kind) as url:
        for up in UPS[: UPS.index(refund) + 1]:
            run(kind, url, up)
        write(url, *ROWS[CREATED])
        write(url, "INSERT INTO orders (customer_id, status) SELECT min(id), 'refunded' FROM customers")
        with pytest.raises(AssertionError, match="invalid input value for enum"):
            run(kind, url, down(refund))
        assert rows(url, "SELECT status::text FROM orders") == ["refunded"]


@pytest.mark.parametrize("kind", POSTGRES)
def test_the_shop_sells_what_is_in_stock_and_no_more(kind: str, databases: Databases) -> None:
    with databases.postgres(kind) as url:
        for up in UPS:
            run(kind, url, up)
        with psycopg.connect(url, autocommit=True) as shop:
            shop.execute(
                "INSERT INTO customers (email, first_name, last_name) VALUES ('a@b.test', 'Ada', 'L')"
            )
            shop.execute("UPDATE inventory SET on_hand = 2")
            shop.execute("INSERT INTO orders (customer_id) SELECT id FROM customers")
            order = "INSERT INTO order_items SELECT o.id, p.id, %s, p.price_cents FROM orders o, products p"
            shop.execute(f"{order} WHERE sku = 'HK-001'".encode(), (2,))
            with pytest.raises(psycopg.errors.CheckViolation, match="out of stock"):
                shop.execute(f"{order} WHERE sku = 'HK-002'".encode(), (3,))
            totals = shop.execute(
                "SELECT customer_name, total_cents, paid_cents FROM order_totals"
            ).fetchall()
            assert totals == [("Ada L", 25800, 0)]
        assert rows(url, "SELECT sku FROM search_products('boots')") == ["HK-001"]
        assert rows(url, "SELECT description FROM products WHERE sku = 'OD-002'") == [""]
