"""What a migration may not do on a shadow database: reach beyond it.

The shadow is a database on a server that may hold others, the real target among them. A statement that names another
database, or changes the server, its accounts or its files, is refused before it runs. Every word of a statement is
read, those of the bodies of stored programs as well. What cannot be decided is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from surefoot.engine.dialects.mysql.names import Piece, located, named
from surefoot.engine.dialects.mysql.shadow.texts import runs_unseen, texts_in
from surefoot.engine.dialects.split import word_set
from surefoot.engine.model import Statement
from surefoot.errors import ShadowFailed

# What a statement may begin with.
_ALLOWED = word_set("""
    ( ALTER ANALYZE BEGIN CALL CASE CHECK CHECKSUM COMMIT CREATE DEALLOCATE DELETE DESC DESCRIBE DO DROP EXECUTE EXPLAIN
    FOR HANDLER IF INSERT LOAD LOCK LOOP OPTIMIZE PREPARE RELEASE RENAME REPAIR REPEAT REPLACE ROLLBACK SAVEPOINT SELECT
    SET SHOW SIGNAL START TABLE TRUNCATE UNLOCK UPDATE VALUES WHILE WITH
""")
# Reserved words, which nothing can be called: they stand for themselves wherever they stand.
_NEVER = frozenset({"GRANT", "REVOKE", "KILL", "PURGE", "OUTFILE", "DUMPFILE", "SONAME"})
_VERBS = frozenset({"CREATE", "ALTER", "DROP", "RENAME"})
_BEYOND = word_set("USER ROLE SERVER DATABASE SCHEMA TABLESPACE LOGFILE INSTANCE RESOURCE UNDO")
_COMPOUND = word_set("BEGIN CASE FOR IF LOOP REPEAT WHILE")
_PROGRAMS = frozenset({"PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE", "PACKAGE BODY"})
# The word before a statement in a program.
_STARTS = word_set("; BEGIN THEN ELSE DO LOOP REPEAT : ) ROW DATA SQL DETERMINISTIC DEFINER INVOKER")
_NOT_IN_PROGRAMS = word_set("FLUSH RESET STOP INSTALL UNINSTALL SHUTDOWN RESTART CHANGE BACKUP BINLOG CLONE USE")
_SERVER_WIDE = frozenset({"GLOBAL", "PERSIST", "PERSIST_ONLY"})
_ACCOUNTS = frozenset({("PASSWORD", "="), ("PASSWORD", ":"), ("PASSWORD", "FOR"), ("DEFAULT", "ROLE")})
_LITERAL = "NO_BACKSLASH_ESCAPES"
_DYNAMIC = frozenset({"PREPARE", "EXECUTE"})
# The server's own: where no others are, nobody's rows are.
_SYSTEM = frozenset({"mysql", "sys", "performance_schema"})
# Engines whose tables are on another server, or in files beside the database.
_REMOTE = frozenset({"FEDERATED", "CONNECT", "SPIDER", "S3", "SPHINX", "NDB", "NDBCLUSTER"})
_DIRECTORIES = frozenset({("DATA", "DIRECTORY"), ("INDEX", "DIRECTORY")})
# After these words stands an expression: there `a.b` is a column of the table a.
_BEFORE_COLUMN = word_set("WHERE AND OR SELECT DISTINCT BY HAVING WHEN CASE + * / = < > ! SET")

_OWN_SERVER = "Do it by hand, outside of migrations: a rehearsal touches its shadow only."
_NO_NAME = "Leave the database's name out: a migration runs in the database of its URL."
_NO_TEXT = "Write the statements out, or rehearse on a server without other databases: shadow_url names it."
_ASLEEP = "Rehearse on a server with event_scheduler = OFF: shadow_url names it."


@dataclass(frozen=True, slots=True)
class Guard:
    """The databases that a statement must not name.

    `awake`: the server runs events. `literal`: a backslash in a text is nothing but that, in the server's SQL mode.
    `unseen`: a procedure that is there runs texts that are put together when it runs.
    """

    others: frozenset[str]
    awake: bool = False
    literal: bool = False
    unseen: bool = False

    def check(self, statements: Sequence[Statement]) -> None:
        """Raise ShadowFailed where a statement would reach beyond the shadow."""
        texts = [statement.sql for statement in statements]
        self._check(statements, texts)
        # Where texts end is then another question: both answers have to be harmless.
        if self.literal or any(_LITERAL in text.upper() for text in texts):
            self._check(statements, [text.replace("\\", "/") for text in texts])

    def _check(self, statements: Sequence[Statement], texts: Sequence[str]) -> None:
        parts = [_pieces(text) for text in texts]
        dynamic = self.unseen or any(part.key in _DYNAMIC for pieces in parts for part in pieces)
        unseen = bool(self.others - _SYSTEM) and (self.unseen or any(map(runs_unseen, parts)))
        for statement, text, pieces in zip(statements, texts, parts, strict=True):
            reason, hint = self._reason(text, pieces, dynamic=dynamic)
            if not reason and unseen and _runs_programs(text, pieces):
                reason, hint = "it runs texts that are put together meanwhile, and may name any database", _NO_TEXT
            if reason:
                raise ShadowFailed(
                    f"{statement.path}:{statement.line}: this cannot be rehearsed here: {reason}.",
                    hint=hint,
                    file=statement.path,
                    line=statement.line,
                    statement=statement.sql[:2000],
                )

    def check_copy(self, kind: str, name: str, sql: str) -> None:
        """Raise ShadowFailed where an object of the target, copied to the shadow, would reach beyond it."""
        pieces = _pieces(sql)
        dynamic = any(part.key in _DYNAMIC for part in pieces)
        reason = self._named_reason(pieces, dynamic=dynamic) or _remote_reason(pieces)
        if reason:
            raise ShadowFailed(
                f"The {kind} {name} of the target cannot be copied to a shadow: {reason}.",
                hint="Rehearse on a server of its own (shadow_url), or from an empty database: --from empty.",
                object=f"{kind} {name}",
            )

    def _reason(self, sql: str, pieces: Sequence[Piece], *, dynamic: bool) -> tuple[str, str]:
        reason = _server_reason(sql, pieces) or (_dynamic_reason(pieces) if dynamic else "")
        if reason := reason or _remote_reason(pieces) or _directory_reason(pieces):
            return reason, _OWN_SERVER
        if reason := self._named_reason(pieces, dynamic=dynamic):
            return reason, _NO_NAME
        if self.awake and _wakes(pieces):
            return "the server runs events, and would run this one on the shadow", _ASLEEP
        return "", ""

    def _named_reason(self, pieces: Sequence[Piece], *, dynamic: bool) -> str:
        found = next(self._foreign(pieces), None)
        if found is None and dynamic:
            texts = (part.text[1:-1] for part in pieces if part.kind == "text")
            found = next((name for text in texts for name in self._in_text(text)), None)
        return f"it names the database {found}, which is not the shadow" if found else ""

    def _foreign(self, pieces: Sequence[Piece]) -> Iterator[str]:
        before = ""
        for index, (part, after) in enumerate(pairwise(pieces)):
            if after.key == "." and _name(part).lower() in self.others and not _is_column(pieces, index, before):
                yield _name(part)
            before = part.key

    def _in_text(self, text: str) -> Iterator[str]:
        """The databases that a text names: it may be run as a statement, or be a part of one."""
        if text.strip("`. ").lower() in self.others:
            yield text
        yield from self._foreign(_pieces(f"{text};"))


def _pieces(sql: str) -> list[Piece]:
    return [piece for piece, _, _ in located(sql)]


def _name(part: Piece) -> str:
    """The name that a piece is; under ANSI_QUOTES a name stands in double quotes."""
    if part.kind == "text":
        return part.text[1:-1]
    return part.text if part.kind in {"name", "word"} else ""


def _is_column(pieces: Sequence[Piece], index: int, before: str) -> bool:
    """Whether `a.b` can only be a column: it stands where an expression does, and is no `a.b.c` and no `a.b()`."""
    following = pieces[index + 3].key if index + 3 < len(pieces) else ""
    if before == "=" and index > 1 and pieces[index - 2].key == "RENAME":
        return False
    return before in _BEFORE_COLUMN and following not in {".", "("}


def _server_reason(sql: str, pieces: Sequence[Piece]) -> str:
    """What a statement would do to the server, its accounts or files; empty where it does nothing of it."""
    keys = [part.key for part in pieces]
    first = keys[0] if keys else ""
    labelled = keys[1:2] == [":"]
    if first not in _ALLOWED and not labelled and pieces:
        return _beyond(pieces[0].text)
    if first == "START" and keys[1:2] != ["TRANSACTION"]:
        return _beyond(" ".join(keys[:2]))
    made = named(sql) if first in _VERBS else None
    if first in _VERBS and made is None and keys[:2] != ["DROP", "PREPARE"]:
        return _beyond(" ".join(key for key in keys[:2] if key))
    if made and made.kind == "DATABASE" and made.names:
        return f"{made.verb} DATABASE makes, changes or removes a database"
    whole = labelled or first in _COMPOUND or keys[:2] == ["SET", "STATEMENT"] or bool(made and made.kind in _PROGRAMS)
    return next(filter(None, _words_reasons(pieces, keys, whole=whole)), "")


def _words_reasons(pieces: Sequence[Piece], keys: Sequence[str], *, whole: bool) -> Iterator[str]:
    """What single words do; `whole`: the text is a program, and holds statements."""
    setting = whole or keys[0] == "SET"
    for index, key in enumerate(keys):
        before = keys[index - 1] if index else ""
        after = keys[index + 1] if index + 1 < len(keys) else ""
        if key in _NEVER and before != ".":
            yield _beyond(key)
        if setting and _sets_server(pieces[index], before, after):
            yield f"{pieces[index].text} is set for the whole server"
        if setting and before in {"SET", ","} and ((key, after) in _ACCOUNTS):
            yield _beyond(f"SET {key}")
        started = key in _NOT_IN_PROGRAMS or (key == "START" and after != "TRANSACTION")
        if whole and index and before in _STARTS and started:
            yield _beyond(key)
        if whole and index and key in _VERBS and after in _BEYOND:
            yield _beyond(f"{key} {after}")


def _sets_server(piece: Piece, before: str, after: str) -> bool:
    if piece.kind == "variable":
        first, _, name = piece.text.upper().partition(".")
        # The name may stand in quotes, or behind a blank.
        return first[2:] in _SERVER_WIDE and (after in {"=", ":"} or (not name and before in {"SET", ","}))
    return piece.key in _SERVER_WIDE and before in {"SET", ","} and after not in {"=", ":", "."}


def _beyond(what: str) -> str:
    return f"{what.upper()} changes the server, its accounts or files, or the session's database"


def _runs_programs(sql: str, pieces: Sequence[Piece]) -> bool:
    """Whether the statement calls procedures, or is a program itself; one that makes a program does not run it."""
    made = named(sql)
    if made and made.kind in _PROGRAMS:
        return False
    first = pieces[0].key if pieces else ""
    whole = first in _COMPOUND or [part.key for part in pieces[1:2]] == [":"]
    return (whole and runs_unseen(pieces)) or any(part.key == "CALL" for part in pieces)


def _dynamic_reason(pieces: Sequence[Piece]) -> str:
    """What a text does that is run as a statement."""
    return next(filter(None, (_server_reason(text, _pieces(text)) for text in texts_in(pieces))), "")


def _remote_reason(pieces: Sequence[Piece]) -> str:
    for index, part in enumerate(pieces):
        value = next((each for each in pieces[index + 1 : index + 4] if each.key not in {"=", ":"}), part)
        if part.text.upper().endswith("ENGINE") and value.text.strip("'\"").upper() in _REMOTE:
            return f"a table of {value.text} is on another server, or in files beside the database"
    return ""


def _directory_reason(pieces: Sequence[Piece]) -> str:
    keys = [part.key for part in pieces]
    if keys[:1] in (["CREATE"], ["ALTER"]) and any(pair in _DIRECTORIES for pair in pairwise(keys)):
        return "a table would be written to another directory than the database's"
    return ""


def _wakes(pieces: Sequence[Piece]) -> bool:
    """Whether the statement makes or changes an event, and does not leave it disabled."""
    keys = [part.key for part in pieces]
    head = keys[: keys.index("DO")] if "DO" in keys else keys
    return keys[0] in {"CREATE", "ALTER"} and "EVENT" in head[:12] and "DISABLE" not in head
