"""Statements that are texts: PREPARE and EXECUTE IMMEDIATE run what an expression gives, and what that is shows late.

By itself such a statement can be asked for its text just before it runs. In a stored program nobody sees it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from surefoot.engine.dialects.mysql.bind import fetch
from surefoot.engine.dialects.mysql.connect import Connection
from surefoot.engine.dialects.mysql.names import Piece, located
from surefoot.engine.dialects.mysql.split import split_for_run
from surefoot.engine.model import Fragment, Script, Statement

_PROGRAMS = "SELECT routine_definition FROM information_schema.ROUTINES WHERE routine_schema = %s"


def statements_of(connection: Connection, statement: Statement) -> tuple[Statement, ...]:
    """What the statement will run where that is a text: the session is asked for it. Raises pymysql.Error, OSError."""
    expression = _expression(statement.sql)
    if expression is None:
        return ()
    value = fetch(connection, f"SELECT {expression}")[0][0]
    text = value.decode(errors="surrogateescape") if isinstance(value, bytes) else str(value or "")
    found = split_for_run(Script(statement.path, (Fragment(text, statement.line, whole=True),)))
    return found.statements


def _expression(sql: str) -> str | None:
    parts = list(located(sql))
    keys = [piece.key for piece, _, _ in parts]
    starts = {"PREPARE": 3, "EXECUTE": 2} if keys[2:3] == ["FROM"] or keys[1:2] == ["IMMEDIATE"] else {}
    start = starts.get(keys[0] if keys else "", len(parts))
    end = start + len(list(_before_using(keys[start:])))
    return sql[parts[start][1] : parts[end - 1][2]] if start < end else None


def _before_using(keys: Iterable[str]) -> Iterator[str]:
    """The words of an expression: behind it, values may follow."""
    depth = 0
    for key in keys:
        depth += {"(": 1, ")": -1}.get(key, 0)
        if depth == 0 and key == "USING":
            return
        yield key


def runs_unseen(pieces: Sequence[Piece]) -> bool:
    """Whether a program runs a text that is not written out in it."""
    return not all(_is_written_out(pieces[at : at + 2]) for at in _places(pieces))


def texts_in(pieces: Sequence[Piece]) -> Iterator[str]:
    """The texts that are run, where they are written out."""
    return (pieces[at].text[1:-1] for at in _places(pieces) if _is_written_out(pieces[at : at + 2]))


def _places(pieces: Sequence[Piece]) -> list[int]:
    """Where the expressions begin that give texts to be run."""
    keys = [piece.key for piece in pieces]
    places = [at + 3 for at, key in enumerate(keys) if key == "PREPARE" and keys[at + 2 : at + 3] == ["FROM"]]
    places += [at + 2 for at, key in enumerate(keys) if key == "EXECUTE" and keys[at + 1 : at + 2] == ["IMMEDIATE"]]
    return [at for at in places if at < len(keys)]


def _is_written_out(pieces: Sequence[Piece]) -> bool:
    return pieces[0].kind == "text" and all(piece.key in {";", "USING"} for piece in pieces[1:])


def has_unseen(connection: Connection, database: str) -> bool:
    """Whether a procedure of the database runs texts that are not written out in it. Raises pymysql.Error, OSError."""
    rows = fetch(connection, _PROGRAMS, (database,))
    return any(text is None or runs_unseen([piece for piece, _, _ in located(str(text))]) for (text,) in rows)
