"""What an author knows and wants no more to hear of: `-- surefoot: ignore RULE because REASON`.

The comment stands before its statement, within it, or at the end of its last line; `ignore-file` stands anywhere in the
script and holds for all of the file. squawk's own comments work as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from surefoot.engine.findings import Finding, Level
from surefoot.engine.lint.model import Part, Rule
from surefoot.engine.lint.tokens import scan

# The last line of a comment may hold more than one; a block comment may hold it as well.
_IGNORE = re.compile(
    r"(?:surefoot:[ \t]*(?P<own>ignore(?:-file)?)|(?P<squawk>squawk-ignore(?:-file)?))(?P<rest>[^\n]*)"
)
_BECAUSE = re.compile(r"[ \t]because[ \t:]+(?P<reason>\S.*)", re.DOTALL)
_NAME = re.compile(r"[\w-]+")
_EXAMPLE = "Write -- surefoot: ignore RULE because REASON; the reason is for whoever reads it next."

RULES = (
    Rule(
        "ignore-without-reason",
        "",
        Level.WARNING,
        "An ignore that does not say why",
        "Nobody can tell later whether it still holds.",
        _EXAMPLE,
    ),
    Rule(
        "ignore-of-unknown-rule",
        "",
        Level.WARNING,
        "An ignore of a rule that there is not",
        "It was mistyped, or the rule has another name now: it ignores nothing.",
        "`surefoot lint` names the rule of each finding; docs/reference/lint-rules.md lists all.",
    ),
    Rule(
        "ignore-without-effect",
        "",
        Level.WARNING,
        "An ignore of what is not found",
        "It would hide the next mistake of this kind.",
        "Take it out.",
    ),
)
_BY_NAME = {rule.name: rule for rule in RULES}


@dataclass(frozen=True, slots=True)
class Ignore:
    """A comment that ignores rules. `first` and `last` are the lines that it holds for; `reason` may be missing."""

    path: str
    version: str
    line: int
    rules: tuple[str, ...]
    reason: str
    first: int
    last: int
    foreign: bool

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is one of those that this ignores."""
        there = finding.path == self.path and self.first <= finding.line <= self.last
        named = finding.rule in self.rules or (self.foreign and not self.rules)
        return there and named and (self.foreign or bool(self.reason))


def read_ignores(part: Part, dialect: str) -> Iterator[Ignore]:
    """The ignores of a script."""
    for fragment in part.script.fragments:
        if "ignore" not in fragment.text:
            continue
        for token in scan(dialect, fragment.text):
            for found in _IGNORE.finditer(token.text) if token.kind == "comment" else ():
                at = token.at + found.start()
                yield _ignore(part, found, fragment.line + fragment.text.count("\n", 0, at))


def _ignore(part: Part, found: re.Match[str], line: int) -> Ignore:
    rest = found["rest"].removesuffix("*/")
    because = _BECAUSE.search(rest)
    listed = rest[: because.start()] if because else rest
    names = tuple(_NAME.findall(listed.partition(" -- ")[0]))
    word = found["own"] or found["squawk"]
    first, last = (1, 2**31) if word.endswith("-file") else _lines(part, line)
    reason = because["reason"].strip() if because else ""
    return Ignore(
        part.script.path, part.migration.version, line, names, reason, first, last, found["squawk"] is not None
    )


def _lines(part: Part, line: int) -> tuple[int, int]:
    """The lines of the statement that a comment on this line is about: the one around it, or the next one."""
    following = None
    for parsed in part.statements:
        first = parsed.statement.line
        last = first + parsed.statement.sql.count("\n")
        if first <= line <= last:
            return first, last
        if first > line and following is None:
            following = first, last
    return following or (0, 0)


def sift(findings: Sequence[Finding], ignores: Sequence[Ignore]) -> tuple[list[Finding], list[Finding]]:
    """The findings that count, and those that are ignored."""
    kept, ignored = list[Finding](), list[Finding]()
    for finding in findings:
        covered = any(ignore.covers(finding) for ignore in ignores)
        (ignored if covered else kept).append(finding)
    return kept, ignored


def complaints(ignores: Iterable[Ignore], ignored: Sequence[Finding], known: frozenset[str]) -> Iterator[Finding]:
    """What is wrong with the ignores themselves; squawk's own are for squawk's users to judge."""
    for ignore in ignores:
        if ignore.foreign:
            continue
        unknown = [name for name in ignore.rules if name not in known]
        if unknown or not ignore.rules:
            yield _finding("ignore-of-unknown-rule", ignore, f"There is no rule {', '.join(unknown) or 'named here'}.")
        if not ignore.reason:
            yield _finding("ignore-without-reason", ignore, "This ignores nothing, because it does not say why.")
            continue
        for name in ignore.rules:
            used = any(finding.rule == name and ignore.covers(finding) for finding in ignored)
            if name in known and not used:
                yield _finding("ignore-without-effect", ignore, f"{name} finds nothing here.")


def _finding(name: str, ignore: Ignore, message: str) -> Finding:
    rule = _BY_NAME[name]
    return Finding(name, rule.level, message, rule.hint, ignore.path, ignore.line, ignore.version)
