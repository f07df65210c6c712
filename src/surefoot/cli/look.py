"""`status`, `history` and `verify`: look, and change nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from surefoot.cli.context import Context
from surefoot.cli.output import Output, counted, duration, moment
from surefoot.engine import api
from surefoot.engine.dialects.target import Target
from surefoot.engine.events import Blocker
from surefoot.engine.model import Applied, Folder
from surefoot.engine.prepare import Project, State
from surefoot.errors import FolderError

# In the order in which the counts are told.
_COLORS = {
    "applied": "green",
    "baseline": "green",
    "pending": "blue",
    "out of order": "yellow",
    "running": "blue",
    "half-way": "red",
    "edited": "red",
    "missing": "red",
}
_TROUBLE = ("pending", "edited", "missing", "out of order", "running", "half-way")
# Nothing is wrong with these: somebody has yet to apply them, or is at it.
_TO_COME = ("pending", "running")


def status(context: Context) -> int:
    """Show each migration with its state."""
    with context.connected() as target:
        state = api.read_state(target, context.project)
        runners = api.read_runners(target, context.project)
        _, others = rows_and_others(target, context.project)
        label = target.label
    rows = list(_with_proofs(context, state.folder, status_rows(state, at_work=bool(runners))))
    context.output.document({
        "kind": "status",
        "target": label,
        "project": context.project.name,
        "folder": state.folder.path,
        "format": state.folder.format,
        "migrations": rows,
        "counts": counts(rows),
        "notes": notes_of(state.folder),
        "runners": [str(runner) for runner in runners],
        "other_projects": others,
    })  # fmt: skip
    _show_status(context.output, label, state, rows)
    show_runners(context.output, runners)
    show_others(context, state.rows, others)
    trouble = any(row["state"] in _TROUBLE for row in rows)
    return 1 if context.flags.get("exit_code") and trouble else 0


def status_rows(state: State, *, at_work: bool) -> Iterator[dict[str, Any]]:
    """A row a migration: version, name, state, and when and how long where it is applied.

    With a run at work the step in progress is running; otherwise it stopped half-way.
    """
    half_way = "running" if at_work else "half-way"
    live = {row.version: row for row in state.compared.live}
    words = {
        **{migration.version: "pending" for migration in state.compared.pending},
        **{migration.version: "out of order" for migration in state.compared.out_of_order},
        **{row.version: "baseline" if row.kind == "baseline" else "applied" for row in state.compared.live},
        **{row.version: "edited" for row, _ in state.compared.edited},
        **{row.version: "missing" for row in state.compared.missing},
        **{entry.version: half_way for entry in state.journal},
    }
    names = {migration.version: migration.name for migration in state.folder.migrations}
    # What is not in the folder has no place in its order: it comes first.
    absent = [version for version in words if version not in names]
    for version in (*absent, *names):
        applied = live.get(version)
        name = names.get(version) or (applied.name if applied else "")
        yield _status_row(version, name, words[version], applied)


def _status_row(version: str, name: str, word: str, applied: Applied | None) -> dict[str, Any]:
    return {
        "version": version,
        "name": name,
        "state": word,
        "applied_at": applied.applied_at.isoformat() if applied else None,
        "applied_by": applied.applied_by if applied else None,
        "duration_ms": applied.duration_ms if applied else None,
    }


def _with_proofs(context: Context, folder: Folder, rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows, each with its proofs where the folder has a file of them: as far as that can be told from files."""
    path = context.cwd / context.settings.proof
    if not path.is_file():
        yield from rows
        return
    from surefoot.engine.rehearsal.proof import facts_of, void  # only who has proofs pays for the import
    from surefoot.engine.rehearsal.prooffile import read

    proofs = read(path)
    facts = facts_of(folder, proofs)
    for row in rows:
        found = [proof for proof in proofs if proof.version == row["version"] and proof.version in facts]
        told = [(proof.engine, proof.verdict.value, void(proof, facts[proof.version])) for proof in found]
        yield {**row, "proof": [dict(zip(("engine", "verdict", "void"), item, strict=True)) for item in told]}


def _proof(row: dict[str, Any]) -> str:
    """What is known of a migration that has yet to run."""
    if "proof" not in row or row["state"] not in ("pending", "out of order"):
        return ""
    words = [f"{item['verdict']}{' (void)' if item['void'] else ''} on {item['engine']}" for item in row["proof"]]
    return f"rehearsed: {', '.join(words)}" if words else "not rehearsed"


def notes_of(folder: Folder) -> list[str]:
    """What was passed over in the folder, each with its place."""
    return [f"{note.path}:{note.line}: {note.text}" for note in folder.notes]


def show_notes(output: Output, folder: Folder) -> None:
    """Tell a person what was passed over in the folder."""
    for note in notes_of(folder):
        output.line(f"  {output.paint(note, 'dim')}")


def _show_status(output: Output, label: str, state: State, rows: list[dict[str, Any]]) -> None:
    output.line(f"{output.paint(label, 'bold')} {output.paint(f'· {state.folder.format}', 'dim')}")
    widest = max((len(f"{row['version']} {row['name']}") for row in rows), default=0)
    for row in rows:
        word = output.paint(f"{row['state']:<12}", _COLORS[row["state"]])
        title = f"{row['version']} {row['name']}"
        output.line(f"  {word} {title:<{widest}}  {output.paint(_when(row), 'dim')}".rstrip())
    show_notes(output, state.folder)
    output.line(summary(rows))


