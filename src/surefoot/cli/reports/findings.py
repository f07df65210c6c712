"""Findings for a program that shows them beside the code: SARIF 2.1.0, and GitHub's workflow commands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from surefoot import __version__
from surefoot.engine.findings import Finding, Level

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "note", Level.OFF: "none"}
_GITHUB = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice", Level.OFF: "debug"}


@dataclass(frozen=True, slots=True)
class Help:
    """What a report says of a rule itself: a short title, and why it is there and what to do, in Markdown."""

    title: str
    text: str


def sarif(findings: Sequence[Finding], helps: dict[str, Help] | None = None) -> dict[str, Any]:
    """The findings as a SARIF log. A rule without a help of its own has its first finding's hint."""
    known = {finding.rule: Help(finding.rule, finding.hint or finding.message) for finding in reversed(findings)}
    used = dict.fromkeys(finding.rule for finding in findings)
    rules = {name: (helps or {}).get(name, known[name]) for name in used}
    places = {name: place for place, name in enumerate(rules)}
    driver = {
        "name": "Surefoot",
        "version": __version__,
        "rules": [_rule(name, text) for name, text in rules.items()],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, places[finding.rule]) for finding in findings],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(name: str, text: Help) -> dict[str, Any]:
    return {
        "id": name,
        "shortDescription": {"text": text.title},
        "help": {"text": text.text, "markdown": text.text},
    }


def _result(finding: Finding, place: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": place,
        "level": _SARIF[finding.level],
        "message": {"text": f"{finding.message} {finding.hint}".strip()},
    }
    if finding.path:
        location: dict[str, Any] = {"artifactLocation": {"uri": _uri(finding.path)}}
        if finding.line:
            location["region"] = {"startLine": finding.line}
        result["locations"] = [{"physicalLocation": location}]
    if finding.version:
        result["properties"] = {"migration": finding.version}
    return result


def _uri(path: str) -> str:
    pure = PurePath(path)
    return pure.as_uri() if pure.is_absolute() else quote(pure.as_posix())


def github(findings: Iterable[Finding]) -> Iterator[str]:
    """Each finding as a line that GitHub Actions shows beside the changed line."""
    for finding in findings:
        fields = {"file": finding.path, "line": finding.line or "", "title": finding.rule}
        place = ",".join(f"{name}={_property(str(value))}" for name, value in fields.items() if value)
        yield f"::{_GITHUB[finding.level]} {place}::{_data(f'{finding.message} {finding.hint}'.strip())}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
