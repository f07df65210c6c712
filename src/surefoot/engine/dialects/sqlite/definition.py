"""What a stored CREATE TABLE says: the clauses that no PRAGMA shows, read by SQLite's own grammar.

https://sqlite.org/syntax/create-table-stmt.html, and the library's parse.y for what it accepts beside that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from surefoot.engine.dialects.split import word_set
from surefoot.engine.dialects.sqlite.tokens import Token, fold, listed, quote_name, settled, tokens

_COLUMN_CLAUSES = (
    "constraint",
    "primary",
    "not",
    "null",
    "unique",
    "check",
    "default",
    "collate",
    "references",
    "generated",
    "as",
    "deferrable",
)
_TABLE_CLAUSES = ("constraint", "primary", "unique", "check", "foreign")
_CONFLICTS = word_set("rollback abort fail ignore replace")


class NotUnderstood(Exception):
    """The text has a clause that is not known here: nothing can be said of its meaning."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's clauses, as facts; its type and its default are for a PRAGMA to tell."""

    name: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Constraint:
    """A primary key, a unique constraint, a check or a foreign key, wherever it was written. `name` may be empty."""

    kind: str
    name: str
    columns: tuple[str, ...]
    definition: str


@dataclass(frozen=True, slots=True)
class Definition:
    """A table as its text defines it. `options` are the facts of the table as a whole."""

    columns: tuple[Column, ...]
    constraints: tuple[Constraint, ...]
    options: Mapping[str, str]


@dataclass(slots=True)
class _Reader:
    """Takes tokens one after the other."""

    found: Sequence[Token]
    at: int = 0

    @property
    def next(self) -> Token:
        """The token that comes; one of no kind at the end."""
        return self.found[self.at] if self.at < len(self.found) else Token("end", "", 0, 0)

    def take(self) -> Token:
        """Take the next token, whatever it is."""
        token = self.next
        if token.kind == "end":
            raise NotUnderstood
        self.at += 1
        return token

    def has(self, *words: str) -> bool:
        """Take these words, if they come next, all of them."""
        coming = self.found[self.at : self.at + len(words)]
        if len(coming) < len(words) or not all(t.is_word(w) for t, w in zip(coming, words, strict=True)):
            return False
        self.at += len(words)
        return True

    def expect(self, *words: str) -> None:
        """Take these words."""
        if not self.has(*words):
            raise NotUnderstood

    def name(self) -> str:
        """Take a name."""
        found = self.take().name
        if found is None:
            raise NotUnderstood
        return found

    def group(self) -> Sequence[Token]:
        """Take a text in parentheses, and give what is in them."""
        if self.take().text != "(":
            raise NotUnderstood
        start, depth = self.at, 1
        while depth:
            token = self.take()
            depth += (token.text == "(") - (token.text == ")")
        return self.found[start : self.at - 1]


@dataclass(slots=True)
class _Table:
    """A definition while it is being read; `names` are the folded names of its columns."""

    names: frozenset[str] = frozenset()
    columns: list[Column] = field(default_factory=list)
    constraints: list[Constraint] = field(default_factory=list)
    autoincrement: bool = False


@lru_cache(maxsize=2000)
def read_table(sql: str) -> Definition | None:
    """What the text of a CREATE TABLE says; None where not all of it is understood."""
    try:
        return _table(_Reader(tokens(sql)))
    except NotUnderstood:
        return None


def _table(reader: _Reader) -> Definition:
    reader.expect("create", "table")
    reader.name()
    parts = [_Reader(part) for part in listed(reader.group())]
    table = _Table(_names(parts))
    for part in parts:
        if part.next.is_word(*_TABLE_CLAUSES):
            _table_constraints(part, table)
        else:
            _column(part, table)
    options = _options(reader) | ({"autoincrement": "yes"} if table.autoincrement else {})
    return Definition(tuple(table.columns), tuple(table.constraints), options)


def _names(parts: Sequence[_Reader]) -> frozenset[str]:
    columns = (part.next.name for part in parts if not part.next.is_word(*_TABLE_CLAUSES))
    return frozenset(fold(name) for name in columns if name is not None) | {"rowid", "_rowid_", "oid"}


def _options(reader: _Reader) -> dict[str, str]:
    found: dict[str, str] = {}
    while reader.next.kind != "end":
        if reader.next.text == "," and found:
            reader.take()
        elif reader.has("strict"):
            found["strict"] = "yes"
        else:
            reader.expect("without", "rowid")
            found["row ids"] = "no"
    return found


def _column(reader: _Reader, table: _Table) -> None:
    name = reader.name()
    while reader.next.name is not None and not reader.next.is_word(*_COLUMN_CLAUSES):
        reader.take()
    if reader.next.text == "(":
        reader.group()
    facts: dict[str, str] = {}
    label = ""
    while reader.next.kind != "end":
        label = reader.name() if reader.has("constraint") else _column_clause(reader, table, (name, label), facts)
    table.columns.append(Column(name, facts))


