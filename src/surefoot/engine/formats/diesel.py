"""Diesel's format: one directory for each migration, `<stamp>_<name>/up.sql` and `down.sql`.

The version is the directory's name up to the first underscore, without dashes, and versions are ordered as
text. A `metadata.toml` beside the files says whether the migration runs in a transaction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from surefoot.engine.formats.shape import Format, Named, Pair, Reading, Rules, malformed, pairs, script
from surefoot.engine.model import Direction, Migration, Note

_NAME = re.compile(r"([0-9][0-9-]*)(?:_([^/]*))?/(up|down)\.sql")
_METADATA = re.compile(r"[0-9][^/]*/metadata\.toml")


def _named(names: Iterable[str]) -> list[Named]:
    found = [_name(match) for match in map(_NAME.fullmatch, names) if match]
    return sorted(found, key=lambda named: (named.version, named.path))


def _name(match: re.Match[str]) -> Named:
    version = match[1].replace("-", "")
    return Named(match[0], version, version, match[2] or "", Direction(match[3]))


def _files(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if _NAME.fullmatch(name) or _METADATA.fullmatch(name))


def _versions(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(named.version for named in _named(names))


def _fits(files: Mapping[str, str]) -> bool:
    return any(map(_NAME.fullmatch, files))


def _read(files: Mapping[str, str], rules: Rules) -> Reading:
    notes: list[Note] = []
    migrations = [_migration(pair, files, notes) for pair in pairs(_named(files), rules)]
    return tuple(migrations), tuple(notes)


def _migration(pair: Pair, files: Mapping[str, str], notes: list[Note]) -> Migration:
    metadata = pair.up.path.rpartition("/")[0] + "/metadata.toml"
    transaction = metadata not in files or _in_transaction(metadata, files[metadata], notes)
    up = script(pair.up.path, files[pair.up.path], transaction=transaction)
    down = None
    if pair.down:
        down = (script(pair.down.path, files[pair.down.path], transaction=transaction),)
    return Migration(pair.up.version, pair.up.name, (up,), down)


def _in_transaction(path: str, text: str, notes: list[Note]) -> bool:
    import tomllib

    try:
        value = tomllib.loads(text).get("run_in_transaction")
    except tomllib.TOMLDecodeError as error:
        raise malformed(path, 1, f"not TOML: {error}.", "Correct it, or remove the file.") from error
    if value is None:
        # Diesel reads a metadata.toml without the key as false, although without the file it is true.
        notes.append(Note(path, 1, "no run_in_transaction: Diesel takes that as false, so no transaction"))
        return False
    if not isinstance(value, bool):
        raise malformed(path, 1, "run_in_transaction is neither true nor false.", "Write one of the two.")
    return value


def _new_files(version: str, name: str) -> dict[str, str]:
    return {
        f"{version}_{name}/up.sql": f"-- {version} {name}: the change.\n\n",
        f"{version}_{name}/down.sql": f"-- {version} {name}: the way back.\n\n",
    }


FORMAT = Format(
    name="diesel",
    layout="<version>_<name>/up.sql and <version>_<name>/down.sql",
    files=_files,
    versions=_versions,
    fits=_fits,
    read=_read,
    new_files=_new_files,
)
