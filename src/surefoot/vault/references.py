"""Secrets that are not stored, only named: `env:NAME` and `file:PATH`."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from surefoot.errors import Invalid, Unavailable
from surefoot.platform_settings import PlatformSettings

# More than any key or certificate chain; less than what would fill the memory by mistake.
_MOST = 64 * 1024
_HINT = (
    "A reference is env:NAME, for a variable of the platform's processes, or file:/PATH, for a file that they can read."
)

# Whoever may name a secret may send it somewhere: these are nobody's to send. `/proc/self/environ` holds all of them.
_UNREAL = tuple(map(Path, ("/proc", "/sys")))
_OWN = frozenset(f"SUREFOOT_{name.upper()}" for name in PlatformSettings.model_fields)


def check(reference: str) -> None:
    """Whether it is a reference at all; that there is something behind it is not checked. Raises Invalid."""
    kind, _, name = reference.partition(":")
    if kind not in ("env", "file") or not name or "\0" in name:
        raise Invalid("This is no reference to a secret.", hint=_HINT)
    if kind == "file" and not Path(name).is_absolute():
        raise Invalid(f"The path in {reference} is not absolute.", hint=_HINT)


def resolve(reference: str) -> bytes:
    """The secret behind a reference; one line break at the end of a file is not part of it.

    Raises Invalid for what is no reference, Unavailable for what cannot be read; neither ever shows a value.
    """
    check(reference)
    kind, _, name = reference.partition(":")
    secret = _of_variable(reference, name) if kind == "env" else _of_file(reference, name)
    if not secret:
        raise _not_there(reference, "it is empty")
    return secret


def _of_variable(reference: str, name: str) -> bytes:
    if name.upper() in _OWN:
        raise _not_there(reference, "it is one of the platform's own settings")
    found = os.environb.get(os.fsencode(name))
    if found is None:
        raise _not_there(reference, "no such variable is set")
    return found


def _of_file(reference: str, name: str) -> bytes:
    if any(map(Path(name).resolve().is_relative_to, _UNREAL)):
        raise _not_there(reference, "it is no ordinary file")
    try:
        # A pipe would keep the process waiting for its other end.
        descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _not_there(reference, "it is no ordinary file")
            content = file.read(_MOST + 1)
    except OSError as error:
        raise _not_there(reference, error.strerror or "it cannot be read") from error
    if len(content) > _MOST:
        raise _not_there(reference, f"it is longer than {_MOST} bytes")
    return content.removesuffix(b"\n").removesuffix(b"\r")


def _not_there(reference: str, why: str) -> Unavailable:
    return Unavailable(
        f"The secret behind {reference} cannot be read: {why}.",
        hint="The platform's processes read it at the time when it is needed: see that it is there for them.",
        reference=reference,
    )
