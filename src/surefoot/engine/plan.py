"""From a folder and a history to the migrations that will run: pure decisions, or a refusal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from surefoot.engine.checksum import checksum
from surefoot.engine.model import Applied, Migration
from surefoot.errors import Missing, NoDown, OutOfOrder, Refused, UnknownVersion, UsageError

BEGINNING = "0"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A folder held against a history.

    `live`: what is applied now, oldest first. `pending`: in the order to run. `out_of_order`: those of `pending` that
    stand before an applied one. `edited`: applied, and the folder's text is another. `missing`: applied, and not in
    the folder.
    """

    live: tuple[Applied, ...]
    pending: tuple[Migration, ...]
    out_of_order: tuple[Migration, ...]
    edited: tuple[tuple[Applied, Migration], ...]
    missing: tuple[Applied, ...]


def compare(migrations: Sequence[Migration], history: Sequence[Applied]) -> Comparison:
    """Hold a folder's migrations (in its order) against every row of a history (oldest first)."""
    live = tuple(row for row in history if row.rolled_back_at is None)
    by_version = {row.version: row for row in live}
    known = {migration.version: migration for migration in migrations}
    pending = tuple(migration for migration in migrations if migration.version not in by_version)
    last = max((at for at, migration in enumerate(migrations) if migration.version in by_version), default=-1)
    before_last = {migration.version for migration in migrations[: last + 1]}
    return Comparison(
        live=live,
        pending=pending,
        out_of_order=tuple(migration for migration in pending if migration.version in before_last),
        edited=tuple(
            (row, known[row.version])
            for row in live
            if row.version in known and checksum(known[row.version].up) != row.checksum
        ),
        missing=tuple(row for row in live if row.version not in known),
    )


def choose_up(
    compared: Comparison, *, to: str | None = None, steps: int | None = None, allow: Collection[str] = ()
) -> tuple[Migration, ...]:
    """The pending migrations to run: all, those up to and including `to`, or the first `steps`.

    `allow` may hold `out-of-order` and `missing`. Raises Missing, OutOfOrder, UnknownVersion, UsageError. Edited
    migrations are the caller's to refuse first: the difference has to be shown.
    """
    check_steps(to, steps)
    if compared.missing and "missing" not in allow:
        raise _missing(compared.missing)
    chosen = _up_to(compared, to)[:steps]
    early = [migration for migration in compared.out_of_order if migration in chosen]
    if early and "out-of-order" not in allow:
        raise _out_of_order(early, compared)
    return chosen


def check_steps(to: str | None, steps: int | None) -> None:
    """Refuse `to` together with `steps`, and fewer steps than one."""
    if to is not None and steps is not None:
        raise UsageError("--to and --steps exclude each other.", hint="Give one of them.")
    if steps is not None and steps < 1:
        raise UsageError(f"--steps {steps} is less than one step.", hint="Give a whole number from 1.")


def _up_to(compared: Comparison, to: str | None) -> tuple[Migration, ...]:
    if to is None:
        return compared.pending
    versions = [migration.version for migration in compared.pending]
    if to in versions:
        return compared.pending[: versions.index(to) + 1]
    if any(row.version == to for row in compared.live):
        return ()
    names = {migration.version: migration.name for migration in compared.pending}
    names |= {row.version: row.name for row in compared.live}
    hint = f"{_near(to, names)}`surefoot status` lists the versions."
    raise UnknownVersion(f"There is no migration with version {to}.", hint=hint, version=to)


def _near(wanted: str, names: Mapping[str, str]) -> str:
    """What somebody may have meant who left out zeros, gave the name, or only the beginning."""
    near = [
        version
        for version, name in names.items()
        if version.lstrip("0") == wanted.lstrip("0") or wanted == name or version.startswith(wanted)
    ]
    return f"Did you mean {near[0]}? " if len(near) == 1 else ""


def _missing(rows: Sequence[Applied]) -> Missing:
    names = ", ".join(f"{row.version} {row.name}".strip() for row in rows[:5])
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    return Missing(
        f"Applied, but not in the folder: {names}{more}.",
        hint="Restore the files (another branch may have them), or allow it: --allow-missing.",
        versions=[row.version for row in rows],
    )


def _out_of_order(early: Sequence[Migration], compared: Comparison) -> OutOfOrder:
    names = ", ".join(migration.label for migration in early)
    return OutOfOrder(
        f"Pending, but older than what is applied already: {names}.",
        hint="Give it a newer version if nobody has applied it yet, or allow it: --allow-out-of-order.",
        versions=[migration.version for migration in early],
        newest_applied=compared.live[-1].version,
    )


def choose_down(compared: Comparison, *, to: str | None = None, steps: int | None = None) -> tuple[Applied, ...]:
    """The applied migrations to roll back, the latest applied first: one, `steps`, or all that came after `to`.

    `to` stays applied; `0` rolls everything back. Raises NoDown for a baseline, UnknownVersion, UsageError.
    """
    check_steps(to, steps)
    latest = tuple(reversed(compared.live))
    chosen = latest[: steps or 1] if to is None else latest[: _after(latest, to)]
    for row in chosen:
        if row.kind == "baseline":
            raise NoDown(
                f"{row.version} {row.name} is part of the baseline: Surefoot did not apply it.",
                hint="Roll back to the baseline's version at most.",
                version=row.version,
            )
    return chosen


def _after(latest: Sequence[Applied], to: str) -> int:
    names = {row.version: row.name for row in latest}
    versions = list(names)
    if to in versions:
        return versions.index(to)
    if to == BEGINNING:
        return len(versions)
    raise UnknownVersion(
        f"No applied migration has version {to}.",
        hint=f"{_near(to, names)}`surefoot status` lists what is applied; 0 stands for the beginning.",
        version=to,
    )


def choose_baseline(compared: Comparison, version: str) -> tuple[Migration, ...]:
    """The migrations that a baseline at `version` accepts as applied: all up to and including it.

    Raises Refused where the history is not empty, UnknownVersion.
    """
    if compared.live:
        raise Refused(
            f"The target has a history already: {len(compared.live)} migrations are applied.",
            hint="A baseline is for a database that Surefoot has never migrated. `surefoot status` shows the history.",
        )
    return _up_to(compared, version)
