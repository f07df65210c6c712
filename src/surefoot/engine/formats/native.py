"""The native format, which is golang-migrate's too: `<version>_<name>.up.sql` and `.down.sql` in one folder.

Up and down belong together by the number of their version, even when their titles differ. One directive is
our own: `-- surefoot: no-transaction` on a line of the comments above the first statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from surefoot.engine.formats.shape import (
    Format,
    Named,
    Reading,
    Rules,
    first_statement,
    malformed,
    pairs,
    script,
)
from surefoot.engine.formats.text import line_at
from surefoot.engine.model import Direction, Migration, Note, Script

_NAME = re.compile(r"([0-9]+)_([^/]*)\.(up|down)\.sql")
# A word to `lint`, wherever it stands.
_LINT = re.compile(r"\s*ignore(?:-file)?\b")
_DIRECTIVE = re.compile(r"^[^\S\n]*--[^\S\n]*surefoot:([^\n]*)$", re.MULTILINE)


def _named(names: Iterable[str]) -> list[Named]:
    matches = filter(None, map(_NAME.fullmatch, names))
    found = [Named(m[0], m[1], int(m[1]), m[2], Direction(m[3])) for m in matches]
    return sorted(found, key=lambda named: (int(named.version), named.name, named.path))


def _files(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(named.path for named in _named(names))


def _versions(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(named.version for named in _named(names))


def _read(files: Mapping[str, str], rules: Rules) -> Reading:
    notes: list[Note] = []
    migrations = []
    for pair in pairs(_named(files), rules):
        up = _script(pair.up, files, notes)
        down = (_script(pair.down, files, notes),) if pair.down else None
        migrations.append(Migration(pair.up.version, pair.up.name, (up,), down))
    return tuple(migrations), tuple(notes)


def _script(named: Named, files: Mapping[str, str], notes: list[Note]) -> Script:
    text = files[named.path]
    transaction = True
    head = first_statement(text, len(text)) if "surefoot:" in text else 0
    for match in _DIRECTIVE.finditer(text):
        line = line_at(text, match.start())
        if _LINT.match(match[1]):
            continue
        if match.start() >= head:
            notes.append(Note(named.path, line, "passed over: a directive stands above the first statement"))
        elif match[1].strip() != "no-transaction":
            raise malformed(
                named.path,
                line,
                f"there is no directive `surefoot:{match[1].rstrip()}`.",
                "The one that exists is `-- surefoot: no-transaction`.",
            )
        else:
            transaction = False
    return script(named.path, text, transaction=transaction)


def _new_files(version: str, name: str) -> dict[str, str]:
    return {
        f"{version}_{name}.up.sql": f"-- {version} {name}: the change.\n\n",
        f"{version}_{name}.down.sql": f"-- {version} {name}: the way back.\n\n",
    }


FORMAT = Format(
    name="native",
    layout="<version>_<name>.up.sql and <version>_<name>.down.sql in the folder itself",
    files=_files,
    versions=_versions,
    fits=bool,
    read=_read,
    new_files=_new_files,
)
