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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surefoot.engine.dialects.split import word_set
from surefoot.engine.lint.model import Parsed, Part
from surefoot.engine.lint.postgres.trees import constraints, relation, removed
from surefoot.errors import ToolFailed

_PACKAGE = "squawk-cli"
_HINT = f"It comes with Surefoot's package {_PACKAGE}: install that again."
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
    read = [part for part in parts if part.statements]
    if not read:
        return []
    with tempfile.TemporaryDirectory(prefix="surefoot-lint-") as directory:
        for number, part in enumerate(read):
            (Path(directory) / f"{number}.sql").write_text(text_of(part), encoding="utf-8")
        (Path(directory) / "empty.toml").write_text("", encoding="utf-8")
        wanted = frozenset(rules)
        said = _run(Path(directory), len(read), pg_version, wanted)
    return [
        remark
        for each in said
        if each["rule_name"] in wanted
        for remark in _remark(each, read[int(Path(each["file"]).stem)])
        if not _is_wrong(remark)
    ]


def _run(directory: Path, count: int, pg_version: int, rules: frozenset[str]) -> list[dict[str, Any]]:
    command = [str(program()), "--config", "empty.toml", "--reporter", "json", f"--pg-version={pg_version}"]
    # A table that the migration itself makes is nobody else's yet; squawk believes that only of a transaction.
    command += ["--assume-in-transaction", f"--include={','.join(sorted(rules))}"]
    files = [f"{number}.sql" for number in range(count)]
    # On a terminal of its own it would say more than JSON.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SQUAWK_")}
    done = subprocess.run(
        [*command, *files], cwd=directory, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    try:
        said: list[dict[str, Any]] = json.loads(done.stdout)
    except json.JSONDecodeError:
        detail = (done.stderr or done.stdout).strip()[:500]
        raise ToolFailed(f"squawk failed: {detail or f'exit code {done.returncode}'}", hint=_HINT) from None
    return said


def text_of(part: Part) -> str:
    """The part's statements, each on the lines that it has in its file."""
    text, line = [], 1
    for parsed in part.statements:
        statement = parsed.statement
        if parsed.tree is None:
            continue
        text.append("\n" * (statement.line - line) + statement.sql + ";")
        line = max(line, statement.line) + statement.sql.count("\n")
    return "".join(text)


def _remark(said: dict[str, Any], part: Part) -> Iterator[Remark]:
    """The remark at its statement; none where it stands between two (it is then about the text that we made)."""
    line = int(said["line"]) + 1
    read = [parsed for parsed in part.statements if parsed.tree is not None]
    at = bisect_right([parsed.statement.line for parsed in read], line) - 1
    # Several statements may share a line: the columns tell which one is meant.
    same = [parsed for parsed in read if parsed.statement.line == read[at].statement.line] if at >= 0 else []
    if len(same) > 1:
        offset = int(said["column"])
        for parsed in same:
            length = len(parsed.statement.sql.encode()) + 1
            if offset < length:
                break
            offset -= length
        same = [parsed]
    for parsed in same:
        yield Remark(said["rule_name"], said["message"], said["help"] or "", part, parsed, line)


def _is_wrong(remark: Remark) -> bool:
    """Whether it does not hold: advice that the server refuses, a table or a transaction that nobody shares."""
    if remark.rule != _NOT_VALID:
        return remark.rule in _ABOUT_USE and _is_new(remark.parsed, remark.part.created)
    added = list(constraints(remark.parsed))
    if any(each.skip_validation for each in added):
        return not remark.part.atomic
    # The foreign key has a rule of its own, with the same advice.
    return bool(added) and all(each.contype.name in (*_INDEXED, "CONSTR_FOREIGN") for each in added)


def _is_new(parsed: Parsed, created: frozenset[str]) -> bool:
    """Whether a statement is only about what its own migration makes."""
    if parsed.kind == "DropStmt":
        return all(name in created for _, name in removed(parsed))
    about = getattr(parsed.tree, "relation", None)
    return about is not None and relation(about) in created
