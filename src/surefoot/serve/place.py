"""Where the platform's database is, for the operator's commands: beside a running server, or without one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import SecretStr

from surefoot.engine.dialects.postgres.embedded import EmbeddedPostgres
from surefoot.engine.dialects.postgres.programs import find_programs
from surefoot.errors import UsageError
from surefoot.platform_settings import PlatformSettings
from surefoot.serve.postgres import DATABASE, FOLDER, ROLE, own_postgres


@contextmanager
def with_database(settings: PlatformSettings) -> Iterator[PlatformSettings]:
    """Settings that name the platform's database, which answers for as long as the block.

    The embedded server is used where `surefoot serve` runs it, and else started and stopped again. Raises UsageError
    where there is no platform yet, ToolFailed.
    """
    if settings.database_url is not None:
        yield settings
        return
    data = settings.data_dir / FOLDER
    if not data.exists():
        raise UsageError(
            f"There is no platform in {settings.data_dir}.",
            hint="Start it once with `surefoot serve`, or name its directory in SUREFOOT_DATA_DIR.",
        )
    server = EmbeddedPostgres(data, find_programs(None))
    if server.running():
        yield _named(settings, server.url(DATABASE))
        return
    with own_postgres(settings.data_dir) as url:
        yield _named(settings, url)


def _named(settings: PlatformSettings, url: str) -> PlatformSettings:
    return settings.model_copy(update={"database_url": SecretStr(url), "database_role": ROLE})
