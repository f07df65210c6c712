"""The tools side by side: how each one's project is written, and which process applies it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.installed import DBMATE, Installed

ALEMBIC_INI = "[alembic]\nscript_location = .\n"
ALEMBIC_ENV = """\
import os
from alembic import context
from sqlalchemy import create_engine

with create_engine(os.environ["DATABASE_URL"]).connect() as connection:
    context.configure(connection=connection, transaction_per_migration={each})
    with context.begin_transaction():
        context.run_migrations()
"""
ALEMBIC_REVISION = """\
from alembic import op

revision = "{version}"
down_revision = {before!r}


def upgrade():
    op.execute("{up}")


def downgrade():
    op.execute("{down}")
"""


@dataclass(frozen=True, slots=True)
class Trivial:
    """One trivial migration: a small table, and its end."""

    number: int

    @property
    def version(self) -> str:
        """A time stamp's fourteen digits, as most of the tools have it."""
        return str(20250101000000 + self.number)

    @property
    def up(self) -> str:
        """The statement of the way there."""
        return f"CREATE TABLE item_{self.number:04} (id bigint PRIMARY KEY, name text NOT NULL)"

    @property
    def down(self) -> str:
        """The statement of the way back."""
        return f"DROP TABLE item_{self.number:04}"


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool: `write` writes a project of so many migrations into a folder, `command` is what applies it.

    `nothing` is the process where there is nothing to apply, if that is another one.
    """

    name: str
    write: Callable[[Path, int], None]
    command: Callable[[Path, str], tuple[str | Path, ...]]
    nothing: Callable[[Path, str], tuple[str | Path, ...]] | None = None
    interpreted: bool = True


def peers(installed: Installed, psql: Path) -> tuple[Peer, ...]:
    """The floor first, then Surefoot, then the others."""
    alembic = f"Alembic {installed.version(installed.peers, 'alembic')}"
    return (
        _psql(psql),
        Peer(
            f"Surefoot {installed.version(installed.surefoot, 'surefoot')}",
            write_surefoot,
            lambda folder, url: (installed.surefoot / "surefoot", "up", "--url", url, "--dir", folder),
        ),
        _dbmate(installed.dbmate),
        _alembic(f"{alembic}, one transaction each", installed, each=True),
        _alembic(f"{alembic}, one transaction for all", installed, each=False),
        _yoyo(f"yoyo {installed.version(installed.peers, 'yoyo-migrations')}", installed),
    )


def _psql(psql: Path) -> Peer:
    def run(url: str, *what: str | Path) -> tuple[str | Path, ...]:
        return (psql, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={url}", *what)

    return Peer(
        "psql",
        write_psql,
        lambda folder, url: run(url, "--file", folder / "all.sql"),
        lambda _, url: run(url, "--command", "SELECT 1"),
        interpreted=False,
    )


def _dbmate(program: Path) -> Peer:
    return Peer(
        f"dbmate {DBMATE}",
        write_dbmate,
        lambda folder, url: (
            program,
            "--url",
            url,
            "--migrations-dir",
            folder,
            "--no-dump-schema",
            "migrate",
        ),
        interpreted=False,
    )


def _alembic(name: str, installed: Installed, *, each: bool) -> Peer:
    return Peer(
        name,
        lambda folder, count: write_alembic(folder, count, each=each),
        lambda folder, _: (
            installed.peers / "alembic",
            "--config",
            folder / "alembic.ini",
            "upgrade",
            "head",
        ),
    )


def _yoyo(name: str, installed: Installed) -> Peer:
    return Peer(
        name,
        write_yoyo,
        lambda folder, url: (
            installed.peers / "yoyo",
            "apply",
            "--batch",
            "--no-config-file",
            "--database",
            with_driver(url),
            folder,
        ),
    )


def with_driver(url: str) -> str:
    """The address as SQLAlchemy and yoyo take it, with psycopg 3 as the driver."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def trivial(count: int) -> Iterator[Trivial]:
    """So many trivial migrations, in order."""
    return map(Trivial, range(1, count + 1))


def write_psql(folder: Path, count: int) -> None:
    """One file with a transaction for each migration."""
    text = "".join(f"BEGIN;\n{item.up};\nCOMMIT;\n" for item in trivial(count))
    (folder / "all.sql").write_text(text)


def write_surefoot(folder: Path, count: int) -> None:
    """Surefoot's own format: a pair of files for each migration."""
    for item in trivial(count):
        (folder / f"{item.version}_item.up.sql").write_text(f"{item.up};\n")
        (folder / f"{item.version}_item.down.sql").write_text(f"{item.down};\n")


def write_dbmate(folder: Path, count: int) -> None:
    """dbmate's format: both ways in one file."""
    for item in trivial(count):
        text = f"-- migrate:up\n{item.up};\n\n-- migrate:down\n{item.down};\n"
        (folder / f"{item.version}_item.sql").write_text(text)


def write_alembic(folder: Path, count: int, *, each: bool) -> None:
    """Revision scripts that execute SQL, in one transaction each or in one for all."""
    (folder / "alembic.ini").write_text(ALEMBIC_INI)
    (folder / "env.py").write_text(ALEMBIC_ENV.format(each=each))
    (folder / "versions").mkdir()
    before = None
    for item in trivial(count):
        text = ALEMBIC_REVISION.format(version=item.version, before=before, up=item.up, down=item.down)
        (folder / "versions" / f"{item.version}_item.py").write_text(text)
        before = item.version


def write_yoyo(folder: Path, count: int) -> None:
    """yoyo's format: a pair of files for each migration."""
    for item in trivial(count):
        (folder / f"{item.version}_item.sql").write_text(f"{item.up};\n")
        (folder / f"{item.version}_item.rollback.sql").write_text(f"{item.down};\n")
