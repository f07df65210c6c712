"""What must never be printed: passwords of URLs, and values whose names or statements say that they are secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from urllib.parse import parse_qs, quote, unquote, urlsplit

_SOUNDS_SECRET = re.compile(r"passw|passphrase|_pwd|secret|token|credential|private|api_?key|_key\b", re.IGNORECASE)
_SAYS_WHERE = re.compile(r"_(file|path|dir|home)$", re.IGNORECASE)
_LITERAL = re.compile(r"'((?:[^']|'')+)'")
# Between the first colon of the user's part and the last @: wider than the standard has it, for URLs that break it.
_USER_PART = re.compile(r"^[^:]*://[^:/@?]*:(.+)@", re.DOTALL)
# A password that is such a word protects nothing, and hiding it would blot out words of our own.
_PLAIN = re.compile(
    r"admin|database|default|localhost|maria_?db|mysql|pass(word)?|postgres(ql)?|public|root|secret|sqlite|surefoot|test",
    re.IGNORECASE,
)
_SHORTEST_VALUE = 6


def secrets_of(url: str | None, preamble: Sequence[str], variables: Mapping[str, str]) -> Iterator[str]:
    """Every text that is to be hidden: of the target's URL, its preamble, and named values (`.env`, placeholders)."""
    yield from url_secrets(url or "")
    for statement in preamble:
        if _SOUNDS_SECRET.search(statement):
            yield from _worth_hiding(_LITERAL.findall(statement))
    for name, value in variables.items():
        yield from url_secrets(value)
        if _SOUNDS_SECRET.search(name) and not _SAYS_WHERE.search(name):
            yield from _worth_hiding((value,))


def _worth_hiding(values: Iterable[str]) -> Iterator[str]:
    return (value for value in values if len(value) >= _SHORTEST_VALUE and not _PLAIN.fullmatch(value))


def url_secrets(url: str) -> Iterator[str]:
    """The password of a URL, as it is written and decoded, wherever it stands; nothing where it has none."""
    if "://" not in url:
        return
    for password in filter(None, _passwords(url)):
        yield f":{password}@"
        rest = url.replace(password, "")
        for form in {password, unquote(password), quote(unquote(password), safe="")}:
            if not _PLAIN.fullmatch(form) and not re.search(rf"\b{re.escape(form)}\b", rest):
                yield form


def _passwords(url: str) -> set[str]:
    found: set[str] = set()
    with suppress(ValueError):
        parts = urlsplit(url)
        found |= {parts.password or "", *_of_query(parts.query)}
    match = _USER_PART.match(url)
    if match and match[1] not in found:
        # Somebody forgot to encode a character, and a driver may complain of either part.
        found |= {match[1], *re.split(r"[/?#@:]", match[1])}
    return found


def _of_query(query: str) -> list[str]:
    # A `+` is a space for parse_qs, and itself for libpq.
    values = parse_qs(query.replace("+", "%2B"))
    return [value for name, found in values.items() if _SOUNDS_SECRET.search(name) for value in found]
