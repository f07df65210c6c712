"""What every format module is made of: the `Format` record, and how names become pairs of up and down."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from surefoot.engine.model import Direction, Fragment, Migration, Note, Script
from surefoot.errors import DuplicateVersion, MalformedFile, UsageError

Reading = tuple[tuple[Migration, ...], tuple[Note, ...]]

_BLANK_OR_COMMENT = re.compile(r"[^\S\n]*(?:--[^\n]*)?(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class Rules:
    """What the caller decides: the values of placeholders, and whether names are part of identity."""

    variables: Mapping[str, str]
    by_name: bool = False


@dataclass(frozen=True, slots=True)
class Format:
    """One file format, as functions from names and texts.

    `layout` says in words which files it reads. `files` picks from relative paths those that it would read,
    `versions` gives their versions in the order of application. `fits` tells from the texts of those files
    whether the folder is of this format; `read` makes migrations of them, in order. `new_files` gives the
    files of a new migration.
    """

    name: str
    layout: str
    files: Callable[[Sequence[str]], tuple[str, ...]]
    versions: Callable[[Sequence[str]], tuple[str, ...]]
    fits: Callable[[Mapping[str, str]], bool]
    read: Callable[[Mapping[str, str], Rules], Reading]
    new_files: Callable[[str, str], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Named:
    """What a file's name says: `key` is the version as its format compares it."""

    path: str
    version: str
    key: Hashable
    name: str
    direction: Direction = Direction.UP


@dataclass(frozen=True, slots=True)
class Pair:
    """The files of one migration."""

    up: Named
    down: Named | None


def pairs(found: Iterable[Named], rules: Rules) -> list[Pair]:
    """Joins each up with the down of its version, in the order of `found`.

    Raises DuplicateVersion where two files claim one place, and MalformedFile for a down without an up.
    """
    places: dict[Hashable, dict[Direction, Named]] = {}
    for named in found:
        place = places.setdefault((named.key, named.name if rules.by_name else None), {})
        if named.direction in place:
            raise _duplicate(place[named.direction], named, rules)
        place[named.direction] = named
    return [_pair(place) for place in places.values()]


def _pair(place: dict[Direction, Named]) -> Pair:
    up, down = place.get(Direction.UP), place.get(Direction.DOWN)
    if up is None:
        orphan = place[Direction.DOWN]
        raise MalformedFile(
            f"{orphan.path} is the way back of version {orphan.version}, which has no up file.",
            hint="Add the migration's up file, or remove this one.",
            file=orphan.path,
            line=1,
        )
    return Pair(up, down)


def _duplicate(one: Named, other: Named, rules: Rules) -> DuplicateVersion:
    hint = "Give one of them another version"
    if not rules.by_name and one.name != other.name:
        hint += '; or, where this project reuses versions, set identity = "name" in surefoot.toml'
    return DuplicateVersion(
        f"{one.path} and {other.path} both claim version {one.version}.",
        hint=f"{hint}.",
        version=one.version,
        files=[one.path, other.path],
    )


def fragments(text: str, line: int = 1, *, whole: bool = False) -> tuple[Fragment, ...]:
    """The text as one fragment that begins on `line`, or as none where it is blank."""
    return (Fragment(text, line, whole),) if text and not text.isspace() else ()


def script(path: str, text: str, line: int = 1, *, transaction: bool = True) -> Script:
    """A script of one fragment, split by the dialect; of none where the text is blank."""
    return Script(path, fragments(text, line), transaction)


def first_statement(text: str, end: int) -> int:
    """Where the first line before `end` begins that is neither blank nor a `--` comment; else `end`."""
    position = 0
    while position < end and (match := _BLANK_OR_COMMENT.match(text, position)):
        position = match.end()
    return min(position, end)


def malformed(path: str, line: int, message: str, hint: str) -> MalformedFile:
    """The error for a file that breaks its format's rules."""
    return MalformedFile(f"{path}, line {line}: {message}", hint=hint, file=path, line=line)


def slug(name: str) -> str:
    """A name as file names hold it: letters, digits and single underscores."""
    made = re.sub(r"[\W_]+", "_", name).strip("_")
    if not made:
        raise UsageError(f"A migration cannot be named {name!r}.", hint="Name what it does, for instance: add_users.")
    return made


def next_version(existing: Sequence[str], now: datetime) -> str:
    """The version of a new migration, above the last of `existing` (which are in the order of application).

    A folder of short sequence numbers goes on counting, at the same width. Any other gets a UTC timestamp
    YYYYMMDDHHMMSS, or one more than the last version where that is not in the past.
    """
    stamp = f"{now.astimezone(UTC):%Y%m%d%H%M%S}"
    if not existing:
        return stamp
    head, dot, last = existing[-1].rpartition(".")
    following = str(int(last) + 1).zfill(len(last)) if last.isdecimal() else ""
    if following and len(existing[-1].split(".")[0]) < len("YYYYMMDD"):
        return head + dot + following
    return following if not dot and len(last) == len(stamp) and last >= stamp else stamp
