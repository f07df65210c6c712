"""The processes of the platform: `serve`, `api` and `worker`."""

from __future__ import annotations

from pathlib import Path

from surefoot.cli.context import Context
from surefoot.platform_settings import PlatformSettings, load_platform_settings
from surefoot.serve import process
from surefoot.serve.process import Roles


def serve(context: Context) -> int:
    """Run the whole platform until Ctrl-C or SIGTERM, with a PostgreSQL of its own unless one is named."""
    programs = context.variables.get("SUREFOOT_POSTGRES_BIN")
    process.serve(_settings(context), context.output.line, programs=Path(programs) if programs else None)
    return 0


def api(context: Context) -> int:
    """Answer requests until Ctrl-C or SIGTERM; jobs are a worker's."""
    process.run(_settings(context), Roles(worker=False), context.output.line)
    return 0


def worker(context: Context) -> int:
    """Run jobs until Ctrl-C or SIGTERM."""
    process.run(_settings(context), Roles(api=False), context.output.line)
    return 0


def _settings(context: Context) -> PlatformSettings:
    given = {name: context.flags[name] for name in ("host", "port") if context.flags.get(name) is not None}
    return load_platform_settings(context.variables, **given)
