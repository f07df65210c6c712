"""What a migration can leave behind in its session, and how the session is made clean again.

COM_RESET_CONNECTION would do it in one go, but it gives back GET_LOCK: Surefoot's runner lock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from surefoot.engine.dialects.mysql.bind import fetch, literal, quote
from surefoot.engine.dialects.mysql.connect import Connection, is_mariadb
from surefoot.engine.dialects.mysql.names import named, pieces
from surefoot.engine.dialects.split import word_set
from surefoot.engine.dialects.target import Session
from surefoot.engine.model import Statement

# Those that exist on the server are remembered; which these are depends on product and version.
_VARIABLES = sorted(
    word_set("""
    alter_algorithm auto_increment_increment auto_increment_offset big_tables character_set_client
    character_set_collations character_set_connection character_set_results check_constraint_checks
    collation_connection completion_type default_collation_for_utf8mb4 default_storage_engine default_week_format
    div_precision_increment explicit_defaults_for_timestamp foreign_key_checks group_concat_max_len
    innodb_lock_wait_timeout innodb_snapshot_isolation innodb_strict_mode join_buffer_size lc_time_names
    lock_wait_timeout max_error_count max_execution_time max_heap_table_size max_recursive_iterations
    cte_max_recursion_depth max_sp_recursion_depth max_statement_time note_verbosity old_alter_table old_mode
    optimizer_switch sort_buffer_size sql_auto_is_null sql_big_selects sql_generate_invisible_primary_key sql_log_bin
    sql_mode sql_notes sql_quote_show_create sql_require_primary_key sql_safe_updates sql_select_limit sql_warnings
    system_versioning_alter_history system_versioning_insert_history time_zone tmp_table_size tx_isolation
    tx_read_only transaction_isolation transaction_read_only unique_checks updatable_views_with_limit wait_timeout
""")
)
_SETTING = frozenset({"SET", "SELECT", "WITH", "BEGIN", "CALL", "EXECUTE"})
_NOT_OF_THE_SESSION = frozenset(
    {"GLOBAL", "PERSIST", "PERSIST_ONLY", "TRANSACTION", "PASSWORD", "STATEMENT", "DEFAULT"}
)


@dataclass(slots=True)
class Memory:
    """How a session was right after connecting, and what migrations have left in it since."""

    database: str
    names: list[str]
    values: tuple[Any, ...]
    role: str
    variables: set[str] = field(default_factory=set)
    temporary: set[str] = field(default_factory=set)

    def note(self, statement: Statement) -> None:
        """Remember what the statement may leave behind; of user variables, rather too many than too few."""
        words = statement.words
        if "@" in statement.sql and words[:1] and words[0] in _SETTING:
            found = {piece.text for piece in pieces(statement.sql) if _is_user_variable(piece.text)}
            self.variables |= found
        if is_temporary(statement) and (made := named(statement.sql)):
            self.temporary |= {quote(*name) for name in made.names}


def remember(connection: Connection, database: str) -> Memory:
    """Look at a session right after connecting."""
    wanted = ", ".join(map(literal, _VARIABLES))
    names = [row[0] for row in fetch(connection, f"SHOW SESSION VARIABLES WHERE Variable_name IN ({wanted})")]
    *values, _, role = fetch(connection, _state(names))[0]
    return Memory(database, names, tuple(values), str(role or "NONE"))


def _state(names: list[str]) -> str:
    return f"SELECT {', '.join(f'@@SESSION.{name}' for name in names)}, DATABASE(), CURRENT_ROLE()"


def restore(connection: Connection, memory: Memory) -> None:
    """Make the session as it was; nothing here ends a transaction, nor gives the runner lock back.

    What cannot be listed stays: prepared statements, and user variables that a procedure has set.
    """
    forget = "".join(f", {name} = NULL" for name in sorted(memory.variables))
    fetch(connection, f"SET NAMES utf8mb4, SESSION timestamp = DEFAULT{forget}")
    memory.variables.clear()
    for table in sorted(memory.temporary):
        fetch(connection, f"DROP TEMPORARY TABLE IF EXISTS {table}")
    memory.temporary.clear()
    *values, database, role = fetch(connection, _state(memory.names))[0]
    was = zip(memory.names, values, memory.values, strict=True)
    changed = [f"{name} = {literal(before)}" for name, now, before in was if now != before]
    if changed:
        fetch(connection, f"SET SESSION {', SESSION '.join(changed)}")
    if database != memory.database:
        fetch(connection, f"USE {quote(memory.database)}")
    if str(role or "NONE") != memory.role:
        fetch(connection, _set_role(connection, memory.role))


def _set_role(connection: Connection, role: str) -> str:
    if not is_mariadb(connection):
        return "SET ROLE DEFAULT"
    return f"SET ROLE {'NONE' if role == 'NONE' else quote(role)}"


def is_temporary(statement: Statement) -> bool:
    """Whether the statement makes a temporary table."""
    return statement.words[:1] == ("CREATE",) and "TEMPORARY" in statement.words[1:4]


def effect(statement: Statement) -> Session:
    """What the statement leaves behind for a run that resumes after it in a new session."""
    words = statement.words
    if words[:1] == ("PREPARE",) or is_temporary(statement):
        return Session.LOST
    if words[:1] == ("USE",):
        return Session.REPLAY
    if words[:1] == ("SET",):
        return _effect_of_set(statement)
    into = words[:1] and words[0] in {"SELECT", "WITH"} and _sets_variable(statement)
    return Session.LOST if into else Session.NOTHING


def _effect_of_set(statement: Statement) -> Session:
    if not _NOT_OF_THE_SESSION.isdisjoint(statement.words[1:2]):
        return Session.NOTHING
    parts = list(pieces(statement.sql))
    own = any(_is_user_variable(part.text) for part in parts)
    # What a function or a query gave may be another value by now.
    return Session.LOST if own and any(part.key == "(" for part in parts) else Session.REPLAY


def _sets_variable(statement: Statement) -> bool:
    before = ""
    for part in pieces(statement.sql):
        if _is_user_variable(part.text):
            if before == "INTO":
                return True
        elif before == "@" and part.key == ":":
            return True
        before = "@" if _is_user_variable(part.text) else part.key or before
    return False


def _is_user_variable(text: str) -> bool:
    return len(text) > 1 and text[0] == "@" and text[1] != "@"
