"""Lists in pages: each page says where the next one begins, so that what is added meanwhile moves nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from surefoot.errors import Invalid

T = TypeVar("T")
R = TypeVar("R")

Size = Annotated[int, Query(ge=1, le=200, description="How many at most.", examples=[50])]
Cursor = Annotated[
    str | None, Query(max_length=1000, description="`next` of the page before; left out for the first page.")
]


class Page(BaseModel, Generic[T]):
    """A part of a list."""

    items: list[T] = Field(description="The objects of this page, in the list's order.")
    next: str | None = Field(
        None, description="The `cursor` of the next page; null on the last one.", examples=["WyIyMDI2LTA3LTAxIl0"]
    )


def page_of(
    rows: Sequence[R], size: int, make: Callable[[R], T], key: Callable[[R], Sequence[str | int | UUID | datetime]]
) -> Page[T]:
    """A page from rows of which one more than `size` was asked for; `key` is what a row is sorted by."""
    shown = rows[:size]
    return Page(items=[make(row) for row in shown], next=cursor_of(*key(shown[-1])) if len(rows) > size else None)


def cursor_of(*key: str | int | UUID | datetime) -> str:
    """The last row's key as an opaque text that may stand in a URL."""
    parts = [part if isinstance(part, int) else _text(part) for part in key]
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


def _text(part: str | UUID | datetime) -> str:
    return part.isoformat() if isinstance(part, datetime) else str(part)


def key_of(cursor: str | None, *kinds: Callable[[Any], Any]) -> tuple[Any, ...] | None:
    """The key in a cursor, read part by part (`datetime.fromisoformat, UUID`); None without one. Raises Invalid."""
    if cursor is None:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return tuple(kind(_storable(part)) for kind, part in zip(kinds, parts, strict=True))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Invalid(
            "The cursor is not one of this list.", hint="Take `next` of the page before, or begin without a cursor."
        ) from error


def _storable(part: object) -> object:
    """A part that a database can compare. Raises ValueError."""
    if (isinstance(part, str) and "\0" in part) or (isinstance(part, int) and abs(part) >= 1 << 63):
        raise ValueError(part)
    return part
