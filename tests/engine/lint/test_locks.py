"""A rule that claims a lock is right about it, on PostgreSQL 16 and 18."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest

from surefoot.engine.lint.catalogue import RULES
from surefoot.engine.lint.examples import example
from surefoot.engine.lint.model import Rule

CLAIMING = [rule for rule in RULES if rule.lock and rule.name != "vacuum-full"]
HELD = """
SELECT DISTINCT mode FROM pg_locks
WHERE pid = pg_backend_pid() AND locktype = 'relation' AND relation = ANY (%s) AND granted
"""
WANTED = "SELECT mode FROM pg_locks WHERE NOT granted AND locktype = 'relation'"
TABLES = "SELECT array_agg(oid) FROM pg_class WHERE relnamespace = 'public'::regnamespace"


@pytest.mark.parametrize("rule", CLAIMING, ids=lambda rule: rule.name)
def test_the_claimed_lock_is_held_behind_the_bad_statement(rule: Rule, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute(example(rule, "given").encode())
        connection.commit()
        [(before,)] = connection.execute(TABLES).fetchall()
        connection.execute(example(rule, "bad").encode())
        assert (rule.lock,) in connection.execute(HELD, [before]).fetchall()
        connection.rollback()


def test_vacuum_full_waits_for_the_claimed_lock(postgres_url: str) -> None:
    rule = next(rule for rule in RULES if rule.name == "vacuum-full")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(example(rule, "given").encode())
    with psycopg.connect(postgres_url) as reader, vacuuming(postgres_url, example(rule, "bad")):
        reader.execute("SELECT * FROM orders")
        wanted = reader.execute(WANTED).fetchall()
        while not wanted:
            wanted = reader.execute(WANTED).fetchall()
        assert wanted == [(rule.lock,)]
        reader.rollback()


@contextmanager
def vacuuming(url: str, sql: str) -> Iterator[None]:
    """Run the statement in another session, over and over until the block is left: some run finds its table read."""
    over = threading.Event()

    def run() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while not over.is_set():
                with suppress(psycopg.errors.LockNotAvailable):
                    connection.execute(sql.encode())

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
