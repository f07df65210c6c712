"""Events as lines of text: JSON for programs, CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from surefoot.audit.model import Told
from surefoot.audit.rules import canonical, record_of
from surefoot.audit.store import COLUMNS

_HEAD = ("seq", *COLUMNS, "hash")
# A spreadsheet takes a cell that begins so for a formula, and would run it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001  # full-width signs, which are formulas too


def json_line(told: Told) -> str:
    """An event as a line of JSON: its record, with its place in the chain and the hash of its link."""
    place = {"seq": told.seq, "hash": told.hash.hex() if told.hash else None}
    return canonical({**record_of(told.event), **place}).decode() + "\n"


def csv_head() -> str:
    """The line of the names of the columns."""
    return _line(_HEAD)


def csv_line(told: Told) -> str:
    """An event as a line of CSV. A cell that a spreadsheet would take for a formula gets a `'` in front."""
    return _line([_cell(value) for value in (told.seq, *record_of(told.event).values(), told.hash)])


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return _safe(" ".join(map(str, value)))
    return _safe(value if isinstance(value, str) else canonical(value).decode())


def _safe(text: str) -> str:
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _line(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerow(cells)
    return written.getvalue()
