"""What a way back is put together from: both snapshots, ranked statements, and what has to be written by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

from surefoot.engine.dialects.postgres.reverse.names import local, parent_of
from surefoot.engine.snapshot import Change, Difference, Facts, ObjectKey, Snapshot

# What depends on others goes before them, and comes back after them.
DROP_FIRST, DROP_VIEW, DROP_PART, DROP_COLUMN, DROP_TABLE, DROP_CODE, DROP_TYPE, DROP_SCHEMA = range(8)
CREATE_SCHEMA, CREATE_TYPE, CREATE_SEQUENCE, CREATE_CODE, CREATE_TABLE, CREATE_COLUMN, CHANGE = range(10, 17)
CREATE_CHECK, CREATE_KEY, CREATE_INDEX, CREATE_FOREIGN_KEY, CREATE_VIEW, CREATE_LAST, SAY, GRANT = range(20, 28)


@dataclass(slots=True)
class Way:
    """A way back from `after` to `before`, as it is put together."""

    before: Snapshot
    after: Snapshot
    steps: list[tuple[int, str]] = field(default_factory=list)
    missing: list[tuple[ObjectKey, str]] = field(default_factory=list)
    losses: list[ObjectKey] = field(default_factory=list)

    def add(self, rank: int, statement: str) -> None:
        """A statement, to run after those of lower ranks."""
        self.steps.append((rank, statement))

    def by_hand(self, key: ObjectKey, why: str) -> None:
        """Something that no statement was derived for."""
        self.missing.append((key, why))

    def statements(self) -> tuple[str, ...]:
        """The statements in the order in which they run, each once."""
        ranked = sorted(self.steps, key=lambda step: step[0])
        return tuple(dict.fromkeys(statement for _, statement in ranked))

    def facts(self, key: ObjectKey) -> Facts:
        """The facts of an object, as they were before, or else as they are after."""
        return self.before.objects.get(key) or self.after.objects.get(key) or {}

    def parent(self, key: ObjectKey) -> ObjectKey | None:
        """The object with which this one comes and goes; None where it stands by itself."""
        return parent_of(key, self.facts(key), self._holds)

    def _holds(self, key: ObjectKey) -> bool:
        return key in self.before.objects or key in self.after.objects

    def goes_with_parent(self, difference: Difference) -> bool:
        """Whether the object was added together with the one it belongs to, and goes when that goes."""
        parent = self.parent(difference.key)
        if difference.change is not Change.ADDED or parent is None:
            return False
        if parent.kind == "sequence" and not self._holds(parent):
            return not self._had_identity(parent.name)
        return parent in self.after.objects and parent not in self.before.objects

    def _had_identity(self, sequence: str) -> bool:
        """Whether a column's identity had the sequence before: such a one is no object, but a fact of its column."""
        return any(facts.get("identity_sequence") == sequence for facts in self.before.objects.values())

    @staticmethod
    def parent_name(key: ObjectKey) -> str:
        """Everything before the last part of a name."""
        return key.name[: -len(local(key.name)) - 1]
