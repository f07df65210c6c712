"""What is decided about accounts and sessions, without looking anything up."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

import idna

from surefoot.accounts.model import Address, Purpose, Session
from surefoot.errors import Invalid, UsageError
from surefoot.notifications.rules import checked_recipient

IDLE = timedelta(hours=1)
ABSOLUTE = timedelta(hours=24)
# A session's last use is written down no oftener than this.
SEEN = timedelta(minutes=1)
FRESH = timedelta(minutes=5)
CHALLENGE = timedelta(minutes=10)
CHALLENGE_ATTEMPTS = 5
PLACES_KEPT = timedelta(days=365)
FAILURES_UNTIL_OFF = 100
LINKS = {
    Purpose.SETUP: timedelta(hours=24),
    Purpose.VERIFY: timedelta(hours=24),
    Purpose.RESET: timedelta(minutes=30),
    Purpose.EMAIL_CHANGE: timedelta(hours=1),
}
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("surefoot", "Surefoot's command line"),
    ("curl/", "curl"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def address_of(given: str) -> Address:
    """The address, its key in small letters with the domain in ASCII. Raises Invalid for what is no address."""
    try:
        email = checked_recipient(given.strip())
        local, _, domain = email.rpartition("@")
        host = idna.encode(domain, uts46=True, std3_rules=True).decode()
    except (UsageError, idna.IDNAError):
        raise Invalid("That is no e-mail address.", hint="Write it as name@domain.", field="email") from None
    return Address(email, f"{unicodedata.normalize('NFC', local).lower()}@{host}")


def is_live(session: Session, at: datetime) -> bool:
    """Whether the session may be used: for an hour after its last use, and a day after its beginning."""
    return at - session.seen_at < IDLE and at - session.began_at < ABSOLUTE


def is_fresh(proven_at: datetime | None, at: datetime) -> bool:
    """Whether the person proved so lately who they are that something dangerous may follow."""
    return proven_at is not None and at - proven_at <= FRESH


def device_of(agent: str) -> str:
    """What people would call the program and the system of a user agent: `Firefox on Linux`."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return " on ".join(part for part in (browser, system) if part) or "Unknown device"


def clean_name(given: str) -> str:
    """The name of a person with its spaces in order. Raises Invalid for an empty one or one of control characters."""
    name = " ".join(given.split())
    if not name or len(name) > 100 or not name.isprintable():
        raise Invalid("That name cannot be used.", hint="One to 100 letters, on one line.", field="name")
    return name
