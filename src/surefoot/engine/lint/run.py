"""Linting a folder: every rule on every statement, squawk beside them, and what their authors ignore taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from surefoot.engine.findings import Finding, Level
from surefoot.engine.lint import squawk, squawk_rules
from surefoot.engine.lint.catalogue import NAMES, levels_of, rules_of
from surefoot.engine.lint.general import EVERY
from surefoot.engine.lint.ignores import complaints, read_ignores, sift
from surefoot.engine.lint.model import Change, Options, Parsed, Part, Result, Rule, Scope
from surefoot.engine.lint.read import SYNTAX_ERROR, read_changes
from surefoot.engine.model import Direction, Folder

_HINTS = {rule.name: rule.hint for rule in squawk_rules.RULES}
_CORRECT = "Correct the statement: this is what PostgreSQL itself would say."


def lint(folder: Folder, options: Options) -> Result:
    """Look at the folder's migrations; nothing is connected to, and nothing runs.

    Raises ConfigError for a rule or level that there is not, and ToolFailed where squawk cannot be run.
    """
    levels = levels_of(options.dialect, options.levels)
    changes, refused = read_changes(folder, options.dialect)
    parts = [part for change in changes for part in (*change.up, *change.down) if _is_wanted(part, options)]
    found = [*refused, *_syntax_errors(parts), *_own(changes, options, levels)]
    if options.dialect == "postgres":
        found += _squawk(parts, options, levels)
    ignores = [ignore for part in parts for ignore in read_ignores(part, options.dialect)]
    paths = {part.script.path for part in parts}
    kept, ignored = sift([each for each in found if each.path in paths], ignores)
    kept += complaints(ignores, ignored, NAMES)
    leveled = (replace(each, level=levels.get(each.rule, each.level)) for each in kept)
    reported = {each for each in leveled if each.level is not Level.OFF}
    return Result(tuple(sorted(reported, key=_order(parts))), len(paths), tuple(ignored))


def _is_wanted(part: Part, options: Options) -> bool:
    wanted = options.versions is None or part.migration.version in options.versions
    return wanted and (options.files is None or part.script.path in options.files)


def _order(parts: Sequence[Part]) -> Callable[[Finding], tuple[int, int, str, str]]:
    """Findings in the order of the folder, and of the lines of a file."""
    places = {path: place for place, path in enumerate(dict.fromkeys(part.script.path for part in parts))}
    return lambda finding: (places[finding.path], finding.line, finding.rule, finding.message)


def _syntax_errors(parts: Iterable[Part]) -> Iterator[Finding]:
    for part in parts:
        for parsed in part.statements:
            if parsed.problem:
                message = f"{parsed.problem[0].upper()}{parsed.problem[1:]}."
                yield _finding(SYNTAX_ERROR, message, _CORRECT, part, parsed.problem_line)


def _finding(rule: str, message: str, hint: str, part: Part, line: int) -> Finding:
    return Finding(rule, Level.ERROR, message, hint, part.script.path, line, part.migration.version)


def _own(changes: Sequence[Change], options: Options, levels: dict[str, Level]) -> Iterator[Finding]:
    rules = [rule for rule in rules_of(options.dialect) if rule.kinds and levels[rule.name] is not Level.OFF]
    for index, change in enumerate(changes):
        for direction, parts in ((Direction.UP, change.up), (Direction.DOWN, change.down)):
            mine = [rule for rule in rules if direction in rule.directions]
            for part in parts:
                if _is_wanted(part, options):
                    yield from _of_part(part, mine, Scope(part, changes, index))


def _of_part(part: Part, rules: Sequence[Rule], scope: Scope) -> Iterator[Finding]:
    for parsed in part.statements:
        for rule in rules:
            if _looks_at(rule, parsed) and (message := rule.check(parsed, scope)):
                yield _finding(rule.name, message, rule.hint, part, parsed.statement.line)


def _looks_at(rule: Rule, parsed: Parsed) -> bool:
    return parsed.tree is not None and (parsed.kind in rule.kinds or EVERY in rule.kinds)


def _squawk(parts: Sequence[Part], options: Options, levels: dict[str, Level]) -> Iterator[Finding]:
    rules = [name for name in _HINTS if levels[name] is not Level.OFF]
    for each in squawk.remarks(parts, options.pg_version, rules):
        if each.part.direction is Direction.UP or each.rule in squawk_rules.IN_DOWNS:
            message = each.message if each.message.endswith((".", "!", "?")) else f"{each.message}."
            yield _finding(each.rule, message, _HINTS[each.rule] or each.help, each.part, each.line)
