"""Which passwords are taken (NIST SP 800-63B-4, section 3.1.1): long ones that are not easily guessed, of any kind.

Nothing here asks anything of the network: what is common is shipped, what was breached the operator imports.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from surefoot.accounts import breaches, guessing
from surefoot.errors import Invalid
from surefoot.web.platform import Platform

SHORTEST, LONGEST = 15, 256
_LEAST_LEFT = 8
_HINT = "Take 15 characters or more of your own: four or five words that nobody would put together do well."


def normalised(password: str) -> str:
    """The form in which a password is hashed: composed (NFC), so that each keyboard's way of typing it is the same.

    Nothing is cut off, trimmed or folded.
    """
    return unicodedata.normalize("NFC", password)


async def hash_new(platform: Platform, password: str, context: Iterable[str]) -> str:
    """The hash of a password that is to be set. Outside of transactions: it is slow.

    `context` are words that belong to the person: name, address, workspaces. Raises Invalid, Overloaded.
    """
    # The file of breaches may have to come from the disk.
    await asyncio.to_thread(check_password, password, context, platform.settings.data_dir / breaches.NAME)
    return await platform.hasher.hash(normalised(password))


async def is_right(platform: Platform, stored: str | None, password: str) -> bool:
    """Whether it is the password: one verification, whether there is one or not. Outside of transactions."""
    return await platform.hasher.verify(stored, normalised(password))


def check_password(password: str, context: Iterable[str], breached: Path) -> None:
    """Raises Invalid for a password that is too short, too long, easily guessed, or known from a breach."""
    text = normalised(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise _refused(f"A password has {SHORTEST} to {LONGEST} characters; this has {len(text)}.")
    if guessing.characters_left(text, context) < _LEAST_LEFT:
        raise _refused("This password is easily guessed: common words, names, repeats or sequences are most of it.")
    if breaches.is_breached(text, breached):
        raise _refused("This password is known from a breach elsewhere.")


def _refused(message: str) -> Invalid:
    return Invalid(message, hint=_HINT, field="password")
