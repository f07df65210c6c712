"""The file of proofs: read, checked and written, so that it can be reviewed and merged like any other."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

from surefoot.engine.rehearsal.model import Verdict
from surefoot.engine.rehearsal.proof import Proof
from surefoot.errors import NotProven, UsageError

# Rises when a file could mean something else than before.
FORMAT = 1
_ANEW = "`surefoot rehearse` writes a new one, once this one is out of the way; or take the version that was committed."
_NAMES = tuple(field.name for field in fields(Proof))
# The first line of a record holds what a reader looks for; each checksum has a line of its own.
_HEAD = ("version", "name", "engine", "verdict", "comparison")
_MAY_BE_NULL = "down"


def read(path: Path) -> tuple[Proof, ...]:
    """The proofs of a file, in its order; none where there is no such file.

    Raises UsageError where it is not such a file, NotProven where a newer Surefoot wrote it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise _unusable(path, "is not UTF-8 text") from error
    proofs = tuple(_proof(path, record) for record in _records(path, text))
    _refuse_twice(path, proofs)
    return proofs


def _unusable(path: Path, why: str) -> UsageError:
    return UsageError(f"The file of proofs {path.name} {why}.", hint=_ANEW, file=str(path))


def _records(path: Path, text: str) -> list[Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unusable(path, f"is not JSON: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("proofs"), list):
        raise _unusable(path, "holds no list of proofs")
    number = document.get("format")
    if type(number) is not int or number < 1:
        raise _unusable(path, "does not say in which format it is written")
    if number > FORMAT:
        raise NotProven(
            f"A newer Surefoot wrote the file of proofs {path.name}: its format is {number}, this one reads {FORMAT}.",
            hint="Use that version of Surefoot here as well.",
            file=str(path),
        )
    found: list[Any] = document["proofs"]
    return found


def _proof(path: Path, record: Any) -> Proof:
    if not isinstance(record, dict) or record.keys() != set(_NAMES):
        raise _unusable(path, f"holds a record that is no proof: {json.dumps(record)[:200]}")
    for name in _NAMES:
        if not _fits(name, record[name]):
            raise _unusable(path, f"holds a proof of {record['version']} with a {name} that means nothing")
    return Proof(**{**record, "verdict": Verdict(record["verdict"])})


def _fits(name: str, value: Any) -> bool:
    if name == "comparison":
        return type(value) is int
    if name == "verdict":
        return value in list(Verdict)
    return isinstance(value, str) or (name == _MAY_BE_NULL and value is None)


def _refuse_twice(path: Path, proofs: Sequence[Proof]) -> None:
    """A merge of two branches may leave both of their records: nobody could tell which one counts."""
    found = Counter((proof.version, proof.engine) for proof in proofs)
    twice = [f"{version} on {engine}" for (version, engine), count in found.items() if count > 1]
    if twice:
        raise _unusable(path, f"holds more than one proof of {', '.join(twice[:3])}")


def write(path: Path, proofs: Sequence[Proof]) -> None:
    """Write proofs, in this order; the file is whole at every moment, and left alone where it says the same already.

    Raises UsageError where nothing can be written there.
    """
    text = as_text(proofs)
    try:
        if not path.exists() or path.read_bytes() != text.encode():
            write_whole(path, text)
    except OSError as error:
        raise UsageError(
            f"The proofs cannot be written to {path}: {error.strerror}.",
            hint="Choose another place (`proof` in surefoot.toml), or --no-proof.",
            file=str(path),
        ) from error


def as_text(proofs: Sequence[Proof]) -> str:
    """The file's text: a few lines for each proof, the same ones for the same proofs."""
    records = ",\n".join("\n".join(_lines(proof)) for proof in proofs)
    body = f"[\n{records}\n  ]" if records else "[]"
    return f'{{\n  "format": {FORMAT},\n  "proofs": {body}\n}}\n'


def _lines(proof: Proof) -> Iterator[str]:
    values = {name: json.dumps(getattr(proof, name), ensure_ascii=False) for name in _NAMES}
    head = ", ".join(f'"{name}": {values[name]}' for name in _HEAD)
    rest = [f'"{name}": {values[name]}' for name in _NAMES if name not in _HEAD]
    yield f"    {{ {head},"
    yield from (f"      {line}," for line in rest[:-1])
    yield f"      {rest[-1]} }}"


def write_whole(path: Path, text: str) -> None:
    """Put a text in a file's place: whoever reads it finds the old one or the new one, whole. Raises OSError."""
    place = path.resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
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
