"""A folder of migrations, read from disk or given one migration more."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from surefoot.engine.formats import dbmate, diesel, flyway, goose, native
from surefoot.engine.formats.detect import choose
from surefoot.engine.formats.shape import Format, Reading, Rules, next_version, slug
from surefoot.engine.formats.text import read_text
from surefoot.engine.model import Folder, Migration, Note
from surefoot.errors import FolderError, FormatUnknown, UsageError

FORMATS: dict[str, Format] = {module.FORMAT.name: module.FORMAT for module in (native, dbmate, goose, diesel, flyway)}

_NOTHING: Mapping[str, str] = MappingProxyType({})
# goose runs such Go files, and Flyway such Java classes, among the SQL ones: without them the rest means
# something else.
_CODE = re.compile(r"(?:.*/)?(?:[0-9]+_[^/]*(?<!_test)\.go|[VURB][^/]*__[^/]*\.(?:java|kt|groovy))")
_LOOKS_LIKE_ONE = re.compile(
    r"(?:.*/)?(?:[^/]*\.sql|[0-9][^/]*\.(?:py|rb|js|ts|php|exs|rs|sh)|[0-9]+_[^/]*\.(?:up|down)\.[^/]*)",
    re.IGNORECASE,
)


def read_folder(
    root: Path,
    *,
    format: str | None = None,  # noqa: A002 - the word of the command line
    identity: str = "version",
    variables: Mapping[str, str] = _NOTHING,
) -> Folder:
    """The migrations of the folder, in the order in which its format applies them.

    Without `format` it is found out from the files. With `identity="name"` a version is `<version>_<name>`.
    `variables` are the values of placeholders (Flyway's, goose's ENVSUB). An empty folder is an empty Folder
    of the native format.
    """
    if identity not in ("version", "name"):
        raise UsageError(f"There is no identity {identity!r}.", hint='Choose "version" or "name".')
    names = _list(root)
    _refuse_code(root, names)
    candidates = {form: form.files(names) for form in _candidates(format)}
    chosen = _choose(root, candidates, Rules(variables, by_name=identity == "name"), forced=format is not None)
    if chosen is None:
        return _empty(root, names, format)
    form, (migrations, notes) = chosen
    if identity == "name":
        migrations = tuple(map(_named_version, migrations))
    strays = _strays(names, form, candidates[form])
    return Folder(str(root), form.name, migrations, (*notes, *strays))


def new_migration(
    root: Path,
    format: str,  # noqa: A002 - as in read_folder
    name: str,
    now: datetime,
) -> list[Path]:
    """Writes the files of a new, empty migration in that format; never over a file that is there.

    The version goes on from the folder's own; the folder is made where it is missing.
    """
    form = _candidates(format)[0]
    names = _list(root) if root.exists() else []
    files = form.new_files(next_version(form.versions(names), now), slug(name))
    paths = [root / relative for relative in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_new(path, text)
    return paths


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise FolderError(f"{path} is there already.", hint="Choose another name.", file=str(path)) from error


def _candidates(name: str | None) -> list[Format]:
    if name is None:
        return list(FORMATS.values())
    if name not in FORMATS:
        raise UsageError(f"There is no format {name!r}.", hint=f"Choose one of: {', '.join(FORMATS)}.")
    return [FORMATS[name]]


def _list(root: Path) -> list[str]:
    try:
        return sorted(_walk(str(root), ""))
    except OSError as error:
        raise FolderError(
            f"The folder of migrations {root} cannot be read: {error.strerror}.",
            hint="Give the folder with --dir or in surefoot.toml; `surefoot init` makes one.",
            folder=str(root),
        ) from error


def _walk(directory: str, prefix: str) -> Iterator[str]:
    """The files below a directory, as paths relative to the first; hidden ones are left out."""
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path, f"{prefix}{entry.name}/")
            elif entry.is_file():
                yield prefix + entry.name


def _choose(
    root: Path, candidates: Mapping[Format, Sequence[str]], rules: Rules, *, forced: bool
) -> tuple[Format, Reading] | None:
    wanted = sorted({name for names in candidates.values() for name in names})
    texts = {name: read_text(root, name) for name in wanted}
    claims = {form: {name: texts[name] for name in names} for form, names in candidates.items()}
    if not forced:
        return choose(str(root), claims, rules)
    return next(((form, form.read(own, rules)) for form, own in claims.items() if own), None)


def _empty(root: Path, names: Sequence[str], format_name: str | None) -> Folder:
    strays = [name for name in names if _LOOKS_LIKE_ONE.fullmatch(name)]
    if strays:
        raise _unknown(root, strays, format_name)
    return Folder(str(root), format_name or "native", ())


def _unknown(root: Path, strays: Sequence[str], format_name: str | None) -> FormatUnknown:
    shown = ", ".join(strays[:3]) + (" and others" if len(strays) > 3 else "")
    sought = "; ".join(f"{form.name}: {form.layout}" for form in _candidates(format_name))
    return FormatUnknown(
        f"The files in {root} fit no format that was looked for: {shown}.",
        hint=f"Name them as one of these formats does ({sought}), or set folder_format in surefoot.toml.",
        folder=str(root),
        files=list(strays),
    )


def _refuse_code(root: Path, names: Sequence[str]) -> None:
    code = [name for name in names if _CODE.fullmatch(name)]
    if code:
        raise FolderError(
            f"{root} holds migrations written in code, which Surefoot cannot run: {', '.join(code)}.",
            hint="Write them as SQL migrations, or move them out of the folder and run them by themselves.",
            folder=str(root),
            files=code,
        )


def _strays(names: Sequence[str], form: Format, claimed: Sequence[str]) -> Iterator[Note]:
    known = set(claimed)
    for name in names:
        if name not in known and _LOOKS_LIKE_ONE.fullmatch(name):
            yield Note(name, 1, f"not read: {form.name} reads {form.layout}")


def _named_version(migration: Migration) -> Migration:
    return replace(migration, version=f"{migration.version}_{migration.name}")
