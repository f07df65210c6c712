"""Backup and restore of the platform: its database, the files of its audit trail, and its keys if asked for."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from pydantic import SecretStr

from surefoot import __version__
from surefoot.accounts.service import end_everywhere
from surefoot.audit.record import record
from surefoot.calls import Call
from surefoot.db.migrate import migrate
from surefoot.db.pool import SCHEMA
from surefoot.engine.dialects.postgres.dump import address, find_program
from surefoot.engine.dialects.tools import output_of
from surefoot.errors import UsageError
from surefoot.platform_settings import PlatformSettings
from surefoot.serve.archive import AUDIT, DUMP, KEYS, read_manifest, unpack, write_archive
from surefoot.serve.postgres import ROLE, grant_role, own_postgres
from surefoot.web.platform import Platform, open_platform

# The engine keeps its history of the platform's own migrations there.
_SCHEMAS = (SCHEMA, "surefoot")


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: when it was made, by which version, which keys its secrets need, and whether it has them."""

    made_at: datetime
    version: str
    keys: tuple[str, ...]
    has_keys: bool


async def make_backup(platform: Platform, call: Call, file: Path, *, with_keys: bool = False) -> Backup:
    """Write a backup of a platform that may be running meanwhile. Writes the audit event, which the backup has as well.

    Without its keys a backup gives nothing away that is sealed, and is worth nothing without them: keep both, apart.
    Raises UsageError where the file is there already, ToolFailed, Unavailable.
    """
    async with platform.database.transaction() as connection:
        await record(connection, call, "backup.make", after={"file": file.name, "with_keys": with_keys})
    return await asyncio.to_thread(_write, platform, call.at, file, with_keys=with_keys)


def _write(platform: Platform, at: datetime, file: Path, *, with_keys: bool) -> Backup:
    data_dir = platform.settings.data_dir
    # Before the dump: a checkpoint that is newer than the events it speaks of would look like a cut-off trail.
    audit = _files(data_dir, AUDIT)
    keys = _files(data_dir, KEYS)
    made = Backup(at, __version__, tuple(Path(name).name for name in keys), with_keys)
    manifest = {
        "format": 1,
        "made_at": at.isoformat(),
        "version": made.version,
        "keys": list(made.keys),
        "has_keys": with_keys,
    }
    with tempfile.TemporaryDirectory(prefix="surefoot-backup-") as directory:
        kept = _copy(data_dir, Path(directory) / "files", [*audit, *(keys if with_keys else [])])
        dump = Path(directory) / "dump"
        _dump(platform.database.url, dump)
        write_archive(file, manifest, dump, kept, [*audit, *(keys if with_keys else [])])
    return made


def _dump(url: str, file: Path) -> None:
    with psycopg.connect(url) as connection:
        program = find_program(connection.info.server_version // 10000)
        schemas = [f"--schema={name}" for name in _SCHEMAS]
        options = ["--format=custom", "--no-owner", "--no-privileges", *schemas, f"--file={file}"]
        output_of([str(program), *options, f"--dbname={address(connection)}"], _password(connection))


def _files(data_dir: Path, folder: str) -> list[str]:
    paths = sorted((data_dir / folder).rglob("*")) if (data_dir / folder).is_dir() else []
    return [str(path.relative_to(data_dir)) for path in paths if path.is_file() and not path.name.startswith(".")]


def _copy(source: Path, target: Path, names: list[str]) -> Path:
    for name in names:
        (target / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (target / name).write_bytes((source / name).read_bytes())
        (target / name).chmod(0o600)
    return target


def _password(connection: psycopg.Connection[tuple[object, ...]]) -> dict[str, str]:
    return {"PGPASSWORD": connection.info.password} if connection.info.password else {}


def restore_backup(settings: PlatformSettings, call: Call, file: Path, *, programs: Path | None = None) -> Backup:
    """Restore a backup into an empty database and an empty data directory, and migrate it to this version's schema.

    Keys that the backup does not hold are to be in `data_dir/keys` before. Every session and link ends. Writes the
    audit event. Raises UsageError for a file that is no backup, a database or directory that is in use, and keys that
    are missing; ToolFailed.
    """
    told = read_manifest(file)
    found = Backup(datetime.fromisoformat(told["made_at"]), told["version"], tuple(told["keys"]), told["has_keys"])
    _check_files(settings, found)
    with _database(settings, programs) as opened, tempfile.TemporaryDirectory(prefix="surefoot-restore-") as directory:
        assert opened.database_url is not None
        url = opened.database_url.get_secret_value()
        _check_empty(url)
        names = unpack(file, Path(directory))
        _load(url, Path(directory) / DUMP)
        _copy(Path(directory), settings.data_dir, [name for name in names if name != DUMP])
        migrate(url)
        asyncio.run(_finish(opened, call, file))
    return found


def _check_files(settings: PlatformSettings, backup: Backup) -> None:
    keys = {Path(name).name for name in _files(settings.data_dir, KEYS)}
    if backup.has_keys and keys:
        raise UsageError(f"{settings.data_dir / KEYS} holds keys already.", hint="Restore into a directory of its own.")
    if _files(settings.data_dir, AUDIT):
        raise UsageError(
            f"{settings.data_dir / AUDIT} holds an audit trail already.", hint="Restore into a directory of its own."
        )
    missing = [] if backup.has_keys or settings.master_key is not None else sorted(set(backup.keys) - keys)
    if missing:
        raise UsageError(
            f"The backup does not hold its keys, and {settings.data_dir / KEYS} lacks {', '.join(missing)}.",
            hint="Put them there from where you keep them, readable for nobody else, and restore again.",
            missing=missing,
        )


@contextmanager
def _database(settings: PlatformSettings, programs: Path | None) -> Iterator[PlatformSettings]:
    if settings.database_url is not None:
        yield settings
        return
    with own_postgres(settings.data_dir, programs) as url:
        yield settings.model_copy(update={"database_url": SecretStr(url), "database_role": ROLE})


def _check_empty(url: str) -> None:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s) ORDER BY 1", (list(_SCHEMAS),)
        ).fetchall()
    if found:
        raise UsageError(
            f"The database is not empty: it has the schema {found[0][0]}.", hint="Restore into a new, empty database."
        )


def _load(url: str, dump: Path) -> None:
    with psycopg.connect(url) as connection:
        program = find_program(connection.info.server_version // 10000).with_name("pg_restore")
        options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
        output_of([str(program), *options, f"--dbname={address(connection)}", str(dump)], _password(connection))


async def _finish(settings: PlatformSettings, call: Call, file: Path) -> None:
    await grant_role(settings)
    async with open_platform(settings) as platform, platform.database.transaction() as connection:
        # Some of them ended since, and whoever had them was to be shut out.
        await end_everywhere(connection)
        await record(connection, call, "backup.restore", after={"file": file.name})
