from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from surefoot.engine import api
from surefoot.engine.model import Timeouts
from surefoot.errors import StatementFailed
from tests.engine.mysql.shop import QUICK, Shop, blocks

PRODUCTS = "CREATE TABLE products (id int PRIMARY KEY AUTO_INCREMENT, name varchar(50)) CHARACTER SET utf8mb4;"


def test_up_down_and_redo_leave_what_they_promise(shop: Shop) -> None:
    shop.write(1, PRODUCTS, "DROP TABLE products;")
    shop.write(2, "INSERT INTO products (name) VALUES ('Schuh: ß');", "DELETE FROM products;")
    shop.write(3, "CREATE VIEW names AS SELECT name FROM products;", "DROP VIEW names;")
    shop.up()
    assert shop.tables() == {"products", "names"}
    assert shop.ask("SELECT name FROM names") == [("Schuh: ß",)]
    with shop.connect() as target:
        assert api.redo(target, shop.project).versions == ("3",)
    shop.down()
    assert shop.tables() == {"products"}
    shop.down()
    shop.down()
    assert shop.tables() == set()


def test_the_history_keeps_times_texts_and_every_application(shop: Shop) -> None:
    shop.write(1, f"{PRODUCTS} -- it's \\ 'é' %s\n", "DROP TABLE products;")
    shop.up(preamble=["SET time_zone = '+09:00'", "SET sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'"])
    shop.down()
    shop.up()
    with shop.connect() as target:
        history = api.open_history(target, shop.project)
        first, second = history.read()
        up, down = history.scripts(second)
    assert "it's \\ 'é' %s" in up[0].text
    assert down is not None
    assert first.rolled_back_at is not None
    assert second.rolled_back_at is None
    assert abs(datetime.now(UTC) - second.applied_at) < timedelta(minutes=5)
    assert abs(datetime.now(UTC) - first.applied_at) < timedelta(minutes=5)


def test_a_second_live_row_of_a_version_cannot_be_written(shop: Shop) -> None:
    shop.write(1, PRODUCTS)
    shop.up()
    with shop.connect() as target, pytest.raises(StatementFailed, match="Duplicate entry"):
        history = api.open_history(target, shop.project)
        history.record_up(shop.project.read().migrations[0], "run", 0)


def test_creating_the_history_goes_on_where_it_stopped(shop: Shop) -> None:
    with shop.connect() as target:
        for sql in target.history_ddl()[0][:2]:
            target.query(sql)
        assert target.has_history()
        assert not api.open_history(target, shop.project).exists()
    shop.write(1, PRODUCTS)
    shop.up()
    assert shop.ask("SELECT version FROM surefoot_format ORDER BY 1") == [(1,), (2,)]


def test_a_baseline_runs_nothing(shop: Shop) -> None:
    shop.write(1, PRODUCTS)
    shop.write(2, "CREATE TABLE orders (id int);")
    with shop.connect() as target:
        api.baseline(target, shop.project, "1")
    shop.up()
    assert shop.tables() == {"orders"}


def test_dml_alone_is_one_transaction_with_its_history(shop: Shop) -> None:
    shop.write(1, PRODUCTS)
    shop.up()
    shop.write(2, "INSERT INTO products (name) VALUES ('a'); INSERT INTO products (id) VALUES (1);")
    with pytest.raises(StatementFailed):
        shop.up()
    assert shop.ask("SELECT count(*) FROM products") == [(0,)]
    assert shop.ask("SELECT count(*) FROM surefoot_journal") == [(0,)]


def test_a_failed_step_goes_on_where_it_failed_once_corrected(shop: Shop) -> None:
    good = "CREATE TABLE a (id int); INSERT INTO a VALUES (1);"
    shop.write(1, f"{good} CREATE TABLE a (id int);")
    with pytest.raises(StatementFailed, match="already exists"):
        shop.up()
    shop.write(1, f"{good} CREATE TABLE b (id int);")
    shop.up()
    assert shop.tables() == {"a", "b"}
    assert shop.ask("SELECT count(*) FROM a") == [(1,)]


def test_a_typing_error_does_not_leave_a_doubt(shop: Shop) -> None:
    shop.write(1, "ALTER TABEL products ADD x int;")
    with pytest.raises(StatementFailed):
        shop.up()
    shop.write(1, PRODUCTS)
    shop.up()
    assert shop.tables() == {"products"}


def test_an_error_names_the_line_that_the_server_means(shop: Shop) -> None:
    shop.write(1, "SELECT 1;\n\nINSERT INTO nowhere\n  (a,\n   b) VALEUS\n  (1, 2);")
    with pytest.raises(StatementFailed) as failed:
        shop.up()
    details = failed.value.details
    assert (Path(str(details["file"])).name, details["line"]) == ("1_step.up.sql", 5)
    assert (details["errno"], details["sqlstate"]) == (1064, "42000")
    assert str(details["statement"]).startswith("INSERT INTO nowhere")


