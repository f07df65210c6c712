"""`init` and `new`: write files for a person to fill in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from surefoot.cli.context import Context
from surefoot.engine.formats.folder import FORMATS, new_migration, read_folder
from surefoot.engine.formats.text import read_text
from surefoot.errors import DuplicateVersion, MalformedFile
from surefoot.settings import CONFIG_NAME, DEFAULT_DIR

_CONFIG = """\
# Surefoot's settings. Each key may also stand in an [env.NAME] table, in the environment as SUREFOOT_<KEY>, or on the
# command line. ${{NAME}} is filled in from the environment, or from a file .env beside this one.

# The key of the history in the database: projects that share a database need different ones.
project = {project}

# The folder of migrations, relative to this file.
dir = {folder}

# native, dbmate, goose, diesel or flyway; found out from the files where it is not given.
{folder_format}

# The database. DATABASE_URL in the environment does the same.
# url = "${{DATABASE_URL}}"

# One attempt to get a lock blocks the application no longer than this; then the transaction is tried again,
# for lock_wait at most.
# lock_timeout = "2s"
# lock_wait = "5m"
# statement_timeout = "10m"

# Statements that prepare the session before each migration.
# preamble = ["SET ROLE shop_owner"]

# A file that gets the schema after each `up` and `down`.
# dump = "schema.sql"

# surefoot --env production ...
# [env.production]
# url = "${{PRODUCTION_URL}}"
# confirm = true
"""


def init(context: Context) -> int:
    """Write surefoot.toml and the folder; leave alone what is there."""
    config = context.cwd / CONFIG_NAME
    made = []
    if not config.exists():
        config.write_text(_config(context), encoding="utf-8")
        made.append(CONFIG_NAME)
    folder = context.cwd / _folder(context)
    if not folder.is_dir():
        folder.mkdir(parents=True)
        made.append(f"{_relative(folder, context.cwd)}/")
    _tell(context, "init", made)
    if not made:
        context.output.line("Everything is there already.")
    context.output.line("next: set DATABASE_URL, then `surefoot new create_users`")
    return 0


def _folder(context: Context) -> str:
    """The folder that is asked for, or that a configuration of this directory names already."""
    settings = context.settings
    own = settings.config is not None and Path(settings.config).parent == context.cwd
    return context.flags.get("dir") or (settings.dir if own else DEFAULT_DIR)


def _config(context: Context) -> str:
    flags = context.flags
    form = flags.get("folder_format")
    return _CONFIG.format(
        project=_toml(flags.get("project") or _project_name(context.cwd)),
        folder=_toml(Path(_folder(context)).as_posix()),
        folder_format=f"folder_format = {_toml(form)}" if form else '# folder_format = "native"',
    )


def _toml(text: str) -> str:
    # JSON's quoting is one of those that TOML reads.
    return json.dumps(text, ensure_ascii=False)


def _project_name(directory: Path) -> str:
    name = "".join(char if char.isalnum() or char in "-_" else "-" for char in directory.name.lower())
    return name.strip("-") or "default"


def new(context: Context) -> int:
    """Write the files of a new migration, in the folder's own format."""
    root = context.cwd / context.settings.dir
    folder_format = context.settings.folder_format or (_format_of(context, root) if root.exists() else "native")
    paths = new_migration(root, folder_format, context.flags["name"], datetime.now(UTC))
    _tell(context, "new", [_relative(path, context.cwd) for path in paths])
    context.output.line("next: write the SQL, then `surefoot plan` and `surefoot up`")
    return 0


def _format_of(context: Context, root: Path) -> str:
    """The folder's format, also where a file that cannot be read stands among the others."""
    settings = context.settings
    try:
        return read_folder(root, identity=settings.identity, variables=settings.variables).format
    except (MalformedFile, DuplicateVersion):
        names = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
        claims = {name: {file: _text(root, file) for file in form.files(names)} for name, form in FORMATS.items()}
        fitting = [name for name, form in FORMATS.items() if claims[name] and form.fits(claims[name])]
        if len(fitting) == 1:
            return fitting[0]
        raise


def _text(root: Path, name: str) -> str:
    try:
        return read_text(root, name)
    except MalformedFile:
        return ""


def _tell(context: Context, kind: str, written: list[str]) -> None:
    context.output.document({"kind": kind, "files": written})
    for name in written:
        context.output.line(f"{context.output.paint('✓', 'green')} wrote {name}")


def _relative(path: Path, cwd: Path) -> str:
    return str(path.relative_to(cwd)) if path.is_relative_to(cwd) else str(path)
