"""The history on PostgreSQL: what it refuses and keeps, its upgrades, and what repair and redo make of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from surefoot.engine import api
from surefoot.engine.api import Wish
from surefoot.engine.dialects.postgres import tables
from surefoot.engine.model import Direction
from surefoot.errors import (
    DownDiffers,
    Edited,
    HistoryTooNew,
    Missing,
    NoDown,
    OutOfOrder,
    Refused,
    StatementFailed,
    UnknownVersion,
)
from tests.engine.crash.bed import Bed

FILES = {
    "1_one.up": "CREATE TABLE t (n int);",
    "1_one.down": "DROP TABLE t;",
    "3_three.up": "INSERT INTO t VALUES (3);",
    "3_three.down": "DELETE FROM t WHERE n = 3;",
}
TWO = {"2_two.up": "INSERT INTO t VALUES (2);", "2_two.down": "DELETE FROM t WHERE n = 2;"}


@pytest.fixture
def bed(postgres18_url: str, tmp_path: Path) -> Bed:
    bed = Bed(postgres18_url, tmp_path / "m").write(FILES)
    bed.up()
    return bed


def test_a_history_of_a_newer_surefoot_is_left_alone(bed: Bed) -> None:
    bed.ask("INSERT INTO surefoot.surefoot_format VALUES (99, now())")
    for run in (bed.up, bed.down, bed.redo, bed.findings, bed.repair):
        with pytest.raises(HistoryTooNew) as caught:
            run()
        assert caught.value.details["found"] == 99


def test_an_older_history_is_upgraded_and_keeps_its_rows(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bed.ask("SELECT id, version, checksum, applied_at FROM surefoot.surefoot_history ORDER BY id")
    further = "ALTER TABLE {schema}.surefoot_history ADD COLUMN further text"
    monkeypatch.setattr(tables, "UPGRADES", (*tables.UPGRADES, (further,)))
    assert bed.applied() == ["1", "3"]
    bed.write({"4_four.up": "INSERT INTO t VALUES (4);"})
    assert bed.up() == ("4",)
    newest = len(tables.UPGRADES)
    assert bed.value("SELECT max(version) FROM surefoot.surefoot_format") == newest
    after = bed.ask("SELECT id, version, checksum, applied_at FROM surefoot.surefoot_history ORDER BY id")
    assert after[: len(before)] == before


def test_an_upgrade_that_fails_leaves_the_old_history(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    further = ("ALTER TABLE {schema}.surefoot_history ADD COLUMN further text", "SELECT 1 / 0")
    monkeypatch.setattr(tables, "UPGRADES", (*tables.UPGRADES, further))
    bed.write({"4_four.up": "INSERT INTO t VALUES (4);"})
    with pytest.raises(StatementFailed, match="division by zero"):
        bed.up()
    monkeypatch.undo()
    assert bed.up() == ("4",)
    assert bed.value("SELECT count(*) FROM information_schema.columns WHERE column_name = 'further'") == 0


def test_an_edited_migration_is_refused_with_its_difference_and_accepted_by_repair(bed: Bed) -> None:
    bed.write({"3_three.up": "INSERT INTO t VALUES (30);", "4_four.up": "INSERT INTO t VALUES (4);"})
    with pytest.raises(Edited) as caught:
        bed.up()
    assert caught.value.details["version"] == "3"
    diff = str(caught.value.details["diff"])
    assert "-INSERT INTO t VALUES (3);" in diff
    assert "+INSERT INTO t VALUES (30);" in diff
    [finding] = bed.findings()
    assert (finding.version, finding.diff) == ("3", diff)
    bed.repair()
    assert bed.findings() == []
    assert bed.up() == ("4",)
    assert bed.ask("SELECT n FROM t ORDER BY n") == [(3,), (4,)]


def test_only_what_the_database_sees_makes_a_migration_another(bed: Bed) -> None:
    path = bed.folder / "3_three.up.sql"
    path.write_bytes(b"\xef\xbb\xbfINSERT INTO t VALUES (3);\r\n")
    assert bed.up() == ()


def test_a_missing_file_is_refused_unless_allowed(bed: Bed) -> None:
    bed.remove("3_three.up", "3_three.down")
    bed.write({"4_four.up": "INSERT INTO t VALUES (4);"})
    with pytest.raises(Missing, match="3 three"):
        bed.up()
    assert bed.up(wish=Wish(allow=frozenset({"missing"}))) == ("4",)


def test_a_late_comer_is_refused_unless_allowed(bed: Bed) -> None:
    bed.write(TWO)
    with pytest.raises(OutOfOrder, match="2 two"):
        bed.up()
    assert bed.up(wish=Wish(allow=frozenset({"out-of-order"}))) == ("2",)
    # The latest applied is rolled back first, wherever its version stands.
    assert bed.down() == ("2",)


def test_the_stored_way_back_runs_although_its_file_is_gone(bed: Bed) -> None:
    bed.remove("3_three.up", "3_three.down")
    assert bed.down() == ("3",)
    assert bed.value("SELECT count(*) FROM t") == 0


def test_a_way_back_that_differs_is_shown_and_runs_only_when_asked_for(bed: Bed) -> None:
    bed.write({"3_three.down": "DELETE FROM t; SELECT 1;"})
    with pytest.raises(DownDiffers) as caught:
        bed.down()
    assert "-DELETE FROM t WHERE n = 3;" in str(caught.value.details["diff"])
    bed.ask("INSERT INTO t VALUES (33)")
    assert bed.down(wish=Wish(use_file=True)) == ("3",)
    assert bed.value("SELECT count(*) FROM t") == 0


def test_a_way_back_written_later_runs_when_asked_for(bed: Bed) -> None:
    bed.write({"4_four.up": "INSERT INTO t VALUES (4);"})
    bed.up()
    with pytest.raises(NoDown, match="4 four"):
        bed.down()
    bed.write({"4_four.down": "DELETE FROM t WHERE n = 4;"})
    with pytest.raises(DownDiffers, match="came after it was applied"):
        bed.down()
    assert bed.down(wish=Wish(use_file=True)) == ("4",)


def test_no_way_back_on_the_way_stops_before_anything_runs(bed: Bed) -> None:
    bed.write({"4_four.up": "INSERT INTO t VALUES (4);", "5_five.up": "SELECT 5;", "5_five.down": "SELECT 5;"})
    bed.up()
    with pytest.raises(NoDown, match="4 four"):
        bed.down(wish=Wish(to="1"))
    assert bed.applied() == ["1", "3", "4", "5"]


def test_a_rolled_back_migration_keeps_its_row_and_may_be_applied_again(bed: Bed) -> None:
    assert bed.down(wish=Wish(to="0")) == ("3", "1")
    assert bed.up() == ("1", "3")
    rows = bed.ask("SELECT version, rolled_back_at IS NOT NULL FROM surefoot.surefoot_history ORDER BY id")
    assert rows == [("1", True), ("3", True), ("1", False), ("3", False)]


def test_redo_takes_the_folders_new_text(bed: Bed) -> None:
    bed.write({"3_three.up": "INSERT INTO t VALUES (30);", "3_three.down": "DELETE FROM t WHERE n = 30;"})
    assert bed.redo(wish=Wish(use_file=True)) == ("3",)
    assert bed.ask("SELECT n FROM t ORDER BY n") == [(3,), (30,)]
    assert bed.up() == ()


def test_a_down_that_loses_its_own_history_row_is_no_success(bed: Bed) -> None:
    bed.write({"4_four.up": "CREATE TABLE four ();", "4_four.down": "DELETE FROM surefoot.surefoot_history;"})
    bed.up()
    with pytest.raises(Refused, match="no live row of 4"):
        bed.down()
    assert bed.applied() == ["1", "3", "4"]


def test_redo_rolls_nothing_back_that_it_could_not_apply_again(bed: Bed) -> None:
    for path in bed.folder.glob("3_*"):
        path.unlink()
    with pytest.raises(Missing, match="could not be applied again: 3"):
        bed.redo()
    assert bed.applied() == ["1", "3"]


def test_baseline_accepts_without_running(bed: Bed, tmp_path: Path) -> None:
    other = Bed(bed.url, tmp_path / "other", project="other").write({**FILES, **TWO})
    with other.target() as target:
        with pytest.raises(UnknownVersion):
            api.baseline(target, other.home, "9")
        accepted = api.baseline(target, other.home, "2")
        assert [migration.version for migration in accepted] == ["1", "2"]
        with pytest.raises(Refused, match="has a history already"):
            api.baseline(target, other.home, "3")
    assert bed.value("SELECT count(*) FROM t") == 1
    assert other.up() == ("3",)
    assert other.down() == ("3",)
    with pytest.raises(NoDown, match="baseline"):
        other.down()


def test_a_project_does_not_see_the_other_ones_history(bed: Bed, tmp_path: Path) -> None:
    other = Bed(bed.url, tmp_path / "other", project="other").write({"1_other.up": "CREATE TABLE other (n int);"})
    assert other.up() == ("1",)
    assert other.applied() == ["1"]
    assert bed.applied() == ["1", "3"]


def test_a_failed_statement_says_where_and_why(bed: Bed) -> None:
    bed.write({"4_wrong.up": "SELECT 1;\n\nINSERT INTO t\n  VALUES (nonsense);"})
    with pytest.raises(StatementFailed, match=r"4_wrong\.up\.sql:4:11: column \"nonsense\"") as caught:
        bed.up()
    details = caught.value.details
    assert (details["file"], details["line"], details["column"]) == ("4_wrong.up.sql", 4, 11)
    assert details["sqlstate"] == "42703"
    assert bed.applied() == ["1", "3"]


def test_a_plan_is_what_up_then_runs(bed: Bed) -> None:
    bed.write({"4_four.up": "INSERT INTO t VALUES (4); VACUUM t;", "5_five.up": "SELECT 5;"})
    with bed.target() as target:
        plan = api.plan(target, bed.home, Direction.UP, Wish(to="4"))
    assert [step.migration.version for step in plan.steps] == ["4"]
    assert [block.transactional for block in plan.steps[0].blocks] == [True, False]
    assert bed.up(wish=Wish(to="4")) == ("4",)