def test_warnings_become_notices(shop: Shop) -> None:
    shop.write(1, "DROP TABLE IF EXISTS never_there;")
    shop.up()
    assert any("never_there" in event.message for event in shop.told("notice"))


def test_a_result_set_and_a_procedure_with_several_are_read_to_the_end(shop: Shop) -> None:
    shop.write(1, "CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END; CALL p(); SELECT 3; CREATE TABLE t (a int);")
    shop.up()
    assert shop.tables() == {"t"}


def test_the_statement_limit_ends_a_statement(shop: Shop) -> None:
    shop.write(1, "SELECT SLEEP(30);")
    with pytest.raises(StatementFailed) as failed:
        shop.up(timeouts=Timeouts(statement=0.2))
    assert "statement_timeout" in failed.value.hint


def test_table_locks_of_a_dump_are_passed_over(shop: Shop) -> None:
    shop.write(
        1,
        f"{PRODUCTS} LOCK TABLES `products` WRITE; /*!40000 ALTER TABLE `products` DISABLE KEYS */;"
        "INSERT INTO products (name) VALUES ('a'); UNLOCK TABLES;",
    )
    shop.up()
    assert sum("passed over" in event.message for event in shop.told("notice")) == 2
    assert shop.ask("SELECT count(*) FROM products") == [(1,)]


def test_rows_are_counted(shop: Shop) -> None:
    shop.write(1, f"{PRODUCTS} INSERT INTO products (name) VALUES ('a'), ('b');")
    shop.up()
    assert [event.rows for event in shop.told("statement_finished")] == [0, 2]


def test_a_trace_comment_is_never_executed(shop: Shop) -> None:
    shop.write(1, PRODUCTS)
    with shop.connect() as target:
        api.up(target, shop.project, None, api.RunOptions(comment="! nonsense"))
    assert shop.tables() == {"products"}


def test_the_plan_says_the_whole_seconds_that_are_set(shop: Shop) -> None:
    with shop.connect(Timeouts(lock=0.2)) as target:
        limits = target.limits(blocks(target, "SELECT 1")[0])
        target.begin(clean=False)
        set_now = target.query("SELECT @@lock_wait_timeout, @@innodb_lock_wait_timeout")
        target.rollback()
    assert (limits.lock, set_now) == (1, [(1, 1)])


def test_the_servers_own_day_of_waiting_is_never_in_force(shop: Shop) -> None:
    with shop.connect(QUICK) as target:
        target.clean()
        assert target.query("SELECT @@lock_wait_timeout") == [(1,)]


def test_a_statement_that_is_too_long_for_the_server_is_refused_before_it_breaks_the_connection(shop: Shop) -> None:
    most = shop.ask("SELECT @@max_allowed_packet")[0][0]
    shop.write(1, f"{PRODUCTS} SELECT '{'x' * most}';")
    with pytest.raises(StatementFailed) as failed:
        shop.up()
    assert "max_allowed_packet" in failed.value.hint


def test_a_file_of_many_megabytes_is_applied(shop: Shop) -> None:
    row = f"INSERT INTO products (name) VALUES ('someone@example.org{'x' * 20}');"
    shop.write(1, f"{PRODUCTS} {row * 20_000}")
    shop.up()
    assert shop.ask("SELECT count(*) FROM products") == [(20_000,)]


def test_a_user_who_may_see_little_can_migrate(shop: Shop) -> None:
    name = shop.url.rpartition("/")[2]
    may = "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, CREATE VIEW, TRIGGER, CREATE ROUTINE"
    shop.ask(f"CREATE USER u_{name}@'127.0.0.1' IDENTIFIED BY 'pw'")
    shop.ask(f"GRANT {may} ON {name}.* TO u_{name}@'127.0.0.1'")
    poor = Shop(shop.url.replace("surefoot:surefoot", f"u_{name}:pw"), shop.folder)
    poor.write(
        1,
        f"{PRODUCTS} CREATE VIEW v AS SELECT id FROM products; CREATE OR REPLACE VIEW v AS SELECT name FROM products;"
        "CREATE TRIGGER t BEFORE INSERT ON products FOR EACH ROW SET NEW.name = 'x'; CREATE PROCEDURE p() SELECT 1;",
        "DROP PROCEDURE p; DROP VIEW v; DROP TABLE products;",
    )
    try:
        poor.up()
        assert shop.tables() == {"products", "v"}
        poor.down()
        assert shop.tables() == set()
    finally:
        shop.ask(f"DROP USER u_{name}@'127.0.0.1'")
