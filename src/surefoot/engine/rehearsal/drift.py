"""Drift: what a target's schema has, and should not have, or the other way round."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from surefoot.engine import api
from surefoot.engine.dialects.shadow import Place
from surefoot.engine.dialects.target import Target
from surefoot.engine.history import History
from surefoot.engine.model import Folder, Migration
from surefoot.engine.prepare import Project
from surefoot.engine.rehearsal.shadows import make_shadow, opened
from surefoot.engine.rehearsal.stage import Stage
from surefoot.engine.snapshot import (
    COMPARISON,
    Difference,
    Excuse,
    Excuser,
    ObjectKey,
    Snapshot,
    compare,
    is_of_server,
    without,
)
from surefoot.errors import Refused


@dataclass(frozen=True, slots=True)
class Drift:
    """What differs between the schema that a target should have (before) and the one it has (after).

    `expected` says in words where the expected schema comes from.
    """

    target: str
    expected: str
    differences: tuple[Difference, ...]
    excuses: tuple[Excuse, ...]
    notes: tuple[str, ...] = ()


def pack(snapshot: Snapshot) -> bytes:
    """The snapshot as compressed JSON, from which `unpack` makes an equal one."""
    plain = {
        "comparison": COMPARISON,
        "engine": snapshot.engine,
        "objects": [[*key, dict(facts)] for key, facts in sorted(snapshot.objects.items())],
        "orders": {table: list(columns) for table, columns in snapshot.orders.items()},
    }
    return zlib.compress(json.dumps(plain, ensure_ascii=False).encode())


def unpack(data: bytes) -> Snapshot:
    """The snapshot that `pack` was given. Raises Refused where another Surefoot's comparison wrote it."""
    plain = json.loads(zlib.decompress(data))
    if plain["comparison"] != COMPARISON:
        raise Refused(
            f"The recorded schema was made by comparison {plain['comparison']}; this one compares by {COMPARISON}.",
            hint="Compare with the history replayed: `surefoot drift --expected replay`. The next run records it anew.",
        )
    objects = {ObjectKey(kind, name): facts for kind, name, facts in plain["objects"]}
    return Snapshot(plain["engine"], objects, {table: tuple(columns) for table, columns in plain["orders"].items()})


def record(target: Target, project: Project, run_id: str) -> None:
    """Keep the target's schema as it is now beside its history, in one transaction."""
    snapshot = target.snapshot()
    target.begin(clean=True)
    api.open_history(target, project).record_schema(pack(snapshot), run_id)
    target.commit()


def drift(target: Target, project: Project, dialect: str, place: Place, expected: str = "auto") -> Drift:
    """Compare the target's schema with the expected one; changes nothing on the target.

    `expected` is `recorded` (after the last run), `replay` (the applied migrations, as the history has them, on an
    empty shadow database), or `auto`: recorded where there is a record of the last run. Raises Refused where there is
    none to be had.
    """
    history = api.open_history(target, project)
    kept = None if expected == "replay" else _last_record(history, must=expected == "recorded")
    if kept is not None:
        # Texts of one and the same database need no shadow to be compared, but SQLite's say a thing twice.
        excuse = make_shadow(dialect, place).excuse if dialect == "sqlite" else _no_excuse
        found = _against(kept, target, excuse)
    else:
        found = _replayed(target, history, dialect, place)
    return replace(found, notes=(*_caveats(history), *found.notes))


def _last_record(history: History, *, must: bool) -> tuple[Snapshot, datetime] | None:
    """The schema that the last run left, and when; None where that run recorded none, or Refused where it `must`."""
    kept = history.recorded_schema()
    if kept is not None and kept[1] >= _last_change(history):
        return unpack(kept[0]), kept[1]
    if must:
        label = history.target.label
        what = "An older run's schema is recorded, not the last one's," if kept else "No schema is recorded"
        raise Refused(
            f"{what} on {label}.",
            hint="Set `record = true`: each run that succeeds then records what it leaves. Or use --expected replay.",
        )
    return None


def _last_change(history: History) -> datetime:
    return max(
        (row.rolled_back_at or row.applied_at for row in history.read()), default=datetime.min.replace(tzinfo=UTC)
    )


def _caveats(history: History) -> Iterator[str]:
    """What else may have changed the schema than a hand."""
    if not history.exists():
        return
    if others := history.other_projects():
        yield f"what other projects made here counts as drift: {', '.join(others)}"
    for version in dict.fromkeys(entry.version for entry in history.journal()):
        yield f"{version} stopped half-way: what it did so far counts as drift"


def _no_excuse(_difference: Difference) -> None:
    return None


def _against(kept: tuple[Snapshot, datetime], target: Target, excuse: Excuser) -> Drift:
    before, recorded_at = kept
    now = target.snapshot()
    if before.engine != now.engine:
        raise Refused(
            f"The schema was recorded on {before.engine}, and {target.label} is {now.engine} now: they say some things "
            "in other words.",
            hint="Compare with the history replayed: `surefoot drift --expected replay`. The next run records it anew.",
        )
    found = compare(_schema(before), _schema(now), excuse)
    text = f"recorded at {recorded_at:%Y-%m-%d %H:%M:%S %Z}"
    return Drift(target.label, text, found.differences, found.excuses)


def _replayed(target: Target, history: History, dialect: str, place: Place) -> Drift:
    migrations, actual = tuple(_applied(history)), _schema(target.snapshot())
    with _gone_through(migrations, dialect, place) as stage:
        found = compare(_schema(stage.shadow.snapshot()), actual, stage.shadow.excuse)
        count = f"{len(migrations)} applied migration{'s' if len(migrations) != 1 else ''}"
        text = f"{count}, replayed on {stage.shadow.label}"
        return Drift(target.label, text, found.differences, found.excuses, stage.shadow.notes)


def _applied(history: History) -> Iterator[Migration]:
    """The migrations that are in force, as they were applied, in that order. Raises Refused where there are none."""
    rows = [row for row in (history.read() if history.exists() else ()) if row.rolled_back_at is None]
    if not rows:
        raise Refused("Nothing is applied here: no schema can be expected.", hint="Apply or baseline first.")
    for row in rows:
        up, down = history.scripts(row)
        yield Migration(row.version, row.name, up, down)


@contextmanager
def _gone_through(migrations: Sequence[Migration], dialect: str, place: Place) -> Iterator[Stage]:
    """A stage on an empty shadow that has gone through these migrations."""
    with opened(dialect, replace(place, copy_schema=False, dump=None)) as shadow:
        stage = Stage(shadow, Folder("", "native", ()))
        for migration in migrations:
            stage.replay(migration)
        yield stage


def _schema(snapshot: Snapshot) -> Snapshot:
    """Without what belongs to the server: other databases change it too, and a shadow has its own."""
    return without(snapshot, is_of_server)
