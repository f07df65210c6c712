"""`rehearse`: up, down and up again on a shadow database, told as a report and kept as proofs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from surefoot.cli.context import Context
from surefoot.cli.output import Output
from surefoot.cli.reports import document as documents
from surefoot.cli.reports import html, markdown, text
from surefoot.cli.reports.findings import sarif
from surefoot.cli.reports.judgement import findings, passed
from surefoot.cli.reports.scrub import printable, scrubbed
from surefoot.cli.reports.table import WIDEST, make_table
from surefoot.engine.model import Folder, Migration
from surefoot.engine.rehearsal.model import Rehearsed, Report
from surefoot.engine.rehearsal.proof import Proof, facts_of, merge, proofs_of
from surefoot.engine.rehearsal.prooffile import read, write, write_whole
from surefoot.engine.rehearsal.rehearse import RehearsalOptions
from surefoot.engine.rehearsal.rehearse import rehearse as rehearse_all
from surefoot.engine.rehearsal.shadows import dialect_of
from surefoot.errors import Cancelled, Refused, UnknownVersion, UsageError

_STARTS = "--from knows empty, target, a version of the folder, and a file that ends in .sql."


def rehearse(context: Context) -> int:
    """Rehearse, report, and write the proofs; 1 where the rehearsal does not pass."""
    _refuse_two_documents(context)
    folder = context.project.read()
    options = _options(context, folder)
    # Read first: nobody waits for a rehearsal whose proofs cannot be kept.
    known = None if context.flags.get("no_proof") or _nothing_at_stake(options) else read(_proof_path(context))
    report = _run(context, folder, options)
    proof = None if known is None else _keep(context, folder, report, known)
    if _nothing_at_stake(options):
        report = replace(report, notes=(*report.notes, "no proof is written: without rows no down can lose any"))
    _tell(context, scrubbed(report, context.output.clean), proof)
    return 0 if passed(report, context.settings.fail_on) else 1


def _nothing_at_stake(options: RehearsalOptions) -> bool:
    return options.rows == 0 and options.seed is None


def _form(context: Context) -> str:
    return str(context.flags.get("report") or "text")


def _refuse_two_documents(context: Context) -> None:
    form = _form(context)
    if context.output.as_json and form not in ("text", "json") and not context.flags.get("output"):
        raise UsageError(
            f"--json and --report {form} would both be written to standard output.",
            hint=f"Write one of them to a file: --report {form} --output FILE.",
        )
    if form == "text" and context.flags.get("output"):
        raise UsageError(
            "--output needs to know what to write.", hint="Add --report json, markdown, html or sarif, or redirect."
        )


def _proof_path(context: Context) -> Path:
    return context.cwd / context.settings.proof


def _options(context: Context, folder: Folder) -> RehearsalOptions:
    settings, flags = context.settings, context.flags
    url = settings.url or settings.shadow_url
    options = RehearsalOptions(
        settings.dialect or (dialect_of(url) if url else "postgres"),
        context.place(),
        to=flags.get("to"),
        rows=settings.rows,
        written=settings.written,
        seed=_seed(context, flags.get("seed")),
        failures=flags.get("failures") or "auto",
        budget=settings.budget,
    )
    only = flags.get("version")
    return _only(options, folder, only, flags) if only else _from(context, options, folder, flags.get("from"))


def _seed(context: Context, seed: str | None) -> str | None:
    if seed is None or "://" in seed:
        return seed
    path = context.cwd / seed
    if not path.is_file():
        raise UsageError(f"There is no file {seed}.", hint="--seed is a file of SQL, or the URL of a database.")
    return str(path)


def _only(options: RehearsalOptions, folder: Folder, version: str, flags: Mapping[str, object]) -> RehearsalOptions:
    """One migration, on an empty database that has gone through those before it."""
    if flags.get("from") or flags.get("to"):
        raise UsageError("A version excludes --from and --to.", hint="Give the version alone to rehearse only that.")
    place = _place_in(folder, version)
    before = folder.migrations[place - 1].version if place else None
    return replace(options, after=before, to=version)


def _place_in(folder: Folder, version: str) -> int:
    versions = [migration.version for migration in folder.migrations]
    if version not in versions:
        raise UnknownVersion(
            f"There is no migration {version} in the folder.", hint=f"`surefoot status` lists them. {_STARTS}"
        )
    return versions.index(version)


def _from(context: Context, options: RehearsalOptions, folder: Folder, start: str | None) -> RehearsalOptions:
    """What the shadow begins with: the target's schema where there is a target, else nothing."""
    start = start or ("target" if context.settings.url else "empty")
    if start == "empty":
        return options
    if start == "target":
        if not context.settings.url:
            hint = "Give --url or set DATABASE_URL; or rehearse the whole history: --from empty."
            raise UsageError("There is no target whose schema could be taken.", hint=hint)
        return replace(options, place=replace(options.place, copy_schema=True))
    if start.endswith(".sql"):
        if not (context.cwd / start).is_file():
            raise UsageError(f"There is no file {start}.", hint=_STARTS)
        return replace(options, place=replace(options.place, dump=context.cwd / start))
    _place_in(folder, start)
    return replace(options, after=start)


