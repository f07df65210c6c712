"""What the operator does about passwords of the platform."""

from __future__ import annotations

from pathlib import Path

from surefoot.accounts.breaches import NAME, import_breaches
from surefoot.cli.context import Context
from surefoot.cli.output import counted
from surefoot.errors import UsageError
from surefoot.platform_settings import load_platform_settings


def passwords_import(context: Context) -> int:
    """Make the file of breached passwords of a list that was downloaded."""
    given = Path(context.flags["file"])
    if not given.is_file():
        raise UsageError(f"{given} is no file.", hint="Give the list of SHA-1 hashes, one a line.", file=str(given))
    made = load_platform_settings(context.variables).data_dir / NAME
    hashes = import_breaches(given, made)
    context.output.line(f"{counted(hashes, 'breached password')} in {made}. Whoever sets one of them is refused.")
    context.output.document({"kind": "passwords", "hashes": hashes, "file": str(made)})
    return 0
