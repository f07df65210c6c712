"""A statement that changes a table, taken apart so that the server can be asked how it would carry it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from surefoot.engine.dialects.mysql.bind import quote
from surefoot.engine.dialects.mysql.names import named
from surefoot.engine.dialects.mysql.snapshot.clauses import Text, Token, read, split

_STATED = frozenset({"ALGORITHM", "LOCK"})
# They stand behind the other changes of a table without a comma, and MariaDB looks at no ALGORITHM beside them.
_PARTITIONING = (("PARTITION", "BY"), ("REMOVE", "PARTITIONING"))
# What is done to single partitions goes with nothing else; of it, this moves rows.
_OF_PARTITIONS = frozenset({"PARTITION", "PARTITIONS"})
_MOVES_ROWS = frozenset({"REORGANIZE", "COALESCE", "REBUILD", "OPTIMIZE"})


@dataclass(frozen=True, slots=True)
class Alteration:
    """The changes of a table, each as its author wrote it, without the ALGORITHM and LOCK that they state.

    `table` is the table's name, and `becomes` the one that it has afterwards. `algorithm` and `lock` are what was
    stated, in upper case; empty where nothing was, or DEFAULT. `repartitions`: all rows go to other partitions.
    """

    table: str
    becomes: str
    changes: tuple[str, ...]
    algorithm: str = ""
    lock: str = ""
    repartitions: bool = False

    @property
    def of_partitions(self) -> bool:
        """Whether it is about single partitions: MariaDB takes no ALGORITHM with it."""
        words = self.changes[0].upper().split()[:2]
        return len(words) > 1 and words[1] in _OF_PARTITIONS and words[0] != "REMOVE"

    @property
    def moves_rows(self) -> bool:
        """Whether it is about single partitions, and writes rows anew."""
        return self.of_partitions and self.changes[0].upper().split()[0] in _MOVES_ROWS

    def stating(self, algorithm: str, lock: str) -> str:
        """The same changes by an algorithm, under a lock, as ALTER TABLE."""
        stated = f"ALGORITHM={algorithm}" + (f", LOCK={lock}" if lock else "")
        return f"ALTER TABLE {quote(self.table)} {stated}, {', '.join(self.changes)}"


def read_alteration(sql: str) -> Alteration | None:
    """ALTER TABLE, CREATE INDEX and DROP INDEX taken apart; None for anything else."""
    made = named(sql)
    if made is None or made.kind != "TABLE" or not made.names:
        return None
    text = read(sql)
    parts = _parts(text)
    if parts is None:
        return None
    stated = [_stated(part) for part in parts]
    changes = tuple(str(part) for part, found in zip(parts, stated, strict=True) if not found and part.tokens)
    words = {name: value for found in stated if found for name, value in [found]}
    if not changes:
        return None
    return Alteration(
        made.names[0][-1],
        made.names[-1][-1],
        changes,
        words.get("ALGORITHM", "").replace("DEFAULT", ""),
        words.get("LOCK", "").replace("DEFAULT", ""),
        any(text.find(*keys) < len(text.tokens) for keys in _PARTITIONING),
    )


def _parts(text: Text) -> list[Text] | None:
    """The changes; None where the statement makes or removes something else than an index."""
    first = text.tokens[0].key
    index, on = text.find("INDEX"), text.find("ON")
    table = text.find("TABLE")
    if first == "ALTER" and table < len(text.tokens):
        return split(text.since(_after_name(text, table + 1)))
    if index == len(text.tokens) or on == len(text.tokens):
        return None
    behind = _after_name(text, on + 1)
    tail, cut = _without_stated(text.since(behind))
    if first == "DROP":
        return [Text(text.sql, [text.tokens[0], *text.tokens[index:on]]), *cut]
    kind = [token for token in text.tokens[:index] if token.key in {"UNIQUE", "FULLTEXT", "SPATIAL", "VECTOR"}]
    return [_added(text, kind, text.tokens[index:on], tail), *cut]


def _added(text: Text, kind: Sequence[Token], name: Sequence[Token], tail: Text) -> Text:
    """ADD INDEX, from the pieces of CREATE INDEX."""
    words = [text.sql[token.start : token.end] for token in (*kind, *name)]
    return read(" ".join(["ADD", *words, str(tail)]))


def _after_name(text: Text, at: int) -> int:
    """The index behind a table's name, and behind how long is waited for it."""
    keys = [token.key for token in text.tokens]
    if keys[at : at + 2] == ["IF", "EXISTS"]:
        at += 2
    at += 3 if keys[at + 1 : at + 2] == ["."] else 1
    if keys[at : at + 1] == ["WAIT"]:
        return at + 2
    return at + 1 if keys[at : at + 1] == ["NOWAIT"] else at


def _stated(part: Text) -> tuple[str, str] | None:
    """ALGORITHM or LOCK, and what it says, where the part is one of them."""
    keys = [token.key for token in part.tokens if token.key != "="]
    return (keys[0], keys[1]) if len(keys) == 2 and keys[0] in _STATED else None


def _without_stated(tail: Text) -> tuple[Text, list[Text]]:
    """What follows the table of CREATE INDEX, and the ALGORITHM and LOCK at its end."""
    starts = [index for index, token in enumerate(tail.tokens) if token.key in _STATED and token.depth == 0]
    if not starts:
        return tail, []
    ends = [*starts[1:], len(tail.tokens)]
    return tail.until(starts[0]), [tail.until(end).since(start) for start, end in zip(starts, ends, strict=True)]
