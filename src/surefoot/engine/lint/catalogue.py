"""Every rule, and the level that each has where `[lint]` says nothing else."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from surefoot.engine.findings import Level
from surefoot.engine.lint import general, ignores, lost, squawk_rules
from surefoot.engine.lint.model import Rule
from surefoot.engine.lint.mysql import rules as mysql
from surefoot.engine.lint.postgres import locks, objects
from surefoot.engine.lint.sqlite import rules as sqlite
from surefoot.errors import ConfigError

READING = (
    Rule(
        "refused",
        "",
        Level.ERROR,
        "A file that `surefoot up` would refuse",
        "It holds a command of the database's own client, transaction control that would split a step, or a quote or "
        "comment without an end.",
        "The finding says what to write instead.",
    ),
    Rule(
        "syntax-error",
        "postgres",
        Level.ERROR,
        "A statement that PostgreSQL's grammar does not accept",
        "The grammar is the server's own, of PostgreSQL 18.",
        "Correct the statement.",
    ),
)
RULES: tuple[Rule, ...] = (
    *READING,
    *general.RULES,
    *ignores.RULES,
    *locks.RULES,
    *objects.RULES,
    *squawk_rules.RULES,
    *lost.MYSQL,
    *mysql.RULES,
    *lost.SQLITE,
    *sqlite.RULES,
)
NAMES = frozenset(rule.name for rule in RULES)


def rules_of(dialect: str) -> tuple[Rule, ...]:
    """The rules that hold for a database."""
    return tuple(rule for rule in RULES if rule.dialect in ("", dialect))


def levels_of(dialect: str, chosen: Mapping[str, str]) -> dict[str, Level]:
    """Each rule's level. Raises ConfigError where a rule or a level is not known."""
    for name, level in chosen.items():
        if name not in NAMES:
            near = difflib.get_close_matches(name, NAMES, n=1)
            hint = f"Did you mean {near[0]}?" if near else "docs/reference/lint-rules.md lists all rules."
            raise ConfigError(f"[lint] has a rule {name} that there is not.", hint=hint, key="lint", rule=name)
        if level not in list(Level):
            words = ", ".join(Level)
            raise ConfigError(f"{level} is not a level of {name}.", hint=f"Choose one of: {words}.", key="lint")
    return {rule.name: Level(chosen.get(rule.name, rule.level)) for rule in rules_of(dialect)}
