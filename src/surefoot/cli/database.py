"""`dump`, `wait` and `doctor`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from surefoot.cli.context import Context
from surefoot.cli.output import Output
from surefoot.engine.dialects.target import Check, Target
from surefoot.engine.open import open_within
from surefoot.errors import Unreachable, UsageError
from surefoot.settings import parse_duration

_MARKS = {"ok": ("✓", "green"), "info": ("·", "dim"), "warning": ("!", "yellow"), "problem": ("✗", "red")}


def dump(context: Context) -> int:
    """Write the schema to a file or to standard output."""
    output = context.flags.get("output")
    with context.connected() as target:
        if output:
            write_dump(target, context.cwd / output)
            context.output.line(f"schema written to {output}")
            context.output.document({"kind": "dump", "file": output})
        else:
            text = target.dump()
            context.output.line(text.rstrip("\n"))
            context.output.document({"kind": "dump", "schema": text})
    return 0


def write_dump(target: Target, place: Path) -> None:
    """Write the schema to the file, which is whole at every moment: the old text or the new one.

    Raises ToolFailed; UsageError where nothing can be written there.
    """
    text = target.dump()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        _replace(place.resolve(), text)
    except OSError as error:
        raise UsageError(
            f"The schema cannot be written to {place}: {error.strerror}.",
            hint="Choose another place (`dump` in surefoot.toml, or --output).",
            file=str(place),
        ) from error


def _replace(place: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        mode = place.stat().st_mode & 0o777 if place.exists() else 0o644
        Path(temporary).chmod(mode)
        Path(temporary).replace(place)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


def wait(context: Context) -> int:
    """Try to connect until the database answers or the time is over."""
    limit = parse_duration(context.flags.get("timeout") or "60s", "--timeout")
    target = context.target(patience=limit)
    _wait(context.output, target, limit)
    context.output.line(f"{target.label} answers: {target.server}")
    context.output.document({"kind": "wait", "target": target.label, "server": target.server})
    target.close()
    return 0


def _wait(output: Output, target: Target, limit: float) -> None:
    told = ""

    def tell(error: Unreachable, waited: float) -> None:
        nonlocal told
        told = _tell_wait(output, error.message, waited, told)

    open_within(target, limit, tell)


def _tell_wait(output: Output, reason: str, waited: float, told: str) -> str:
    """Say what is in the way: over and over in one place on a terminal, elsewhere whenever it is something else."""
    reason = " ".join(reason.split())
    if output.live:
        output.transient(f"waiting for {waited:.0f} s: {reason}")
    elif not output.as_json and reason != told:
        output.error(f"waiting: {reason}")
    return reason


def doctor(context: Context) -> int:
    """Check the target, or the platform; exits with 1 where there is a problem."""
    if context.flags.get("server"):
        from surefoot.cli.keep import examined  # who only migrates has none of the platform's packages

        return _tell(context.output, "platform", examined(context))
    with context.connected() as target:
        return _tell(context.output, target.label, target.doctor())


def _tell(output: Output, target: str, checks: Sequence[Check]) -> int:
    for check in checks:
        _show(output, check)
    output.document({"kind": "doctor", "target": target, "checks": [_plain(check) for check in checks]})
    return 1 if any(check.status == "problem" for check in checks) else 0


def _plain(check: Check) -> dict[str, str]:
    return {"name": check.name, "status": check.status, "finding": check.finding, "hint": check.hint}


def _show(output: Output, check: Check) -> None:
    mark, color = _MARKS[check.status]
    output.line(f"{output.paint(mark, color)} {check.name:<12} {check.finding}")
    if check.hint:
        output.line(f"  {'':<12} {output.paint(check.hint, 'cyan')}")
