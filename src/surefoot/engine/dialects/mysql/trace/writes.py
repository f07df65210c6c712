"""Which tables a statement may have written to, as far as its text alone can prove it."""

from __future__ import annotations

from surefoot.engine.dialects.mysql.names import Piece, located, named

# They make, change or remove what holds no rows.
_NO_ROWS = frozenset({"VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "PACKAGE", "PACKAGE BODY", "DATABASE"})
# Rows that come from elsewhere, partitions that change places with tables, and values of sequences.
_ELSEWHERE = frozenset(
    {"SELECT", "WITH", "VALUES", "TABLE", "EXCHANGE", "CONVERT", "NEXTVAL", "NEXT", "SETVAL", "IMPORT"}
)


def written_by(sql: str) -> frozenset[str] | None:
    """The names of the tables and sequences whose rows the statement may have changed; None where anything may.

    Only changes of definitions are understood: what a query or a change of rows calls, fires and cascades to, its text
    does not say.
    """
    pieces = [piece for piece, _, _ in located(sql)]
    if pieces and pieces[0].key == "SET":
        return frozenset() if _is_plain(pieces) else None
    made = named(sql)
    if made is None:
        return None
    if made.kind in _NO_ROWS:
        return frozenset()
    if made.kind not in {"TABLE", "SEQUENCE"} or not _ELSEWHERE.isdisjoint(_beside_names(pieces)):
        return None
    return frozenset(name[-1] for name in made.names)


def _is_plain(pieces: list[Piece]) -> bool:
    """Whether a SET gives settings values and calls nothing."""
    keys = {piece.key for piece in pieces}
    return keys.isdisjoint({"(", "SELECT", "STATEMENT"})


def _beside_names(pieces: list[Piece]) -> set[str]:
    """The words of a statement but for the one that says what it is about."""
    keys = [piece.key for piece in pieces]
    about = next((index for index, key in enumerate(keys) if key in {"TABLE", "TABLES"}), 0)
    return {key for index, key in enumerate(keys) if index != about}