def show_runners(output: Output, runners: Sequence[Blocker]) -> None:
    """Tell a person who works on the target at this moment."""
    for runner in runners:
        output.line(output.paint(f"a run is at work: {runner}", "yellow"))


def _when(row: dict[str, Any]) -> str:
    if row["applied_at"] is None:
        return _proof(row)
    took = "" if row["state"] == "baseline" else f"  {duration(row['duration_ms'])}"
    return f"{moment(datetime.fromisoformat(row['applied_at']))}{took}"


def counts(rows: list[dict[str, Any]]) -> dict[str, int]:
    """How many migrations are in each state, where there are any."""
    found = Counter(row["state"] for row in rows)
    return {word: found[word] for word in _COLORS if found[word]}


def summary(rows: list[dict[str, Any]]) -> str:
    """The counts of states, in words."""
    return ", ".join(f"{count} {word}" for word, count in counts(rows).items()) or "The folder has no migrations."


def rows_and_others(target: Target, project: Project) -> tuple[list[Applied], list[str]]:
    """The project's history, oldest first, and the names of other projects that have one on this target."""
    found = api.open_history(target, project)
    return (found.read(), found.other_projects()) if found.exists() else ([], [])


def show_others(context: Context, rows: Sequence[Applied], others: list[str]) -> None:
    """A project that was renamed looks as if nothing had ever been applied: say whose history there is."""
    if others and not rows:
        text = f"Nothing was applied for project {context.project.name}; other projects in this database: "
        context.output.line(context.output.paint(text + ", ".join(others), "yellow"))


def history(context: Context) -> int:
    """Show every application of a migration, and its rollback."""
    with context.connected() as target:
        rows, others = rows_and_others(target, context.project)
        label = target.label
    entries = [_entry(row) for row in rows]
    context.output.document(
        {
            "kind": "history",
            "target": label,
            "project": context.project.name,
            "entries": entries,
            "other_projects": others,
        }
    )
    for row in rows:
        _show_entry(context.output, row)
    if not rows:
        context.output.line("Nothing has been applied here.")
        show_others(context, rows, others)
    return 0


def _entry(row: Applied) -> dict[str, Any]:
    return {
        "version": row.version,
        "name": row.name,
        "kind": row.kind,
        "checksum": row.checksum,
        "applied_at": row.applied_at.isoformat(),
        "applied_by": row.applied_by,
        "duration_ms": row.duration_ms,
        "run_id": row.run_id,
        "rolled_back_at": row.rolled_back_at.isoformat() if row.rolled_back_at else None,
        "rolled_back_by": row.rolled_back_by,
    }


def _show_entry(output: Output, row: Applied) -> None:
    word = "baseline" if row.kind == "baseline" else "applied"
    took = "" if row.kind == "baseline" else f" in {duration(row.duration_ms)}"
    by = output.paint(f"by {row.applied_by}{took}", "dim")
    output.line(f"{moment(row.applied_at)}  {output.paint('↑', 'green')} {row.version} {row.name}  {word} {by}")
    if row.rolled_back_at:
        by = output.paint(f"by {row.rolled_back_by}", "dim")
        output.line(f"    {moment(row.rolled_back_at)}  {output.paint('↓', 'yellow')} rolled back {by}")


def _refused(target: Target, folder: Folder) -> Iterator[tuple[dict[str, Any], FolderError]]:
    """Every script that cannot be cut into blocks: all of them at once, so that nobody mends one a run."""
    for migration in folder.migrations:
        for scripts in (migration.up, migration.down or ()):
            try:
                target.cut(scripts)
            except FolderError as error:
                yield {"version": migration.version, "name": migration.name, "state": "refused"}, error


def verify(context: Context) -> int:
    """Check files, checksums, order and history; exits with 1 where something is wrong."""
    with context.connected() as target:
        state = api.read_state(target, context.project)
        runners = api.read_runners(target, context.project)
        refused = list(_refused(target, state.folder))
    found = status_rows(state, at_work=bool(runners))
    rows = [row for row in found if row["state"] in _TROUBLE and row["state"] not in _TO_COME]
    rows += [{**row, "error": error.to_dict()} for row, error in refused]
    count = len(state.folder.migrations)
    context.output.document({
        "kind": "verify",
        "migrations": count,
        "problems": rows,
        "notes": notes_of(state.folder),
        "runners": [str(runner) for runner in runners],
    })  # fmt: skip
    for row in rows:
        context.output.line(f"{context.output.paint('✗', 'red')} {row['version']} {row['name']} is {row['state']}")
        if "error" in row:
            context.output.line(f"    {row['error']['message']}")
            context.output.line(f"    {context.output.paint('next', 'cyan')}  {row['error']['hint']}")
    show_notes(context.output, state.folder)
    show_runners(context.output, runners)
    if not rows:
        context.output.line(
            f"{context.output.paint('✓', 'green')} {counted(count, 'migration')}: unchanged, present and in order"
        )
    return 1 if rows else 0
