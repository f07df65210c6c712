from __future__ import annotations

import pytest

from surefoot.engine.open import connect
from surefoot.errors import ToolFailed
from tests.engine.mysql.shop import Shop


def test_a_dump_holds_the_schema_and_nothing_that_varies(shop: Shop) -> None:
    shop.write(
        1,
        "CREATE TABLE t (id int PRIMARY KEY AUTO_INCREMENT); INSERT INTO t VALUES (), ();"
        "CREATE VIEW v AS SELECT id FROM t; CREATE PROCEDURE p() SELECT 1;"
        "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET @a = 1;"
        "CREATE EVENT e ON SCHEDULE EVERY 1 YEAR DISABLE DO SELECT 1;",
    )
    shop.up()
    with shop.connect() as target:
        text = target.dump()
        shop.ask("INSERT INTO t VALUES (), ()")
        assert target.dump() == text
    assert all(name in text for name in ("CREATE TABLE `t`", "VIEW `v`", "PROCEDURE `p`", "TRIGGER tr", "EVENT `e`"))
    assert all(word not in text for word in ("surefoot", "DEFINER=", "AUTO_INCREMENT=", "999999", "Dump completed"))


def test_a_dump_goes_back_in(shop: Shop) -> None:
    shop.write(1, "CREATE TABLE t (id int); CREATE VIEW v AS SELECT id FROM t;", "DROP VIEW v; DROP TABLE t;")
    shop.up()
    with shop.connect() as target:
        text = target.dump()
    shop.down()
    (shop.folder / "1_step.up.sql").unlink()
    (shop.folder / "1_step.down.sql").unlink()
    shop.write(2, text)
    shop.up()
    with shop.connect() as target:
        assert target.dump() == text


def test_a_dump_that_fails_says_what_the_program_said(shop: Shop) -> None:
    with shop.connect() as target:
        shop.ask(f"DROP DATABASE {shop.url.rpartition('/')[2]}")
        with pytest.raises(ToolFailed, match="Unknown database"):
            target.dump()


def test_the_doctor_finds_a_healthy_target(shop: Shop) -> None:
    with shop.connect() as target:
        found = {check.name: check.status for check in target.doctor()}
    sound = ("connection", "version", "permissions", "sql_mode", "pooler", "clock", "dump")
    assert found == {**dict.fromkeys(sound, "ok"), "locks": "info"}


def test_the_doctor_finds_what_stands_in_the_way(shop: Shop) -> None:
    shop.ask("CREATE TABLE old (id int) ENGINE=MyISAM")
    with shop.connect(preamble=["SET sql_mode = ''"]) as target:
        found = {check.name: check for check in target.doctor()}
    assert "old (MyISAM)" in found["engines"].finding
    assert found["sql_mode"].status == "warning"


def test_the_doctor_sees_what_a_poor_user_lacks(shop: Shop) -> None:
    name = shop.url.rpartition("/")[2]
    user = f"u_{name}"
    shop.ask(f"CREATE USER {user}@'127.0.0.1' IDENTIFIED BY 'pw'")
    shop.ask(f"GRANT SELECT, INSERT, CREATE ON `{name.replace('_', chr(92) + '_')}`.* TO {user}@'127.0.0.1'")
    try:
        with connect(shop.url.replace("surefoot:surefoot", f"{user}:pw")) as target:
            found = {check.name: check for check in target.doctor()}
            assert target.lock("default")
        assert "ALTER" in found["permissions"].finding
        assert "SELECT" not in found["permissions"].finding
        assert found["blockers"].status == "info"
    finally:
        shop.ask(f"DROP USER {user}@'127.0.0.1'")
