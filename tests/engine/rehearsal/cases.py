"""The library of pairs: each a file with what was there before, an up, a down, and the verdict that they deserve.

A line `-- verdict: different` says the verdict. Each `-- finds: TEXT` has to stand in what the rehearsal says of the
pair: `table public.orders: removed`, `loss public.orders: 2 of 5 (note)`, `failure down: TEXT`, `again column ...`,
`warning RULE`, `excuse OBJECT`, `way back: STATEMENT` or `missing: TEXT`. `-- only: pg18` keeps it to a server, and
`-- own server: yes` gives it one of its own, whose roles nobody else sees. The parts begin at the lines `-- base`,
`-- up` and `-- down`; without a down the migration has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from surefoot.engine.dialects.shadow import Shadow
from surefoot.engine.model import Folder, Fragment, Migration, Script
from surefoot.engine.rehearsal.model import Rehearsed
from surefoot.engine.rehearsal.stage import Stage
from surefoot.engine.rehearsal.stakes import Stakes
from surefoot.engine.rehearsal.trial import Trial

LIBRARY = Path(__file__).parent / "library"
_PART = re.compile(r"^-- (base|up|down)$", re.MULTILINE)
_HEAD = re.compile(r"^-- (verdict|finds|only|own server): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Case:
    """One pair of the library."""

    name: str
    verdict: str
    finds: tuple[str, ...]
    only: str | None
    own_server: bool
    base: str
    up: str
    down: str | None


def cases(dialect: str) -> list[Case]:
    """Every pair for a dialect, by name."""
    return [read_case(path) for path in sorted((LIBRARY / dialect).glob("*.sql"))]


def read_case(path: Path) -> Case:
    """A file of the library."""
    head, *rest = _PART.split(path.read_text(encoding="utf-8"))
    parts = dict(zip(rest[::2], rest[1::2], strict=True))
    said = _HEAD.findall(head)
    only = [value for key, value in said if key == "only"]
    return Case(
        path.stem,
        next(value for key, value in said if key == "verdict"),
        tuple(value for key, value in said if key == "finds"),
        only[0] if only else None,
        ("own server", "yes") in said,
        parts.get("base", ""),
        parts["up"],
        parts.get("down"),
    )


def try_case(shadow: Shadow, case: Case, rows: int = 3) -> Rehearsed:
    """Rehearse a pair on a shadow that was just opened."""
    stage = Stage(shadow, Folder("", "native", ()))
    if case.base.strip():
        stage.replay(migration("1", case.base, None))
    stage.keep()
    return Trial(stage, Stakes(shadow, rows)).rehearse(migration("2", case.up, case.down))


def migration(version: str, up: str, down: str | None) -> Migration:
    """A migration of these texts."""
    name = f"{version}_case"
    back = None if down is None else script(f"{name}.down.sql", down)
    return Migration(version, "case", script(f"{name}.up.sql", up), back)


def script(path: str, text: str) -> tuple[Script, ...]:
    """A script of one text."""
    return (Script(path, (Fragment(text),)),)


def told(rehearsed: Rehearsed) -> Iterator[str]:
    """What the rehearsal says of a pair, one thing a line."""
    yield from (f"{item.key}: {item.change}" for item in rehearsed.differences)
    yield from (f"again {item.key}: {item.change}" for item in rehearsed.again)
    for item in rehearsed.losses:
        yield f"loss {item.table}: {item.rows} of {item.of} ({', '.join(item.columns)}), {item.left} left"
    yield from (f"warning {item.rule}" for item in rehearsed.warnings)
    yield from (f"excuse {item.key}" for item in rehearsed.excuses)
    if rehearsed.failure:
        yield f"failure {rehearsed.failure.phase}: {rehearsed.failure.message}"
    if rehearsed.way_back:
        yield from (f"way back: {statement}" for statement in rehearsed.way_back.statements)
        yield from (f"missing: {item}" for item in rehearsed.way_back.missing)
