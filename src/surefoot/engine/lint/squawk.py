"""squawk's findings: the packaged program reads what a run would send, and its places are brought back to the files.

It gets statements, not files: each stands on the lines that it has in its file, without other directions' sections,
COPY data and psql's commands. squawk's own parser does not decide what is SQL; the server's grammar does.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surefoot.engine.dialects.split import word_set
from surefoot.engine.lint.model import Parsed, Part
from surefoot.engine.lint.postgres.trees import commands, constraints, relation, removed
from surefoot.errors import ToolFailed

_PACKAGE = "squawk-cli"
_HINT = f"It comes with Surefoot's package {_PACKAGE}: install that again."
# It reads some thousand files in a second.
_PATIENCE = 120
_NOT_VALID = "constraint-missing-not-valid"
# Of these PostgreSQL has no NOT VALID form, whatever squawk says.
_INDEXED = ("CONSTR_UNIQUE", "CONSTR_PRIMARY", "CONSTR_EXCLUSION")


# What does no harm to a relation that nobody uses yet; squawk knows of tables only that a migration makes some.
_ABOUT_USE = word_set(
    "require-concurrent-index-creation require-concurrent-index-deletion changing-column-type ban-drop-table "
    "ban-drop-view adding-field-with-default adding-not-nullable-field adding-required-field renaming-table "
    "renaming-column disallowed-unique-constraint adding-serial-primary-key-field ban-drop-column"
)


@dataclass(frozen=True, slots=True)
class Remark:
    """What squawk says of a statement. `line` is that of the file."""

    rule: str
    message: str
    help: str
    part: Part
    parsed: Parsed
    line: int


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What squawk reads of a script: its statements, each on the lines of its file, and where each begins."""

    part: Part
    text: bytes
    statements: tuple[Parsed, ...]
    begins: tuple[int, ...]


def program() -> Path:
    """squawk's program: beside this interpreter, where its package put it, or on the PATH. Raises ToolFailed."""
    beside = Path(sys.executable).with_name("squawk")
    if beside.is_file():
        return beside
    try:
        files = importlib.metadata.files(_PACKAGE) or ()
    except importlib.metadata.PackageNotFoundError:
        files = ()
    packaged = [Path(str(file.locate())) for file in files if file.stem == "squawk"]
    found = next((path for path in packaged if path.is_file()), None) or shutil.which("squawk")
    if found is None:
        raise ToolFailed("The program squawk is not there.", hint=_HINT)
    return Path(found)


def remarks(parts: Sequence[Part], pg_version: int, rules: Iterable[str]) -> list[Remark]:
    """What squawk says of these scripts, by these of its rules. Raises ToolFailed."""
    sheets = [_sheet(part) for part in parts if part.statements]
    if not sheets:
        return []
    wanted = frozenset(rules)
    with tempfile.TemporaryDirectory(prefix="surefoot-lint-") as directory:
        for number, sheet in enumerate(sheets):
            (Path(directory) / f"{number}.sql").write_bytes(sheet.text)
        # A project's own settings for squawk are for squawk.
        (Path(directory) / "empty.toml").touch()
        said = _run(Path(directory), len(sheets), pg_version, wanted)
    found = [_remark(each, sheets[int(Path(each["file"]).stem)]) for each in said if each["rule_name"] in wanted]
    return [remark for remark in found if not _is_wrong(remark)]


def _run(directory: Path, count: int, pg_version: int, rules: frozenset[str]) -> list[dict[str, Any]]:
    command = [str(program()), "--config", "empty.toml", "--reporter", "json", f"--pg-version={pg_version}"]
    # A table that the migration itself makes is nobody else's yet; squawk believes that only of a transaction.
    command += ["--assume-in-transaction", f"--include={','.join(sorted(rules))}"]
    files = [f"{number}.sql" for number in range(count)]
    # On a terminal of its own it would say more than JSON.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SQUAWK_")}
    try:
        done = subprocess.run(
            [*command, *files],
            cwd=directory,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolFailed(f"squawk cannot be run: {error}.", hint=_HINT) from error
    try:
        said: list[dict[str, Any]] = json.loads(done.stdout)
    except json.JSONDecodeError:
        detail = (done.stderr or done.stdout).strip()[:500]
        raise ToolFailed(f"squawk failed: {detail or f'exit code {done.returncode}'}", hint=_HINT) from None
    return said


def _sheet(part: Part) -> _Sheet:
    read = tuple(parsed for parsed in part.statements if parsed.tree is not None)
    text, line, begins = bytearray(), 1, []
    for parsed in read:
        statement = parsed.statement
        text += b"\n" * (statement.line - line)
        begins.append(len(text))
        text += f"{statement.sql};".encode()
        line = max(line, statement.line) + statement.sql.count("\n")
    return _Sheet(part, bytes(text), read, tuple(begins))


def _remark(said: dict[str, Any], sheet: _Sheet) -> Remark:
    # squawk counts lines from 0, and columns in bytes.
    lines = sheet.text.split(b"\n")[: int(said["line"])]
    offset = sum(len(line) + 1 for line in lines) + int(said["column"])
    parsed = sheet.statements[max(0, bisect_right(sheet.begins, offset) - 1)]
    return Remark(said["rule_name"], said["message"], said["help"] or "", sheet.part, parsed, int(said["line"]) + 1)


def _is_wrong(remark: Remark) -> bool:
    """Whether it does not hold: advice that the server refuses, a table or a transaction that nobody shares."""
    if remark.rule != _NOT_VALID:
        return remark.rule in _ABOUT_USE and _is_new(remark.parsed, remark.part.created)
    added = list(constraints(remark.parsed))
    if next(commands(remark.parsed, "AT_ValidateConstraint"), None) is not None:
        # It says that the constraint was added in the same transaction.
        return not remark.part.atomic
    # The foreign key has a rule of its own, with the same advice.
    return bool(added) and all(each.contype.name in (*_INDEXED, "CONSTR_FOREIGN") for each in added)


def _is_new(parsed: Parsed, created: frozenset[str]) -> bool:
    """Whether a statement is only about what its own migration makes."""
    if parsed.kind == "DropStmt":
        return all(name in created for _, name in removed(parsed))
    about = getattr(parsed.tree, "relation", None)
    return about is not None and relation(about) in created
