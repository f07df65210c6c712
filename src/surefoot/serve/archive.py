"""The file of a backup: a tar of the database's dump, the files of the audit trail, and the keys if asked for."""

from __future__ import annotations

import json
import os
import re
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from surefoot.errors import UsageError

MANIFEST, DUMP, AUDIT, KEYS = "manifest.json", "platform.dump", "audit", "keys"
# Nothing that is unpacked can lie anywhere else.
_MEMBER = re.compile(r"(audit|keys)(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+")


def write_archive(file: Path, manifest: Mapping[str, Any], dump: Path, data_dir: Path, names: Iterable[str]) -> None:
    """Write the file, whole or not at all, for its owner alone. Raises UsageError where there is one already."""
    draft = file.with_name(f".{file.name}.unfinished")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            with tarfile.open(fileobj=stream, mode="w") as tar:
                told = dump.with_name(MANIFEST)
                told.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
                for path, name in ((told, MANIFEST), (dump, DUMP), *((data_dir / name, name) for name in names)):
                    tar.add(path, name, recursive=False)
            stream.flush()
            os.fsync(descriptor)
        file.hardlink_to(draft)
    except FileExistsError:
        raise UsageError(f"{file} is there already.", hint="Name another file.", file=str(file)) from None
    finally:
        draft.unlink(missing_ok=True)


def read_manifest(file: Path) -> dict[str, Any]:
    """What a backup holds. Raises UsageError for a file that is none."""
    try:
        with tarfile.open(file) as tar:
            member = tar.extractfile(MANIFEST)
            found: dict[str, Any] = json.load(member) if member else {}
    except (tarfile.TarError, KeyError, ValueError) as error:
        raise _no_backup(file) from error
    if found.get("format") != 1:
        raise _no_backup(file)
    return found


def unpack(file: Path, directory: Path) -> list[str]:
    """Write what the archive holds into an empty directory, for its owner alone; returns the names of its files."""
    names = []
    with tarfile.open(file) as tar:
        for member in tar:
            if member.isfile() and (member.name == DUMP or _MEMBER.fullmatch(member.name)):
                _write(tar, member, directory / member.name)
                names.append(member.name)
    return names


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, wanted: Path) -> None:
    wanted.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    source = tar.extractfile(member)
    assert source is not None, "it is a file"
    descriptor = os.open(wanted, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        while block := source.read(1 << 20):
            target.write(block)


def _no_backup(file: Path) -> UsageError:
    return UsageError(f"{file} is no backup of a platform.", hint="`surefoot backup FILE` makes one.", file=str(file))
