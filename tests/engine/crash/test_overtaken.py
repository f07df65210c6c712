"""While the connection was lost another run went on: what it did is not done again."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from surefoot.engine import api
from surefoot.engine.dialects.postgres.embedded import EmbeddedPostgres
from surefoot.engine.dialects.postgres.target import PostgresTarget
from surefoot.errors import Refused
from tests.databases import SETTINGS, postgres_bin
from tests.engine.crash.bed import Aside, Bed, until

# What the server has committed survives that its processes are killed.
DURABLE = {**SETTINGS, "synchronous_commit": "on"}
BASE = {"1_base.up": "CREATE TABLE t (n int);"}
REST = {"2_lost.up": "INSERT INTO t VALUES (2);", "3_next.up": "INSERT INTO t VALUES (3); VACUUM t;"}


@pytest.fixture
def bed(tmp_path: Path) -> Iterator[Bed]:
    with tempfile.TemporaryDirectory(prefix="surefoot-o-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o755)
        with EmbeddedPostgres(Path(directory) / "data", postgres_bin("pg18"), DURABLE) as server:
            bed = Bed(server.url(), tmp_path / "m").write(BASE)
            bed.up()
            yield bed.write(REST)


def wait_for_nobody(bed: Bed, standby: str) -> None:
    """Have each COMMIT wait for this standby; for none where it is empty."""
    bed.ask(f"ALTER SYSTEM SET synchronous_standby_names = '{standby}'")
    bed.ask("SELECT pg_reload_conf()")
    until(lambda: bed.value("SHOW synchronous_standby_names") == standby)


def test_what_another_run_has_done_meanwhile_is_not_done_again(bed: Bed) -> None:
    lost: list[bool] = []

    def connect() -> psycopg.Connection[Any]:
        if lost and threading.current_thread().name != "surefoot-watch":
            lost.clear()
            wait_for_nobody(bed, "")
            assert bed.up() == ("3",)
        return psycopg.connect(bed.url, autocommit=True)

    wait_for_nobody(bed, "nobody")
    target = PostgresTarget(connect, label="a database", timeouts=bed.timeouts)
    run = Aside(lambda: api.up(target, bed.home))
    pid = bed.await_busy("COMMIT%")
    lost.append(True)
    bed.ask(f"SELECT pg_terminate_backend({pid})")
    with pytest.raises(Refused, match="Another run has applied 3"):
        run.result()
    target.close()
    assert bed.applied() == ["1", "2", "3"]
    assert bed.ask("SELECT n FROM t ORDER BY n") == [(2,), (3,)]
