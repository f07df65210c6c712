"""Texts of the database, made fit to be shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

# Everything that a terminal could take for a command: definitions and messages may hold anything.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def scrubbed(value: Any, clean: Callable[[str], str]) -> Any:
    """The same value, of frozen dataclasses and tuples, with every text in it cleaned."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, tuple):
        items = [scrubbed(item, clean) for item in value]
        make = getattr(value, "_make", tuple)
        return make(items)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: scrubbed(getattr(value, field.name), clean) for field in fields(value)})
    return value


def printable(text: str) -> str:
    """The text with what is no letter written out: an escape sequence does nothing any more."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), text).expandtabs(4)
