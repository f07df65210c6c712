"""Flyway's format: `V<version>__<name>.sql` and `U<version>__<name>.sql`, folders below included.

Versions are compared part by part as numbers; dots and underscores part them alike. `${name}` is replaced by
the placeholder's value wherever it stands, comments and literals included. A `.conf` file beside a script can
say `executeInTransaction=false` and `placeholderReplacement=false`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from surefoot.engine.formats.shape import Format, Named, Reading, Rules, malformed, pairs, script
from surefoot.engine.formats.text import line_at
from surefoot.engine.model import Direction, Migration, Note, Script
from surefoot.errors import MalformedFile

_VERSION = r"[0-9]+(?:[._][0-9]+)*"
_NAME = re.compile(rf"(?:.*/)?([VU])({_VERSION})(?:__([^/]*))?\.sql")
_CONFIG = re.compile(rf"(?:.*/)?[VU]{_VERSION}(?:__[^/]*)?\.sql\.conf")
_NOT_YET = re.compile(rf"(?:.*/)?(?:R|B{_VERSION})__[^/]*\.sql")
# As Flyway scans: a dollar sign takes the next character with it, so `$${` is no placeholder.
_PLACEHOLDER = re.compile(r"\$(?:\{(?:([^}]*)\})?|[^{])")


def _named(names: Iterable[str]) -> list[Named]:
    found = [_name(match) for match in map(_NAME.fullmatch, names) if match]
    return sorted(found, key=lambda named: (_parts(named.version), named.name, named.path))


def _name(match: re.Match[str]) -> Named:
    version = match[2].replace("_", ".")
    direction = Direction.UP if match[1] == "V" else Direction.DOWN
    return Named(match[0], version, _parts(version), (match[3] or "").replace("_", " "), direction)


def _parts(version: str) -> tuple[int, ...]:
    """The version as numbers, without trailing zeros: 1.0 and 1 are one version."""
    parts = [int(part) for part in version.split(".")]
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def _files(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if any(p.fullmatch(name) for p in (_NAME, _CONFIG, _NOT_YET)))


def _versions(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(named.version for named in _named(names))


def _fits(files: Mapping[str, str]) -> bool:
    return bool(files)


def _read(files: Mapping[str, str], rules: Rules) -> Reading:
    _refuse_not_yet(files)
    notes: list[Note] = []
    migrations = []
    for pair in pairs(_named(files), rules):
        up = _script(pair.up.path, files, rules, notes)
        down = (_script(pair.down.path, files, rules, notes),) if pair.down else None
        migrations.append(Migration(pair.up.version, pair.up.name, (up,), down))
    return tuple(migrations), tuple(notes)


def _refuse_not_yet(files: Iterable[str]) -> None:
    path = next((name for name in files if _NOT_YET.fullmatch(name)), None)
    if path is None:
        return
    base = path.rpartition("/")[2]
    kind, way_out = (
        ("repeatable migration", "Make each of its changes a new versioned migration")
        if base.startswith("R")
        else ("baseline migration", "Give a new database this file as its first versioned migration")
    )
    raise malformed(
        path,
        1,
        f"a Flyway {kind}, which Surefoot does not run.",
        f"{way_out}, or move the file out of this folder.",
    )


def _script(path: str, files: Mapping[str, str], rules: Rules, notes: list[Note]) -> Script:
    settings = _settings(f"{path}.conf", files.get(f"{path}.conf", ""), notes)
    text = files[path]
    if settings.get("placeholderReplacement", True) and "${" in text:
        text = _replace(path, text, rules.variables)
    return script(path, text, transaction=settings.get("executeInTransaction", True))


def _settings(path: str, text: str, notes: list[Note]) -> dict[str, bool]:
    """The switches of a script's `.conf` file."""
    settings = {}
    for number, line in enumerate(text.splitlines(), 1):
        key, _, value = (part.strip() for part in line.partition("="))
        if not key or key.startswith("#"):
            continue
        if key in ("executeInTransaction", "placeholderReplacement"):
            settings[key] = _switch(path, number, key, value)
        elif key == "shouldExecute":
            raise malformed(path, number, "shouldExecute is not understood.", "Remove the setting.")
        elif key != "encoding" or value.upper() not in ("UTF-8", "UTF8"):
            notes.append(Note(path, number, f"passed over: `{key}`; scripts are read as UTF-8, as they stand"))
    return settings


def _switch(path: str, line: int, key: str, value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise malformed(path, line, f"{key} is neither true nor false.", "Write one of the two.")
    return value.lower() == "true"


def _replace(path: str, text: str, variables: Mapping[str, str]) -> str:
    """The text with its placeholders' values; their names know no case, and a value is not scanned again."""
    values = {key.lower(): value for key, value in variables.items()}

    def value(match: re.Match[str]) -> str:
        if not match[0].startswith("${"):
            return match[0]
        if match[1] is None or match[1].lower() not in values:
            raise _no_value(path, line_at(text, match.start()), match[1])
        return values[match[1].lower()]

    return _PLACEHOLDER.sub(value, text)


def _no_value(path: str, line: int, name: str | None) -> MalformedFile:
    if name is None:
        return malformed(path, line, "a `${` is never closed.", "Close the placeholder; `$${` stands for itself.")
    return malformed(
        path,
        line,
        f"the placeholder `${{{name}}}` has no value.",
        f"Give `{name}` a value among the variables in surefoot.toml, or set placeholderReplacement=false in "
        f"{path}.conf.",
    )


def _new_files(version: str, name: str) -> dict[str, str]:
    title = f"{version} {name}"
    return {
        f"V{version}__{name}.sql": f"-- {title}: the change.\n\n",
        f"U{version}__{name}.sql": f"-- {title}: the way back.\n\n",
    }


FORMAT = Format(
    name="flyway",
    layout="V<version>__<name>.sql and U<version>__<name>.sql",
    files=_files,
    versions=_versions,
    fits=_fits,
    read=_read,
    new_files=_new_files,
)
