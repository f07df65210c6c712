"""What a snapshot of a MariaDB database sees."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from surefoot.engine.dialects.mysql.split import split
from surefoot.engine.dialects.target import Target
from surefoot.engine.model import Fragment, Script
from surefoot.engine.open import connect
from surefoot.engine.snapshot import ObjectKey, compare
from surefoot.errors import StatementFailed
from tests.databases import Databases
from tests.engine.mysql.rehearsal.changes import MUTATIONS
from tests.engine.mysql.rehearsal.schema import RICH


def statements(text: str) -> list[str]:
    """The statements of a text."""
    return [statement.sql for statement in split(Script("schema.sql", (Fragment(text),))).statements]


def run(target: Target, text: str) -> None:
    """Run the statements of a text."""
    for sql in statements(text):
        target.query(sql)


@pytest.fixture(scope="module")
def rich(databases: Databases) -> Iterator[Target]:
    """A target with the rich schema; each test leaves it as it was."""
    with databases.mariadb() as url, connect(url) as target:
        run(target, RICH)
        yield target


@pytest.mark.parametrize(("change", "inverse"), MUTATIONS, ids=[change[0][:60] for change, _ in MUTATIONS])
def test_a_change_is_seen_and_its_inverse_brings_the_same_snapshot_back(
    rich: Target, change: list[str], inverse: list[str]
) -> None:
    before = rich.snapshot()
    for sql in change:
        rich.query(sql)
    changed = rich.snapshot()
    for sql in inverse:
        rich.query(sql)
    assert compare(before, changed).differences
    assert compare(before, rich.snapshot()).differences == ()
    assert rich.snapshot().fingerprint == before.fingerprint
    assert change[0].startswith("GRANT") or changed.fingerprint != before.fingerprint


SEEN = {
    "CHECK_CONSTRAINTS": "SHOW CREATE TABLE",
    "COLUMNS": "SHOW CREATE TABLE",
    "COLUMN_PRIVILEGES": "read",
    "EVENTS": "read, and SHOW CREATE EVENT",
    "GEOMETRY_COLUMNS": "SHOW CREATE TABLE",
    "KEY_COLUMN_USAGE": "SHOW CREATE TABLE",
    "PARAMETERS": "SHOW CREATE PROCEDURE, FUNCTION",
    "PARTITIONS": "SHOW CREATE TABLE",
    "REFERENTIAL_CONSTRAINTS": "SHOW CREATE TABLE",
    "ROUTINES": "read, and SHOW CREATE PROCEDURE, FUNCTION, PACKAGE",
    "SCHEMATA": "read",
    "SCHEMA_PRIVILEGES": "read",
    "STATISTICS": "SHOW CREATE TABLE",
    "TABLES": "SHOW FULL TABLES, SHOW CREATE TABLE",
    "TABLE_CONSTRAINTS": "SHOW CREATE TABLE",
    "TABLE_PRIVILEGES": "read",
    "TRIGGERS": "read, and SHOW CREATE TRIGGER",
    "VIEWS": "SHOW CREATE VIEW",
}
OMITTED = {
    "of the server, whichever the database": """
        ALL_PLUGINS CHARACTER_SETS COLLATIONS COLLATION_CHARACTER_SET_APPLICABILITY ENGINES GLOBAL_VARIABLES KEYWORDS
        PLUGINS SESSION_VARIABLES SPATIAL_REF_SYS SQL_FUNCTIONS SYSTEM_VARIABLES
    """,
    "accounts and their roles, which belong to the server: a shadow refuses to change them": """
        APPLICABLE_ROLES ENABLED_ROLES USER_PRIVILEGES
    """,
    "what happens, not what is": """
        CLIENT_STATISTICS GLOBAL_STATUS INDEX_STATISTICS INNODB_BUFFER_PAGE INNODB_BUFFER_PAGE_LRU
        INNODB_BUFFER_POOL_STATS INNODB_CMP INNODB_CMPMEM INNODB_CMPMEM_RESET INNODB_CMP_PER_INDEX
        INNODB_CMP_PER_INDEX_RESET INNODB_CMP_RESET INNODB_LOCKS INNODB_LOCK_WAITS INNODB_METRICS INNODB_TRX KEY_CACHES
        OPTIMIZER_TRACE PROCESSLIST PROFILING SESSION_STATUS TABLE_STATISTICS THREAD_POOL_GROUPS THREAD_POOL_QUEUES
        THREAD_POOL_STATS THREAD_POOL_WAITS USER_STATISTICS INNODB_FT_BEING_DELETED INNODB_FT_CONFIG
        INNODB_FT_DEFAULT_STOPWORD INNODB_FT_DELETED INNODB_FT_INDEX_CACHE INNODB_FT_INDEX_TABLE USER_VARIABLES
    """,
    "how InnoDB stores what SHOW CREATE TABLE says: its own numbers, files and formats": """
        FILES INNODB_SYS_COLUMNS INNODB_SYS_FIELDS INNODB_SYS_FOREIGN INNODB_SYS_FOREIGN_COLS INNODB_SYS_INDEXES
        INNODB_SYS_TABLES INNODB_SYS_TABLESPACES INNODB_SYS_TABLESTATS INNODB_SYS_VIRTUAL INNODB_TABLESPACES_ENCRYPTION
        TABLESPACES
    """,
}


def test_every_table_of_information_schema_is_seen_or_left_out_for_a_reason(rich: Target) -> None:
    there = {
        name.upper()
        for (name,) in rich.query(
            "SELECT table_name FROM information_schema.TABLES WHERE table_schema = %s", ("information_schema",)
        )
    }
    omitted = {name for names in OMITTED.values() for name in names.split()}
    assert there - SEEN.keys() - omitted == set()
    assert SEEN.keys() - there == set()


def test_names_have_backquotes_only_where_needed_and_facts_the_words_of_the_server(rich: Target) -> None:
    run(rich, "CREATE TABLE `or``der` (`select` int, plain int, KEY `two words` (plain))")
    objects = rich.snapshot().objects
    run(rich, "DROP TABLE `or``der`")
    assert objects[ObjectKey("column", "`or``der`.`select`")] == {"type": "int(11)", "null": "NULL", "default": "NULL"}
    assert objects[ObjectKey("index", "`or``der`.`two words`")] == {
        "table": "`or``der`",
        "type": "KEY",
        "columns": "(`plain`)",
    }
    assert objects[ObjectKey("index", "orders.PRIMARY")] == {
        "table": "orders",
        "type": "PRIMARY KEY",
        "columns": "(`id`)",
    }
    assert objects[ObjectKey("column", "customers.noted")] == {
        "type": "timestamp",
        "null": "NOT NULL",
        "default": "current_timestamp()",
        "on update": "current_timestamp()",
    }
    assert objects[ObjectKey("view", "firms")]["definer"] == "(migrator)"
    assert rich.snapshot().engine == "mariadb 10.11"


def test_the_name_of_the_database_is_nowhere_and_two_databases_with_one_schema_are_the_same(
    rich: Target, databases: Databases
) -> None:
    with databases.mariadb() as url, connect(url) as other:
        run(other, RICH)
        for target in (rich, other):
            [(name,)] = target.query("SELECT DATABASE()")
            run(target, f"CREATE VIEW crossing AS SELECT c.id FROM {name}.customers c JOIN mysql.proc p")
            run(target, f"CREATE PROCEDURE qualified() SELECT * FROM {name}.customers")
        mine, theirs = rich.snapshot(), other.snapshot()
        run(rich, "DROP VIEW crossing; DROP PROCEDURE qualified")
    assert compare(mine, theirs).differences == ()
    assert mine.fingerprint == theirs.fingerprint
    assert name not in str(theirs)
    assert "(database).customers" in theirs.objects[ObjectKey("procedure", "qualified")]["definition"]


def test_what_the_session_has_set_changes_nothing(rich: Target) -> None:
    before = rich.snapshot()
    run(rich, "SET SESSION sql_mode = 'ANSI_QUOTES,ORACLE', time_zone = '+07:00', sql_quote_show_create = 0")
    after = rich.snapshot()
    run(rich, "SET SESSION sql_mode = DEFAULT, time_zone = DEFAULT, sql_quote_show_create = 1")
    assert after == before


def test_positions_and_rows_are_no_part_of_it(rich: Target) -> None:
    before = rich.snapshot()
    run(rich, "INSERT INTO customers (email) VALUES ('a'), ('b'); SELECT NEXTVAL(numbers)")
    assert rich.snapshot() == before
    run(rich, "DELETE FROM customers")


def test_the_address_of_another_server_is_hidden_and_its_change_is_seen(rich: Target) -> None:
    if not rich.query("SELECT 1 FROM information_schema.ENGINES WHERE engine = 'FEDERATED' AND support <> 'NO'"):
        run(rich, "SET sql_mode = 'IGNORE_BAD_TABLE_OPTIONS'")
    seen = []
    for password in ("secret1", "secret2"):
        run(rich, f"CREATE OR REPLACE TABLE remote (id int) CONNECTION='mysql://u:{password}@h/d/t'")
        seen.append(rich.snapshot())
    run(rich, "DROP TABLE remote; SET sql_mode = DEFAULT")
    assert "secret" not in str(seen)
    assert seen[0] != seen[1]


def test_an_event_whose_start_the_server_chose_is_the_same_when_it_is_made_again(rich: Target) -> None:
    event = "CREATE EVENT hourly ON SCHEDULE EVERY 1 HOUR DISABLE DO DELETE FROM log"
    run(rich, f"SET time_zone = '+05:00'; {event}")
    first = rich.snapshot()
    run(rich, f"DROP EVENT hourly; DO SLEEP(1.1); {event}")
    second = rich.snapshot()
    run(rich, "DROP EVENT hourly; SET time_zone = DEFAULT")
    assert first == second
    assert first.objects[ObjectKey("event", "hourly")]["starts"] == "when it was made"


def test_a_definition_that_may_not_be_seen_is_an_error(databases: Databases) -> None:
    with databases.mariadb() as url, connect(url) as owner:
        run(owner, "CREATE PROCEDURE secret() SELECT 1")
        [(name,)] = owner.query("SELECT DATABASE()")
        user = f"u_{name[-8:]}"
        run(owner, f"CREATE USER {user} IDENTIFIED BY 'x'; GRANT SELECT, EXECUTE ON {name}.* TO {user}")
        weak = url.replace("surefoot:surefoot@", f"{user}:x@")
        with connect(weak) as other, pytest.raises(StatementFailed, match="procedure secret cannot be read"):
            other.snapshot()
        run(owner, "DROP PROCEDURE secret; CREATE TABLE t (id int)")
        with connect(weak) as other:
            assert ObjectKey("grant", "(not readable)") in other.snapshot().objects
        run(owner, f"DROP USER {user}")
