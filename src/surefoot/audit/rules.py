"""What a record looks like, byte by byte, and how its hash follows from the one before."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from enum import Enum
from json.encoder import encode_basestring
from pathlib import PurePath
from typing import cast
from uuid import UUID

import rfc8785

from surefoot.audit.model import Event, Read

# What does not belong in one line of text, or turns its direction.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SECRETS = (
    (re.compile(r"sft_(pat|svc)_\w+"), r"sft_\1_(secret)"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), r"\1 (secret)"),
    (re.compile(r"(?i)([?&#](?:token|code|state|key|secret|password)=)[^&\s]+"), r"\1(secret)"),
    (re.compile(r"(://[^\s:/@]*:)[^\s@]+@"), r"\1(secret)@"),
)
_SECRET_KEYS = re.compile(
    r"(?i)(^|[_-])(password|passphrase|secret|token|otp|cookie|authorization|api_?key|private_?key)$"
)
_IDENTIFIER = re.compile(r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LARGEST = (1 << 53) - 1
_MOST_BYTES = 32_000
_NAMES = {kind: tuple(field.name for field in fields(kind)) for kind in (Event, Read)}
_SORTED = {kind: sorted(names) for kind, names in _NAMES.items()}


def cut(text: str, length: int) -> str:
    """A text as one line of at most `length` characters; what would not be seen is written as `\\u000a`."""
    return _seen(text[:length])[:length]


def _seen(text: str) -> str:
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def without_secrets(text: str) -> str:
    """A text in which what is known by its form to be a secret is taken out: a net below those who wrote the text."""
    for form, instead in _SECRETS:
        text = form.sub(instead, text)
    return text


def plain(values: Mapping[str, object] | None) -> Mapping[str, object] | None:
    """Values as JSON that reads the same wherever it was stored; more than 32 kB are told by their digest alone.

    Raises TypeError for what is no value, such as bytes.
    """
    if values is None:
        return None
    made = cast("dict[str, object]", _plain(values))
    written = canonical(made)
    if len(written) > _MOST_BYTES:
        return {"too_large": len(written), "sha256": hashlib.sha256(written).hexdigest()}
    return made


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {_seen(str(key)): _kept(str(key), _plain(inner)) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(inner) for inner in value), key=str)
    return _single(value.value if isinstance(value, Enum) else value)


def _kept(key: str, value: object) -> object:
    """The value, unless its name says that it is a secret; an identifier is none."""
    if isinstance(value, str) and _SECRET_KEYS.search(key) and not _IDENTIFIER.fullmatch(value):
        return "(secret)"
    return value


def _single(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _LARGEST else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, (str, UUID, PurePath)):
        return _seen(without_secrets(str(value)))
    raise TypeError(f"A {type(value).__name__} cannot stand in the audit trail.")


def canonical(value: object) -> bytes:
    """The one way to write a JSON value (RFC 8785)."""
    return rfc8785.dumps(_readable(value))  # type: ignore[arg-type]  # its type of values is a narrow union


def _readable(value: object) -> object:
    """Large numbers as the floats that they were: a database gives 1e+21 back as an integer."""
    if isinstance(value, Mapping):
        return {key: _readable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_readable(inner) for inner in value]
    large = isinstance(value, int) and abs(value) > _LARGEST
    return float(cast("int", value)) if large else value


def record_of(told: Event | Read) -> dict[str, object]:
    """The record of an event or a read as a JSON object: each of its fields."""
    return {name: _json(getattr(told, name)) for name in _NAMES[type(told)]}


def _json(value: object) -> object:
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, UUID):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def time_text(value: datetime) -> str:
    """A time in UTC with microseconds, always written the same."""
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def record_bytes(told: Event | Read) -> bytes:
    """The record's canonical bytes (RFC 8785), as `canonical` writes them: the names are known and sorted already."""
    values = (f'"{name}":{_written(getattr(told, name))}' for name in _SORTED[type(told)])
    return f"{{{','.join(values)}}}".encode()


def _written(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, (UUID, datetime)):
        return f'"{_json(value)}"'
    return canonical(_json(value)).decode()


def digest_of(told: Event | Read) -> bytes:
    """SHA-256 of the record's canonical bytes."""
    return hashlib.sha256(record_bytes(told)).digest()


def first_hash(chain: UUID) -> bytes:
    """What stands before the first link of a chain."""
    return hashlib.sha256(chain.bytes).digest()


def link_hash(before: bytes, seq: int, event: UUID, digest: bytes) -> bytes:
    """The hash of a link: of the one before, the number, the event and its record."""
    return hashlib.sha256(before + seq.to_bytes(8, "big", signed=True) + event.bytes + digest).digest()


def batch_hash(before: bytes, number: int, at: datetime, digests: Iterable[bytes]) -> bytes:
    """The hash of a batch of reads: of the batch before, the number, the time and each read's record."""
    made = hashlib.sha256(before + number.to_bytes(8, "big") + time_text(at).encode())
    for digest in digests:
        made.update(digest)
    return made.digest()
