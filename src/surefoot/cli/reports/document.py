"""A rehearsal as a JSON document; docs/reference/rehearsal.schema.json describes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from surefoot.cli.reports.judgement import failed, passed
from surefoot.engine.effects import Effect
from surefoot.engine.findings import Finding
from surefoot.engine.rehearsal import words
from surefoot.engine.rehearsal.model import Crash, Failure, Rehearsed, Report, WayBack
from surefoot.engine.rows import Loss
from surefoot.engine.snapshot import Difference, Excuse

# So many characters of a statement are shown: one that fills a table can have megabytes.
_SHOWN_SQL = 2000


def document(report: Report, fail_on: Collection[str], proof: str | None = None) -> dict[str, Any]:
    """The whole report; `proof` is the file to which the proofs were written, if they were."""
    return {
        "kind": "rehearsal",
        "passed": passed(report, fail_on),
        "fail_on": sorted(fail_on),
        "engine": report.engine,
        "shadow": report.shadow,
        "base": report.base,
        "started_at": report.started_at.isoformat(),
        "duration_ms": report.duration_ms,
        "proof": proof,
        "counts": {word.value: count for word, count in words.counts(report.migrations).items()},
        "migrations": [_migration(rehearsed, fail_on) for rehearsed in report.migrations],
        "unreached": [finding_document(item) for item in report.unreached],
        "notes": list(report.notes),
    }


def _migration(rehearsed: Rehearsed, fail_on: Collection[str]) -> dict[str, Any]:
    return {
        "version": rehearsed.version,
        "name": rehearsed.name,
        "verdict": rehearsed.verdict.value,
        "passed": not failed(rehearsed, fail_on),
        "summary": words.verdict(rehearsed),
        "differences": [difference_document(item) for item in rehearsed.differences],
        "again": [difference_document(item) for item in rehearsed.again],
        "excuses": [_excuse(item) for item in rehearsed.excuses],
        "losses": [_loss(item) for item in rehearsed.losses],
        "failure": _failure(rehearsed.failure) if rehearsed.failure else None,
        "effects": [*_effects("up", rehearsed.up_effects), *_effects("down", rehearsed.down_effects)],
        "warnings": [finding_document(item) for item in rehearsed.warnings],
        "way_back": _way_back(rehearsed.way_back) if rehearsed.way_back else None,
        "crashes": [_crash(item) for item in rehearsed.crashes],
        "rows": rehearsed.rows,
        "up_ms": rehearsed.up_ms,
        "down_ms": rehearsed.down_ms,
        "checksum": rehearsed.checksum,
        "down_checksum": rehearsed.down_checksum,
        "base_fingerprint": rehearsed.base,
        "after_fingerprint": rehearsed.after or None,
    }


def difference_document(item: Difference) -> dict[str, Any]:
    """An object that is not as it was: what it was, and what it is now."""
    return {
        "kind": item.key.kind,
        "name": item.key.name,
        "change": item.change.value,
        "facts": [{"name": fact.name, "before": fact.before, "after": fact.after} for fact in item.facts],
    }


def _excuse(item: Excuse) -> dict[str, Any]:
    return {
        "kind": item.key.kind,
        "name": item.key.name,
        "reason": item.reason,
        "before": item.before,
        "after": item.after,
    }


def _loss(item: Loss) -> dict[str, Any]:
    return {"table": item.table, "rows": item.rows, "of": item.of, "columns": list(item.columns), "left": item.left}


def _failure(item: Failure) -> dict[str, Any]:
    return {
        "phase": item.phase.value,
        "message": item.message,
        "code": item.code,
        "file": item.path or None,
        "line": item.line or None,
        "statement": item.statement or None,
        "with_rows": item.with_rows,
    }


def _effects(direction: str, effects: Sequence[Effect]) -> list[Mapping[str, Any]]:
    return [{"direction": direction, **_effect(item)} for item in effects]


def _effect(item: Effect) -> dict[str, Any]:
    return {
        "position": item.position,
        "file": item.path,
        "line": item.line,
        "sql": item.sql[:_SHOWN_SQL],
        "transactional": item.transactional,
        "duration_ms": item.duration_ms,
        "rows": item.rows,
        "locks": [{"relation": lock.relation, "mode": lock.mode, "newly_taken": lock.taken} for lock in item.locks],
        "rewrites": list(item.rewrites),
        "scans": list(item.scans),
        "unfinished": list(item.unfinished),
        "algorithm": item.algorithm or None,
        "complete": item.complete,
    }


def finding_document(item: Finding) -> dict[str, Any]:
    """A finding and its place."""
    return {
        "rule": item.rule,
        "level": item.level.value,
        "message": item.message,
        "hint": item.hint,
        "version": item.version or None,
        "file": item.path or None,
        "line": item.line or None,
    }


def _way_back(item: WayBack) -> dict[str, Any]:
    return {
        "verdict": item.verdict.value if item.verdict else None,
        "statements": list(item.statements),
        "missing": list(item.missing),
        "losses": list(item.losses),
        "failure": item.failure or None,
    }


def _crash(item: Crash) -> dict[str, Any]:
    return {
        "phase": item.phase.value,
        "after_statement": item.statement,
        "recovered": item.recovered,
        "finding": item.finding or None,
    }
