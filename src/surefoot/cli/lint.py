"""`lint`: what the text of the migrations says of the trouble that they will make."""

from __future__ import annotations

import json
import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from surefoot.cli.context import Context
from surefoot.cli.output import Output, counted
from surefoot.cli.reports.findings import Help, github, sarif
from surefoot.cli.reports.scrub import printable, scrubbed
from surefoot.engine import api
from surefoot.engine.dialects.target import Target
from surefoot.engine.findings import Finding, Level
from surefoot.engine.lint.catalogue import rules_of
from surefoot.engine.lint.examples import example
from surefoot.engine.lint.model import NEWEST_POSTGRES, Options, Result, Rule
from surefoot.engine.lint.run import lint as lint_folder
from surefoot.engine.model import Folder
from surefoot.engine.rehearsal.shadows import dialect_of
from surefoot.errors import Unreachable, UsageError

_COLORS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.NOTE: "blue", Level.OFF: "dim"}
_ORDER = (Level.NOTE, Level.WARNING, Level.ERROR)
_PRODUCTS = {"postgres": "PostgreSQL", "mysql": "MariaDB and MySQL", "sqlite": "SQLite"}
# Long enough for a database that is there, short enough for a laptop on a train.
_PATIENCE = 1.0
_WIDEST = 100


@dataclass(frozen=True, slots=True)
class _Server:
    """Which database the statements are for, and who says so."""

    dialect: str
    version: int
    source: str

    def __str__(self) -> str:
        number = f" {self.version}" if self.dialect == "postgres" else ""
        return f"{_PRODUCTS[self.dialect]}{number}{f' ({self.source})' if self.source else ''}"


def lint(context: Context) -> int:
    """Look at every migration, those that are pending, or some files; 1 where a finding is as grave as `--level`."""
    form = _form(context)
    folder = context.project.read()
    versions, server = _ask(context)
    options = Options(
        server.dialect, server.version, context.settings.lint, versions, _files(context, folder, context.flags["files"])
    )
    result = lint_folder(folder, options)
    shown = tuple(replace(each, path=_place(context, each.path)) for each in result.findings)
    result = replace(result, findings=scrubbed(shown, context.output.clean))
    _tell(context, form, server, result)
    return 1 if any(_ORDER.index(each.level) >= _threshold(context) for each in result.findings) else 0


def _form(context: Context) -> str:
    form = str(context.flags.get("report") or ("json" if context.output.as_json else "text"))
    if context.output.as_json and form != "json":
        raise UsageError(
            f"--json and --report {form} would both be written to standard output.", hint="Give one of them."
        )
    return form


def _threshold(context: Context) -> int:
    strict = Level.WARNING if context.flags.get("strict") else Level.ERROR
    return _ORDER.index(Level(context.flags.get("level") or strict))


def _ask(context: Context) -> tuple[frozenset[str] | None, _Server]:
    """What is pending, where that is asked for, and which server the migrations are for."""
    version, dialect = _given_version(context), _dialect(context)
    if context.flags.get("pending"):
        with context.connected() as target:
            compared = api.read_state(target, context.project).compared
            versions = frozenset(each.version for each in (*compared.pending, *compared.out_of_order))
            return versions, _server(dialect, version, target)
    if dialect != "postgres" or version or not context.settings.url:
        return None, _server(dialect, version, None)
    target = context.target(patience=_PATIENCE)
    try:
        target.open()
        return None, _server(dialect, version, target)
    except Unreachable:
        return None, _server(dialect, version, None)
    finally:
        target.close()


def _given_version(context: Context) -> int | None:
    given = context.flags.get("pg_version")
    found = re.match(r"\d+", given) if given else None
    if given and found is None:
        raise UsageError(f"{given} is not a version of PostgreSQL.", hint="Write --pg-version 16.")
    return int(found[0]) if found else None


def _dialect(context: Context) -> str:
    settings = context.settings
    return dialect_of(settings.url) if settings.url else settings.dialect or "postgres"


def _server(dialect: str, version: int | None, target: Target | None) -> _Server:
    if dialect != "postgres":
        return _Server(dialect, 0, "")
    if version:
        return _Server(dialect, version, "--pg-version")
    found = re.search(r"\d+", target.server) if target else None
    return _Server(dialect, int(found[0]), "the target") if found else _Server(dialect, NEWEST_POSTGRES, "the newest")


