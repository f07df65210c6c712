"""What may be sent, to whom, and what its words look like. Nothing here does any work outside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from surefoot.errors import UsageError

# Each template, and the values without which it makes no sense. `at`, `address` and `agent` (when and where something
# was done) every template shows where they are given.
TEMPLATES: Mapping[str, frozenset[str]] = {
    "verify": frozenset({"link"}),
    "already-registered": frozenset(),
    "no-account": frozenset(),
    "reset": frozenset({"link"}),
    "password-changed": frozenset(),
    "email-change": frozenset({"link"}),
    "email-change-asked": frozenset(),
    "email-changed": frozenset(),
    "factor-added": frozenset(),
    "factor-removed": frozenset(),
    "recovery-used": frozenset(),
    "new-sign-in": frozenset(),
    "invitation": frozenset({"link"}),
    "identity-linked": frozenset(),
    "identity-unlinked": frozenset(),
    "token-created": frozenset(),
    "locked": frozenset(),
}
# RFC 5321, section 4.5.3.1: octets; a path has 256, two of them its brackets.
_LONGEST_ADDRESS, _LONGEST_LOCAL = 254, 64
# RFC 5322's dot-atom and RFC 6531's letters; names of an organisation's own network (`localhost`, `x.local`) are fine.
_LOCAL = re.compile(r"[\w+!#$%&'*/=?^`{|}~-]+(\.[\w+!#$%&'*/=?^`{|}~-]+)*")
_DOMAIN = re.compile(r"[^\W_]([\w-]*[^\W_])?(\.[^\W_]([\w-]*[^\W_])?)*")
_LONGEST_VALUE = 200
# For so long a mail is tried.
TIME = timedelta(days=1)


def checked_recipient(given: str) -> str:
    """The address, if it is one and can stand in a header; without a name before it. Raises UsageError."""
    local, _, domain = given.rpartition("@")
    short = _octets(given) <= _LONGEST_ADDRESS and _octets(local) <= _LONGEST_LOCAL
    if not (short and given.isprintable() and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        raise UsageError("This is no e-mail address that mail can be sent to.", hint="It looks like name@example.com.")
    return given


def _octets(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def checked_values(template: str, values: Mapping[str, str]) -> dict[str, str]:
    """The values of a mail. Raises UsageError for a template that is none, and for a value that it needs."""
    if template not in TEMPLATES:
        raise UsageError(f"There is no mail named {template}.", hint=f"There are {', '.join(TEMPLATES)}.")
    if missing := TEMPLATES[template] - values.keys():
        raise UsageError(f"The mail {template} needs a value: {', '.join(sorted(missing))}.")
    return {name: value if name == "link" else one_line(value) for name, value in values.items()}


def one_line(value: str) -> str:
    """What somebody else has written, as words in one line of bounded length: no control or direction characters."""
    words = "".join(sign if sign.isprintable() else " " for sign in value).split()
    # A scheme would make a link of a workspace's name in the mail that we send for somebody.
    text = " ".join(words).replace("://", ":/ /")
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def is_late(created_at: datetime, now: datetime) -> bool:
    """Whether a mail that could not be sent until now is given up."""
    return now - created_at >= TIME
