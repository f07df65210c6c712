"""What a command is, as data, and what all of them share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument or option. `kind` is text, number or flag; `values` are the allowed ones, if limited.

    `several` is for a place at the end that takes any number of words.
    """

    name: str
    meaning: str
    kind: str = "text"
    metavar: str = ""
    optional: bool = False
    several: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """A command: `run` is `module:function` of `surefoot.cli`, imported only when it is called.

    A name of two words belongs to a group. `platform`: it is about the platform, and not about a target.
    """

    name: str
    summary: str
    description: str
    run: str
    arguments: tuple[Argument, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()
    exits: tuple[int, ...] = ()
    platform: bool = False

    @property
    def shared(self) -> tuple[Argument, ...]:
        """The global options that it takes."""
        return tuple(each for each in GLOBAL if not self.platform or each.name in _EVERYWHERE)


EXIT_CODES = {
    0: "Done, or nothing to do.",
    1: "The database refused a statement, or a check found something.",
    2: "Wrong usage or configuration, or the folder of migrations cannot be read.",
    3: "Surefoot refused: edited, missing or out of order, no way back, half-way, or not confirmed.",
    4: "Unknown: nobody can tell whether something took effect; see `surefoot repair`.",
    5: "Busy: a lock, or the target, was not to be had within its bound.",
    6: "The database does not answer, or the connection was lost.",
    70: "A mistake in Surefoot itself: please report it.",
    130: "Cancelled by Ctrl-C or SIGTERM; what was in progress was rolled back.",
}

GLOBAL = (
    Argument("--url", "The target database (or DATABASE_URL).", metavar="URL"),
    Argument("--dir", "The folder of migrations (default: migrations).", metavar="DIR"),
    Argument(
        "--folder-format",
        "native, dbmate, goose, diesel or flyway; found out where it is not given.",
        metavar="NAME",
        values=("native", "dbmate", "goose", "diesel", "flyway"),
    ),
    Argument("--env", "The environment in surefoot.toml to use.", metavar="NAME"),
    Argument("--config", "The configuration file (default: the nearest surefoot.toml).", metavar="FILE"),
    Argument("--project", "The key of the history, where projects share a database.", metavar="NAME"),
    Argument("--json", "JSON on standard output: one document, or one event a line.", kind="flag"),
    Argument("--yes", "Do not ask.", kind="flag"),
    Argument(
        "--color",
        "auto, always or never; auto respects NO_COLOR.",
        metavar="WHEN",
        values=("auto", "always", "never"),
    ),
)

_EVERYWHERE = frozenset({"--json", "--yes", "--color"})
