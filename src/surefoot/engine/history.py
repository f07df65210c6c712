"""The history and the journal on the target: Surefoot's own tables, keyed by project.

`surefoot_history` has one row for each application of a migration, and says when that was rolled back; a second live
row of a version cannot be written. `surefoot_journal` has a row for each block of a step that is in progress and does
not run as one transaction; it is empty between steps. `surefoot_schema` has the schema that the last run left, where
that is recorded. `surefoot_format` holds the version of this layout.

Nothing here commits: the caller's transaction does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from surefoot import __version__
from surefoot.engine.checksum import checksum
from surefoot.engine.dialects.target import Row, Target
from surefoot.engine.model import Applied, Direction, Migration, Script
from surefoot.engine.scripts import pack, unpack
from surefoot.errors import HistoryTooNew, LockTimeout, Refused, StatementFailed

_APPLIED = (
    "id, version, name, kind, checksum, down_checksum, applied_at, applied_by, duration_ms, run_id, "
    "rolled_back_at, rolled_back_by"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal row: a block of the step in progress. `state` is started, done or failed."""

    version: str
    direction: Direction
    block: int
    checksum: str
    state: str
    before: str
    statement: str
    started_at: datetime | None = None
    error: str | None = None


class History:
    """The history of one project on one target."""

    def __init__(self, target: Target, project: str, author: str) -> None:
        """`author` is the person or service that applies, as it is to stand in the history."""
        self.target = target
        self.project = project
        self.author = author

    def exists(self) -> bool:
        """Whether the target has Surefoot's tables, of a version that this Surefoot knows. Raises HistoryTooNew."""
        return self.target.has_history() and self._check_format() > 0

    def _check_format(self) -> int:
        current = self._format()
        newest = len(self.target.history_ddl())
        if current > newest:
            raise HistoryTooNew(
                f"The history on {self.target.label} has format {current}; this Surefoot knows {newest}.",
                hint="Use the Surefoot that wrote it, or a newer one.",
                found=current,
                known=newest,
            )
        return current

    def _format(self) -> int:
        rows = self.target.query(f"SELECT max(version) FROM {self.target.table('format')}")
        return int(rows[0][0] or 0)

    def ensure(self) -> None:
        """Create Surefoot's tables, or bring them to this version, each version in a transaction of its own.

        The caller holds the runner lock.
        """
        target = self.target
        current = self._check_format() if target.has_history() else 0
        for version, statements in enumerate(target.history_ddl()[current:], start=current + 1):
            try:
                self._upgrade(version, statements)
            except (StatementFailed, LockTimeout):
                target.rollback()
                # Another project's run, under a lock of its own, may have been faster.
                if not target.has_history() or self._format() < version:
                    raise

    def _upgrade(self, version: int, statements: Sequence[str]) -> None:
        target = self.target
        target.begin(clean=True)
        for sql in statements:
            target.query(sql)
        places = f"(version, created_at) VALUES (%s, {target.now})"
        target.query(f"INSERT INTO {target.table('format')} {places}", (version,))
        target.commit()

    def read(self) -> list[Applied]:
        """Every row of the project, oldest first, without the stored scripts."""
        rows = self.target.query(
            f"SELECT {_APPLIED} FROM {self.target.table('history')} WHERE project = %s ORDER BY id",
            (self.project,),
        )
        return [self._applied(row) for row in rows]

    def other_projects(self) -> list[str]:
        """The names of the other projects that have a history here, in order."""
        rows = self.target.query(
            f"SELECT DISTINCT project FROM {self.target.table('history')} WHERE project <> %s ORDER BY project",
            (self.project,),
        )
        return [str(row[0]) for row in rows]

    def _applied(self, row: Row) -> Applied:
        utc = self.target.utc
        return Applied(
            id=row[0],
            version=row[1],
            name=row[2],
            kind=row[3],
            checksum=row[4],
            down_checksum=row[5],
            applied_at=utc(row[6]),
            applied_by=row[7],
            duration_ms=row[8],
            run_id=row[9],
            rolled_back_at=utc(row[10]) if row[10] else None,
            rolled_back_by=row[11],
        )

    def scripts(self, applied: Applied) -> tuple[tuple[Script, ...], tuple[Script, ...] | None]:
        """The scripts as they were when the migration was applied: up, and down or None."""
        rows = self.target.query(
            f"SELECT up_scripts, down_scripts FROM {self.target.table('history')} WHERE id = %s",
            (applied.id,),
        )
        up, down = rows[0]
        return unpack(bytes(up)), unpack(bytes(down)) if down is not None else None

    def record_up(self, migration: Migration, run_id: str, duration_ms: int, kind: str = "migration") -> None:
        """Write that the migration is applied."""
        columns = (
            "project, version, name, kind, checksum, down_checksum, up_scripts, down_scripts, "
            "applied_by, duration_ms, run_id, surefoot_version, applied_at"
        )
        self.target.query(
            f"INSERT INTO {self.target.table('history')} ({columns}) "
            f"VALUES ({', '.join(['%s'] * 12)}, {self.target.now})",
            (
                self.project,
                migration.version,
                migration.name,
                kind,
                *_texts(migration),
                self.author,
                duration_ms,
                run_id,
                __version__,
            ),
        )

    def record_down(self, version: str, run_id: str, duration_ms: int) -> None:
        """Write that the version was rolled back. Raises Refused where the history has no live row of it any more."""
        table, live = self.target.table("history"), "project = %s AND version = %s AND rolled_back_at IS NULL"
        if not self.target.query(f"SELECT id FROM {table} WHERE {live}", (self.project, version)):
            raise Refused(
                f"The history has no live row of {version} any more, so its rollback cannot be written down.",
                hint="Its way back, or somebody else, changed Surefoot's own tables; take that out, and run it again.",
                version=version,
            )
        self.target.query(
            f"UPDATE {table} SET rolled_back_at = {self.target.now}, rolled_back_by = %s, "
            f"rolled_back_run_id = %s, rollback_ms = %s WHERE {live}",
            (self.author, run_id, duration_ms, self.project, version),
        )

    def accept(self, migration: Migration) -> None:
        """Replace the stored texts of an applied migration by the folder's."""
        self.target.query(
            f"UPDATE {self.target.table('history')} SET checksum = %s, down_checksum = %s, up_scripts = %s, "
            "down_scripts = %s WHERE project = %s AND version = %s AND rolled_back_at IS NULL",
            (*_texts(migration), self.project, migration.version),
        )

    def journal(self) -> list[Entry]:
        """The blocks of the step in progress, in order; empty between steps."""
        rows = self.target.query(
            "SELECT version, direction, block, checksum, state, before_state, statement, started_at, error "
            f"FROM {self.target.table('journal')} WHERE project = %s ORDER BY block",
            (self.project,),
        )
        return [self._entry(row) for row in rows]

    def _entry(self, row: Row) -> Entry:
        version, direction, block, text, state, before, statement, started_at, error = row
        started = self.target.utc(started_at)
        return Entry(version, Direction(direction), block, text, state, before, statement, started, error)

    def note_block(self, entry: Entry, run_id: str) -> None:
        """Write or overwrite the journal row of a block."""
        self.forget_block(entry.block)
        self.target.query(
            f"INSERT INTO {self.target.table('journal')} (project, version, direction, block, run_id, checksum, "
            "state, before_state, statement, error, started_at) "
            f"VALUES ({', '.join(['%s'] * 10)}, {self.target.now})",
            (
                self.project,
                entry.version,
                entry.direction.value,
                entry.block,
                run_id,
                entry.checksum,
                entry.state,
                entry.before,
                entry.statement,
                entry.error,
            ),
        )

    def mark_block(self, block: int, state: str, error: str | None = None) -> None:
        """Change the state of a block that was noted before."""
        self.target.query(
            f"UPDATE {self.target.table('journal')} SET state = %s, error = %s WHERE project = %s AND block = %s",
            (state, error, self.project, block),
        )

    def forget_block(self, block: int) -> None:
        """Take a block out of the journal: it is as if it had never been tried."""
        self.target.query(
            f"DELETE FROM {self.target.table('journal')} WHERE project = %s AND block = %s",
            (self.project, block),
        )

    def record_schema(self, snapshot: bytes, run_id: str) -> None:
        """Keep the schema that a run left; it takes the place of the one kept before."""
        table = self.target.table("schema")
        self.target.query(f"DELETE FROM {table} WHERE project = %s", (self.project,))
        self.target.query(
            f"INSERT INTO {table} (project, run_id, snapshot, recorded_at) VALUES (%s, %s, %s, {self.target.now})",
            (self.project, run_id, snapshot),
        )

    def recorded_schema(self) -> tuple[bytes, datetime] | None:
        """The schema that was kept, and when; None where none was."""
        if not self.exists() or self._format() < 2:
            return None
        rows = self.target.query(
            f"SELECT snapshot, recorded_at FROM {self.target.table('schema')} WHERE project = %s", (self.project,)
        )
        return (bytes(rows[0][0]), self.target.utc(rows[0][1])) if rows else None

    def forget_step(self) -> None:
        """Empty the project's journal: no step is in progress."""
        self.target.query(f"DELETE FROM {self.target.table('journal')} WHERE project = %s", (self.project,))


def _texts(migration: Migration) -> Sequence[object]:
    """The columns checksum, down_checksum, up_scripts, down_scripts."""
    down = migration.down
    return (
        checksum(migration.up),
        checksum(down) if down is not None else None,
        pack(migration.up),
        pack(down) if down is not None else None,
    )
