from __future__ import annotations

import threading

import pytest

from surefoot.engine import api
from surefoot.engine.control import Control
from surefoot.engine.dialects.mysql.bind import fetch
from surefoot.engine.dialects.mysql.connect import session_number
from surefoot.engine.events import Event
from surefoot.engine.model import Timeouts
from surefoot.errors import Cancelled, LockTimeout, SurefootError, TargetLocked
from tests.engine.mysql.shop import QUICK, Shop

pytestmark = pytest.mark.slow

PRODUCTS = "CREATE TABLE products (id int PRIMARY KEY, name varchar(50));"


def test_a_row_lock_is_waited_for_and_its_holder_named(shop: Shop) -> None:
    shop.ask(f"{PRODUCTS[:-1]}")
    shop.ask("INSERT INTO products VALUES (1, 'a')")
    blocker = shop.session()
    fetch(blocker, "BEGIN")
    fetch(blocker, "UPDATE products SET name = 'b'")
    shop.write(1, "UPDATE products SET name = 'c';")

    def let_go(event: Event) -> None:
        if event.kind == "retrying":
            fetch(blocker, "ROLLBACK")

    shop.up(let_go, timeouts=Timeouts(lock=2, lock_wait=60))
    assert f"session {session_number(blocker)} " in shop.told("retrying")[0].reason
    assert shop.ask("SELECT name FROM products") == [("c",)]
    assert shop.kinds().count("step_finished") == 1


def test_a_metadata_lock_is_waited_for_and_the_oldest_transaction_named(shop: Shop) -> None:
    shop.ask(PRODUCTS[:-1])
    blocker = shop.session()
    fetch(blocker, "BEGIN")
    fetch(blocker, "SELECT * FROM products")
    shop.write(1, "ALTER TABLE products ADD price int;")

    def let_go(event: Event) -> None:
        if event.kind == "retrying":
            fetch(blocker, "ROLLBACK")

    shop.up(let_go, timeouts=Timeouts(lock=2, lock_wait=60))
    reason = shop.told("retrying")[0].reason
    assert f"session {session_number(blocker)} " in reason
    assert "oldest open transaction" in reason
    assert len(shop.ask("SHOW COLUMNS FROM products")) == 3


def test_waiting_for_a_lock_has_an_end(shop: Shop) -> None:
    shop.ask(PRODUCTS[:-1])
    blocker = shop.session()
    fetch(blocker, "BEGIN")
    fetch(blocker, "SELECT * FROM products")
    shop.write(1, "CREATE TABLE first (id int); ALTER TABLE products ADD price int; CREATE TABLE last (id int);")
    with pytest.raises(LockTimeout) as waited:
        shop.up(timeouts=Timeouts(lock=1, lock_wait=1))
    assert waited.value.details["attempts"] == 1
    assert shop.ask("SELECT block, state FROM surefoot_journal ORDER BY block") == [(0, "done"), (1, "failed")]
    fetch(blocker, "ROLLBACK")
    shop.up()
    assert shop.tables() == {"first", "last", "products"}


@pytest.mark.parametrize("count", [2, 20])
def test_concurrent_runners_apply_each_migration_once(shop: Shop, count: int) -> None:
    shop.write(1, "CREATE TABLE t (id int);")
    for version in range(2, 8):
        shop.write(version, f"INSERT INTO t VALUES ({version});")
    failures: list[SurefootError] = []

    def run() -> None:
        try:
            with shop.connect() as target:
                api.up(target, shop.project)
        except SurefootError as error:
            failures.append(error)

    runners = [threading.Thread(target=run) for _ in range(count)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert failures == []
    assert shop.ask("SELECT id FROM t ORDER BY id") == [(version,) for version in range(2, 8)]
    assert shop.ask("SELECT count(*) FROM surefoot_history") == [(7,)]


def test_a_runner_that_is_locked_out_names_the_other(shop: Shop) -> None:
    shop.write(1, PRODUCTS)
    with shop.connect() as holder:
        assert holder.lock("default")
        pid = holder.query("SELECT CONNECTION_ID()")[0][0]
        with pytest.raises(TargetLocked, match=f"session {pid} "):
            shop.up(timeouts=Timeouts(runner=0.1))


def test_a_cancelled_statement_ends_and_nothing_of_its_step_stays(shop: Shop) -> None:
    shop.write(1, PRODUCTS)
    shop.write(2, "INSERT INTO products VALUES (1, 'a'); INSERT INTO products SELECT 2, SLEEP(60);")
    control = Control()
    stopped: list[SurefootError] = []

    def run() -> None:
        with shop.connect() as target:
            try:
                api.up(target, shop.project, None, api.RunOptions(control=control))
            except SurefootError as error:
                stopped.append(error)

    runner = threading.Thread(target=run)
    runner.start()
    shop.statement_running("SLEEP(60)")
    control.cancel()
    runner.join()
    assert isinstance(stopped[0], Cancelled)
    assert shop.ask("SELECT count(*) FROM products") == [(0,)]


def test_a_cancelled_ddl_statement_can_run_again(shop: Shop) -> None:
    shop.ask(PRODUCTS[:-1])
    blocker = shop.session()
    fetch(blocker, "BEGIN")
    fetch(blocker, "SELECT * FROM products")
    shop.write(1, "ALTER TABLE products ADD price int;")
    control = Control()

    def cancel(event: Event) -> None:
        if event.kind == "statement_started":
            threading.Thread(target=wait_and_cancel).start()

    def wait_and_cancel() -> None:
        shop.statement_running("ADD price")
        control.cancel()

    with shop.connect(Timeouts(lock=60)) as target, pytest.raises(Cancelled):
        api.up(target, shop.project, None, api.RunOptions(control=control, on_event=cancel))
    assert shop.ask("SELECT count(*) FROM surefoot_journal WHERE state = 'started'") == [(0,)]
    fetch(blocker, "ROLLBACK")
    shop.up()
    assert len(shop.ask("SHOW COLUMNS FROM products")) == 3


def test_a_long_statement_shows_what_it_is_at(shop: Shop) -> None:
    shop.write(1, "DO SLEEP(1.6);")
    shop.up(timeouts=QUICK)
    assert "User sleep" in {event.phase for event in shop.told("progress")}


def test_two_projects_can_begin_at_the_same_time(shop: Shop) -> None:
    shop.write(1, "SELECT 1;")
    failures: list[SurefootError] = []

    def run(name: str) -> None:
        try:
            with shop.connect() as target:
                api.up(target, api.Project(shop.folder, name=name, format="native"))
        except SurefootError as error:
            failures.append(error)

    runners = [threading.Thread(target=run, args=(f"project {number}",)) for number in range(4)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert failures == []
    assert shop.ask("SELECT count(*) FROM surefoot_history") == [(4,)]