def _run(context: Context, folder: Folder, options: RehearsalOptions) -> Report:
    view = _View(context.output, folder, speaks=_form(context) == "text" or bool(context.flags.get("output")))
    context.output.transient("  … making the shadow database")
    try:
        return rehearse_all(context.project, options, view)
    except KeyboardInterrupt:
        raise Cancelled(
            f"Cancelled after {view.done} of {view.total} migrations: the shadow database is gone, and no proof was "
            "written.",
            hint="Run it again; `surefoot rehearse VERSION` rehearses a single one.",
        ) from None


class _View:
    """Shows a line of the table as soon as a migration is rehearsed, and below it the one that is being rehearsed."""

    def __init__(self, output: Output, folder: Folder, *, speaks: bool) -> None:
        self._output = output
        self._speaks = speaks
        pairs = [(migration.version, migration.name) for migration in folder.migrations]
        self._table = make_table(pairs, output.width, output.paint)
        self.done = self.total = 0

    def __call__(self, position: int, total: int, migration: Migration, rehearsed: Rehearsed | None) -> None:
        self.total = total
        if not self._speaks:
            return
        if rehearsed is None:
            counter = self._output.paint(f"{position}/{total}", "dim")
            self._output.transient(f"  … rehearsing {counter} {migration.label}")
            return
        if position == 1:
            self._output.line(self._table.head())
        self.done = position
        self._output.line(self._table.row(rehearsed))


def _keep(context: Context, folder: Folder, report: Report, known: Sequence[Proof]) -> str:
    """Write the proofs; gives the file's name for a person."""
    if facts_of(context.project.read()) != facts_of(folder):
        raise Refused(
            "The folder changed while it was rehearsed: nobody can tell which text the verdicts are about.",
            hint="Rehearse it again, and leave it alone meanwhile.",
        )
    path = _proof_path(context)
    write(path, merge(known, proofs_of(report, folder), folder))
    return str(path.relative_to(context.cwd)) if path.is_relative_to(context.cwd) else str(path)


def _tell(context: Context, report: Report, proof: str | None) -> None:
    form, place = _form(context), context.flags.get("output")
    fail_on, output = context.settings.fail_on, context.output
    if form != "text" and not place and not output.as_json:
        output.line(_written(context, report, form).rstrip("\n"))
        return
    if place:
        _write(context.cwd / place, _written(context, report, form))
    output.document(documents.document(report, fail_on, proof))
    if not output.as_json:
        _show(context, report, proof)
        if place:
            output.line(output.paint(f"report written to {place}", "dim"))


def _written(context: Context, report: Report, form: str) -> str:
    """The report in one of its forms, but that for a person."""
    fail_on = context.settings.fail_on
    if form in ("markdown", "html"):
        shown: Report = scrubbed(report, printable)
        return markdown.markdown(shown, fail_on) if form == "markdown" else html.page(shown, fail_on)
    if form == "json":
        found = documents.document(report, fail_on)
    else:
        found = sarif([replace(item, path=_place(context, item.path)) for item in findings(report, fail_on)])
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _place(context: Context, path: str) -> str:
    """A file of the folder, as somebody in the working directory calls it; a note's empty path stays one."""
    place = context.cwd / context.settings.dir / path
    if not path or not place.is_file():
        return ""
    return place.relative_to(context.cwd).as_posix() if place.is_relative_to(context.cwd) else str(place)


def _write(path: Path, report: str) -> None:
    try:
        write_whole(path, report)
    except OSError as error:
        raise UsageError(
            f"The report cannot be written to {path}: {error.strerror}.", hint="Choose another place with --output."
        ) from error


def _show(context: Context, report: Report, proof: str | None) -> None:
    output, fail_on = context.output, context.settings.fail_on
    style = text.Style(output.paint, min(output.width, WIDEST), details=bool(context.flags.get("details")))
    lines = list(text.details(report, style))
    for line in (*lines, *([""] if lines else []), *text.closing(report, fail_on, style)):
        output.line(line)
    if following := text.next_step(report, fail_on, proof):
        output.line(f"{output.paint('next', 'cyan')}  {following}")
