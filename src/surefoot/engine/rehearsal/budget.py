"""The lock budget: what a migration may cost on the target, and whether it keeps to it.

`[budget]` in `surefoot.toml`, or `[env.production.budget]`:

- `blocked_reads`, `blocked_writes`: how long a table may be kept from being read, or written (`500ms`, `2s`);
- `rewrite`: the largest table that may be rewritten (`100MB`);
- `scan`: the largest table that may be scanned while anything is blocked;
- `locks`: lock modes that no existing table larger than `small` (`10MB` where not given) may be locked with;
- `unknown`: `fail` or `pass`, where a table's size is not known; `fail` where not given.

What is not in the table has no limit. Times are assumptions: see `expectation`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surefoot.engine.effects import Effect
from surefoot.engine.findings import Finding, Level
from surefoot.engine.rehearsal.expectation import (
    BLOCKS_WRITES,
    Expectation,
    Sizes,
    byte_words,
    expect,
    is_table,
    size_words,
)
from surefoot.errors import ConfigError
from surefoot.settings import parse_duration

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE)
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_MODES = {
    name.lower(): name
    for name in (
        "AccessShareLock",
        "RowShareLock",
        "RowExclusiveLock",
        "ShareUpdateExclusiveLock",
        "ShareLock",
        "ShareRowExclusiveLock",
        "ExclusiveLock",
        "AccessExclusiveLock",
        "SHARED",
        "EXCLUSIVE",
    )
}
_GENTLER = (
    "Use a way that does not block: NOT VALID and VALIDATE in the next migration, CREATE INDEX CONCURRENTLY, a new "
    "column with a backfill. Or give this environment a larger budget."
)
_UNKNOWN = 'Rehearse against the target, so that sizes are known, or say unknown = "pass" in the budget.'


@dataclass(frozen=True, slots=True)
class Budget:
    """The budget, read. Seconds and bytes; None where there is no limit."""

    blocked_reads: float | None = None
    blocked_writes: float | None = None
    rewrite: int | None = None
    scan: int | None = None
    locks: frozenset[str] = frozenset()
    small: int = 10 << 20
    unknown: bool = False


def read_budget(table: Mapping[str, str]) -> Budget:
    """The budget of a table of settings. Raises ConfigError, with what may have been meant."""
    for key in table:
        if key not in _READERS:
            raise ConfigError(
                f"The budget does not know {key}.", hint=_near(key, _READERS, "It knows"), key=f"budget.{key}"
            )
    return Budget(**{key: _READERS[key](text, f"budget.{key}") for key, text in table.items()})


def _near(word: str, known: Iterable[str], else_say: str) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"Did you mean {near[0]}?" if near else f"{else_say}: {', '.join(known)}."


def _read_size(text: str, key: str) -> int:
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ConfigError(f"{key} is not a size: {text}.", hint="Write 500kB, 100MB, 2GB, or a number.", key=key)
    return round(float(match[1]) * _UNITS[match[2].upper()])


def _read_locks(text: str, key: str) -> frozenset[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name.lower() not in _MODES:
            hint = _near(name, _MODES.values(), "There are")
            raise ConfigError(f"{key}: {name} is no mode of a lock.", hint=hint, key=key)
    return frozenset(_MODES[name.lower()] for name in names)


def _read_unknown(text: str, key: str) -> bool:
    if text not in {"fail", "pass"}:
        raise ConfigError(
            f'{key} is "fail" or "pass", not {text}.', hint=_near(text, ("fail", "pass"), "Write"), key=key
        )
    return text == "pass"


_READERS: dict[str, Callable[[str, str], Any]] = {
    "blocked_reads": parse_duration,
    "blocked_writes": parse_duration,
    "rewrite": _read_size,
    "scan": _read_size,
    "locks": _read_locks,
    "small": _read_size,
    "unknown": _read_unknown,
}


def check(budget: Mapping[str, str], effects: Sequence[Effect], sizes: Sizes, version: str) -> list[Finding]:
    """What of a migration is over the budget, as errors; notes where the budget lets an unknown size pass.

    Raises ConfigError.
    """
    limits = read_budget(budget)
    checker = _Checker(limits, sizes, version)
    expectations = expect(effects, sizes)
    found = [
        *checker.blocked("reads", limits.blocked_reads, [each for each in expectations if each.blocks_reads]),
        *checker.blocked("writes", limits.blocked_writes, expectations),
        *(finding for effect in effects for finding in checker.statement(effect)),
    ]
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class _Checker:
    """Holds effects against the limits, for one migration."""

    limits: Budget
    sizes: Sizes
    version: str

    def blocked(self, what: str, limit: float | None, expectations: Iterable[Expectation]) -> Iterator[Finding]:
        """What blocks reads or writes for too long: of each relation, the longest."""
        if limit is None:
            return
        worst: dict[str, Expectation] = {}
        for each in sorted(expectations, key=lambda each: (each.seconds > limit, bool(each.unknown), each.seconds)):
            worst[each.relation] = each
        for each in worst.values():
            if each.seconds > limit:
                allowed = f"The budget for blocked {what} is {_exactly(limit)}."
                yield self._over(f"blocked-{what}", f"{each.text}. {allowed}", each.effect)
            elif each.unknown:
                yield self._unknown(f"{each.text}.", each.effect)

    def statement(self, effect: Effect) -> Iterator[Finding]:
        """What one statement rewrites, scans or locks that is too large for it."""
        yield from self._large("rewrite", self.limits.rewrite, effect.rewrites, effect)
        if any(lock.mode in BLOCKS_WRITES for lock in effect.locks):
            scanned = set(effect.scans) - set(effect.rewrites)
            yield from self._large("scan", self.limits.scan, sorted(scanned), effect)
        for lock in effect.locks:
            if lock.mode in self.limits.locks and lock.taken and is_table(lock.relation):
                yield from self._locked(lock.relation, lock.mode, effect)

    def _large(self, what: str, limit: int | None, relations: Iterable[str], effect: Effect) -> Iterator[Finding]:
        for table in filter(is_table, relations if limit is not None else ()):
            size = self.sizes.get(table)
            text = f"A full {what} of {table} ({size_words(size)}), while it is locked."
            if size is None:
                yield self._unknown(text, effect)
            elif limit is not None and (size.total_bytes if what == "rewrite" else size.table_bytes) > limit:
                yield self._over(what, f"{text} The budget is {byte_words(limit)}.", effect)

    def _locked(self, table: str, mode: str, effect: Effect) -> Iterator[Finding]:
        size = self.sizes.get(table)
        text = f"{mode} on {table} ({size_words(size)})."
        if size is None:
            yield self._unknown(text, effect)
        elif size.total_bytes > self.limits.small:
            more = f"The budget allows none on tables of more than {byte_words(self.limits.small)}."
            yield self._over("locks", f"{text} {more}", effect)

    def _over(self, rule: str, message: str, effect: Effect) -> Finding:
        return Finding(f"lock-budget-{rule}", Level.ERROR, message, _GENTLER, effect.path, effect.line, self.version)

    def _unknown(self, message: str, effect: Effect) -> Finding:
        level = Level.NOTE if self.limits.unknown else Level.ERROR
        return Finding("lock-budget-unknown", level, message, _UNKNOWN, effect.path, effect.line, self.version)


def _exactly(seconds: float) -> str:
    return f"{seconds * 1000:g} ms" if seconds < 1 else f"{seconds:g} s"