def _files(context: Context, folder: Folder, given: Sequence[str]) -> frozenset[str] | None:
    """The folder's names of the files that were given; a directory stands for all in it. Raises UsageError."""
    if not given:
        return None
    scripts = (each for migration in folder.migrations for each in (*migration.up, *(migration.down or ())))
    known = {script.path for script in scripts}
    root = (context.cwd / context.settings.dir).resolve()
    found: set[str] = set()
    for name in given:
        place = (context.cwd / name).resolve()
        own = place.relative_to(root).as_posix() if place.is_relative_to(root) else ""
        mine = {path for path in known if own and (path == own or path.startswith(f"{own}/") or own == ".")}
        if not mine:
            raise UsageError(
                f"{name} is not a file of the migrations in {context.settings.dir}.",
                hint="Give files of the folder, or none for all of it; --dir names another folder.",
                file=name,
            )
        found |= mine
    return frozenset(found)


def _place(context: Context, path: str) -> str:
    """A file of the folder, as somebody in the working directory calls it."""
    place = context.cwd / context.settings.dir / path
    return place.relative_to(context.cwd).as_posix() if place.is_relative_to(context.cwd) else str(place)


def _tell(context: Context, form: str, server: _Server, result: Result) -> None:
    output = context.output
    if form == "text":
        for line in _text(output, server, result):
            output.line(line)
    elif form == "github":
        for line in github(result.findings):
            output.line(line)
    elif output.as_json:
        output.document(_document(server, result))
    else:
        helps = {rule.name: _help(rule) for rule in rules_of(server.dialect)}
        made = sarif(result.findings, helps) if form == "sarif" else _document(server, result)
        output.line(json.dumps(made, indent=2, ensure_ascii=False))


def _help(rule: Rule) -> Help:
    shown = [(word, example(rule, word.lower())) for word in ("Bad", "Good")]
    blocks = [f"{word}:\n\n```sql\n{sql}```" for word, sql in shown if sql]
    return Help(rule.title, "\n\n".join(filter(None, (rule.why, rule.hint, *blocks))) or rule.title)


def _document(server: _Server, result: Result) -> dict[str, Any]:
    return {
        "kind": "lint",
        "dialect": server.dialect,
        "pg_version": server.version or None,
        "files": result.files,
        "findings": [asdict(each) for each in result.findings],
        "counts": _counts(result.findings),
        "ignored": len(result.ignored),
    }


def _counts(findings: Sequence[Finding]) -> dict[str, int]:
    found = Counter(each.level.value for each in findings)
    return {level.value: found[level.value] for level in reversed(_ORDER)}


def _text(output: Output, server: _Server, result: Result) -> Iterator[str]:
    """Each finding with its place, and below it what to do; a rule says that once."""
    width, path, told = min(output.width, _WIDEST), "", set[str]()
    for each in result.findings:
        if path and each.path != path:
            yield ""
        path = each.path
        level = output.paint(each.level.value, _COLORS[each.level], "bold")
        yield f"{printable(path)}:{each.line}  {level}  {output.paint(each.rule, 'bold')}"
        yield from _wrapped(printable(each.message), width)
        if each.hint and each.rule not in told:
            first, *rest = _wrapped(f"next  {each.hint}", width, hanging="      ")
            yield first.replace("next", output.paint("next", "cyan"), 1)
            yield from rest
        told.add(each.rule)
    if result.findings:
        yield ""
    yield _summary(output, server, result)


def _wrapped(text: str, width: int, hanging: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent="    ",
        subsequent_indent=f"    {hanging}",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _summary(output: Output, server: _Server, result: Result) -> str:
    counts = _counts(result.findings)
    parts = [counted(count, level) for level, count in counts.items() if count]
    mark, color = ("✗", "red") if counts["error"] else ("!", "yellow") if parts else ("✓", "green")
    ignored = f", {len(result.ignored)} ignored" if result.ignored else ""
    what = ", ".join(parts) or "nothing found"
    text = f"{counted(result.files, 'file')}: {what}{ignored}"
    return f"{output.paint(mark, color)} {text} {output.paint(f'· {server}', 'dim')}"