def _column_clause(reader: _Reader, table: _Table, who: tuple[str, str], facts: dict[str, str]) -> str:
    """Read a clause; gives the name of the next one, which is not known yet."""
    name, label = who
    if reader.has("not", "null"):
        facts["not null"] = f"yes{_conflict(reader)}{f', constraint {quote_name(fold(label))}' if label else ''}"
    elif reader.has("null"):
        # Accepted, and without a meaning.
        _conflict(reader)
    elif reader.has("default"):
        _default(reader)
    elif reader.has("collate"):
        facts["collation"] = fold(reader.name())
    elif reader.next.is_word("generated", "as"):
        reader.has("generated", "always")
        reader.expect("as")
        facts["generated"] = f"({settled(reader.group(), table.names)})"
        reader.has("stored") or reader.has("virtual")
    else:
        _column_constraint(reader, table, name, label)
    return ""


def _column_constraint(reader: _Reader, table: _Table, name: str, label: str) -> None:
    column = quote_name(fold(name))
    if reader.has("primary", "key"):
        # Only here does DESC keep an INTEGER PRIMARY KEY from being the row id.
        order = " desc" if reader.has("desc") else ""
        reader.has("asc")
        definition = f"primary key ({column}{order}){_conflict(reader)}"
        table.autoincrement |= reader.has("autoincrement")
        table.constraints.append(Constraint("primary key", label, (name,), definition))
    elif reader.has("unique"):
        table.constraints.append(Constraint("unique", label, (name,), f"unique ({column}){_conflict(reader)}"))
    elif reader.next.is_word("references"):
        table.constraints.append(_foreign_key(reader, label, (name,)))
    elif reader.has("check"):
        table.constraints.append(_check(reader, table, label))
    else:
        raise NotUnderstood


def _table_constraints(reader: _Reader, table: _Table) -> None:
    """Read one table constraint, or several: the comma between them may be missing."""
    label = ""
    while reader.next.kind != "end":
        if reader.has("constraint"):
            label = reader.name()
            continue
        table.constraints.append(_table_constraint(reader, table, label))
        label = ""


def _table_constraint(reader: _Reader, table: _Table, label: str) -> Constraint:
    if reader.has("check"):
        check = _check(reader, table, label)
        # Accepted, and without a meaning.
        _conflict(reader)
        return check
    if reader.has("foreign", "key"):
        return _foreign_key(reader, label, _column_names(reader.group()))
    if reader.has("primary", "key"):
        kind = "primary key"
    else:
        reader.expect("unique")
        kind = "unique"
    return _key(reader, table, kind, label)


def _key(reader: _Reader, table: _Table, kind: str, label: str) -> Constraint:
    inside = list(reader.group())
    if inside and inside[-1].is_word("autoincrement"):
        table.autoincrement = True
        inside.pop()
    terms = [without_asc(part) for part in listed(inside)]
    texts = ", ".join(settled(part, table.names) for part in terms)
    columns = tuple(part[0].name or "" for part in terms if part)
    return Constraint(kind, label, columns, f"{kind} ({texts}){_conflict(reader)}")


def _check(reader: _Reader, table: _Table, label: str) -> Constraint:
    return Constraint("check", label, (), f"check ({settled(reader.group(), table.names)})")


def _foreign_key(reader: _Reader, label: str, columns: tuple[str, ...]) -> Constraint:
    reader.expect("references")
    parent = quote_name(fold(reader.name()))
    parents = f" {_listed(_column_names(reader.group()))}" if reader.next.text == "(" else ""
    definition = f"foreign key {_listed(columns)} references {parent}{parents}{_actions(reader)}{_deferred(reader)}"
    return Constraint("foreign key", label, columns, definition)


def _actions(reader: _Reader) -> str:
    """ON DELETE and ON UPDATE; MATCH and ON INSERT are accepted, and without a meaning."""
    found: dict[str, str] = {}
    while reader.next.is_word("on", "match"):
        if reader.take().is_word("match"):
            reader.name()
            continue
        event = fold(reader.take().text)
        words = [fold(reader.take().text)]
        if words[0] in ("set", "no"):
            words.append(fold(reader.take().text))
        found[event] = " ".join(words)
    acting = ((event, found.get(event, "no action")) for event in ("delete", "update"))
    return "".join(f" on {event} {action}" for event, action in acting if action != "no action")


def _deferred(reader: _Reader) -> str:
    negated = reader.has("not", "deferrable")
    if not negated and not reader.has("deferrable"):
        return ""
    deferred = reader.has("initially", "deferred")
    if not deferred:
        reader.has("initially", "immediate")
    return " initially deferred" if deferred and not negated else ""


def _default(reader: _Reader) -> None:
    if reader.next.text == "(":
        reader.group()
        return
    if reader.take().text in ("+", "-"):
        reader.take()


def _conflict(reader: _Reader) -> str:
    """ON CONFLICT, if it comes next; ABORT is what happens without it."""
    if not reader.has("on", "conflict"):
        return ""
    how = fold(reader.take().text)
    if how not in _CONFLICTS:
        raise NotUnderstood
    return "" if how == "abort" else f" on conflict {how}"


def _column_names(inside: Sequence[Token]) -> tuple[str, ...]:
    parts = list(listed(inside))
    if any(len(part) != 1 or part[0].name is None for part in parts):
        raise NotUnderstood
    return tuple(part[0].name or "" for part in parts)


def _listed(names: Sequence[str]) -> str:
    return f"({', '.join(quote_name(fold(name)) for name in names)})"


def without_asc(part: Sequence[Token]) -> Sequence[Token]:
    """A term of a key without the ASC that it has anyway."""
    return part[:-1] if part and part[-1].is_word("asc") else part
