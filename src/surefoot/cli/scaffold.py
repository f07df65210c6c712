"""`init` and `new`: write files for a person to fill in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from surefoot.cli.context import Context
from surefoot.engine.formats.folder import new_migration, read_folder
from surefoot.settings import CONFIG_NAME

_CONFIG = """\
# Surefoot's settings. Each key may also stand in an [env.NAME] table, in the environment as SUREFOOT_<KEY>, or on the
# command line. ${{NAME}} is filled in from the environment, or from a file .env beside this one.

# The key of the history in the database: projects that share a database need different ones.
project = "{project}"

# The folder of migrations, relative to this file.
dir = "{folder}"

# native, dbmate, goose, diesel or flyway; found out from the files where it is not given.
# folder_format = "native"

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
    folder = context.flags.get("dir") or "migrations"
    config = context.cwd / CONFIG_NAME
    made = []
    if not config.exists():
        project = _project_name(context.cwd)
        config.write_text(_CONFIG.format(project=project, folder=Path(folder).as_posix()), encoding="utf-8")
        made.append(CONFIG_NAME)
    if not (context.cwd / folder).exists():
        (context.cwd / folder).mkdir(parents=True)
        made.append(f"{folder}/")
    context.output.document({"kind": "init", "made": made})
    for name in made:
        context.output.line(f"{context.output.paint('✓', 'green')} wrote {name}")
    context.output.line("next: surefoot new first_table" if made else "Everything is there already.")
    return 0


def _project_name(directory: Path) -> str:
    name = "".join(char if char.isalnum() or char in "-_" else "-" for char in directory.name.lower())
    return name.strip("-") or "default"


def new(context: Context) -> int:
    """Write the files of a new migration, in the folder's own format."""
    root = context.cwd / context.settings.dir
    folder_format = context.settings.folder_format
    if folder_format is None and root.exists():
        folder_format = read_folder(
            root, identity=context.settings.identity, variables=context.settings.variables
        ).format
    paths = new_migration(root, folder_format or "native", context.flags["name"], datetime.now(UTC))
    names = [_relative(path, context.cwd) for path in paths]
    context.output.document({"kind": "new", "files": names})
    for name in names:
        context.output.line(f"{context.output.paint('✓', 'green')} wrote {name}")
    return 0


def _relative(path: Path, cwd: Path) -> str:
    return str(path.relative_to(cwd)) if path.is_relative_to(cwd) else str(path)
