"""A migration that gives the runner lock back is noticed before anything else runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from surefoot.engine import api
from surefoot.errors import Refused
from tests.cli.shell import write
from tests.engine.crash.bed import Bed

LETS_GO = (
    "SELECT pg_advisory_unlock_all();",
    "DISCARD ALL;",
    "DO $$ BEGIN PERFORM pg_advisory_unlock_all(); END $$;",
)


@pytest.fixture
def bed(postgres_url: str, tmp_path: Path) -> Bed:
    bed = Bed(postgres_url, tmp_path / "m").write({"1_base.up": "CREATE TABLE t (n int);"})
    bed.up()
    return bed


@pytest.mark.parametrize("sql", LETS_GO)
def test_no_step_begins_without_the_lock(sql: str, bed: Bed) -> None:
    bed.write({"2_lets_go.up": sql, "3_next.up": "INSERT INTO t VALUES (3);"})
    with pytest.raises(Refused, match="gave the runner lock back"):
        bed.up()
    assert bed.value("SELECT count(*) FROM t") == 0
    assert bed.up()[-1] == "3"
    assert bed.applied() == ["1", "2", "3"]


@pytest.mark.parametrize("rest", ["INSERT INTO t VALUES (3); VACUUM t;", "CREATE INDEX CONCURRENTLY i ON t (n);"])
def test_no_block_begins_without_the_lock(rest: str, bed: Bed) -> None:
    bed.write({"2_lets_go.up": f"DISCARD ALL; {rest}"})
    with pytest.raises(Refused, match="gave the runner lock back"):
        bed.up()
    assert bed.journal() == [("2", 0, "done")]
    assert bed.value("SELECT count(*) FROM t") == 0
    assert bed.up() == ("2",)


def test_on_mariadb_no_step_begins_without_the_lock(mariadb_url: str, tmp_path: Path) -> None:
    files = {"1_lets_go.up.sql": "SELECT RELEASE_ALL_LOCKS();", "2_next.up.sql": "CREATE TABLE t (n int);"}
    write(tmp_path, files)
    with api.connect(mariadb_url) as target:
        with pytest.raises(Refused, match="gave the runner lock back"):
            api.up(target, api.Project(tmp_path))
        assert api.up(target, api.Project(tmp_path)).versions == ("2",)
