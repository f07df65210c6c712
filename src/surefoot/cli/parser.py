"""The command line, made from the table of commands."""

from __future__ import annotations

import argparse
import difflib
import re
import textwrap
from collections.abc import Sequence
from typing import NoReturn

from surefoot import __version__
from surefoot.cli.command import EXIT_CODES, GLOBAL, Argument, Command
from surefoot.cli.commands import COMMANDS
from surefoot.cli.platform_commands import GROUPS
from surefoot.errors import UsageError

_WRONG = re.compile(r"invalid choice: '([^']*)'|unrecognized arguments: (\S+)")


class _Parser(argparse.ArgumentParser):
    """argparse, but what is wrong is raised as a UsageError."""

    def error(self, message: str) -> NoReturn:
        # An option that only a command knows is refused by the parser of all of them.
        wrong = _WRONG.search(message)
        near = difflib.get_close_matches(wrong[1] or wrong[2], _words(), n=1) if wrong else []
        hint = f"Did you mean {near[0]}? " if near else ""
        raise UsageError(f"{message[0].upper()}{message[1:]}.", hint=f"{hint}`{self.prog} --help` shows what there is.")


def _words() -> list[str]:
    options = [argument.name for command in COMMANDS for argument in command.arguments]
    return [*(command.name for command in COMMANDS), *(argument.name for argument in GLOBAL), *options]


def make_parser(argv: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of `surefoot` for these words. Global options may stand before or after the command.

    Commands that are not among the words are named, no more: their options would cost more time than the rest.
    """
    parser = _Parser(
        prog="surefoot",
        usage="surefoot COMMAND [options]",
        description="Versioned SQL migrations: planned, applied, and taken back.",
        epilog=_overview(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"surefoot {__version__}")
    _add_all(parser, GLOBAL, argparse.SUPPRESS)
    # Without a name of its own, a command's parser would be called as the usage above says.
    subparsers = parser.add_subparsers(prog="surefoot", dest="command", metavar="COMMAND", title="commands")
    for command in COMMANDS:
        if command.name in argv:
            _add_command(subparsers, command)
        elif " " not in command.name:
            subparsers.add_parser(command.name, help=command.summary, add_help=False)
    for group, summary in GROUPS.items():
        _add_group(subparsers, group, summary)
    return parser


def joined(argv: Sequence[str]) -> list[str]:
    """The words, with a command's name of two words as one: that is what the parser knows it by."""
    names = {command.name for command in COMMANDS}
    for place, word in enumerate(argv):
        both = " ".join(argv[place : place + 2])
        if both in names and both != word:
            return [*argv[:place], both, *argv[place + 2 :]]
        if word in names:
            break
    return list(argv)


def _add_group(subparsers: argparse._SubParsersAction[_Parser], group: str, summary: str) -> None:
    commands = [command for command in COMMANDS if command.name.startswith(f"{group} ")]
    width = max(len(command.name) for command in commands)
    subparsers.add_parser(
        group,
        usage=f"surefoot {group} COMMAND [options]",
        help=summary,
        description=summary,
        epilog="\n".join(["commands:", *(f"  {each.name:<{width}}   {each.summary}" for each in commands)]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _add_command(subparsers: argparse._SubParsersAction[_Parser], command: Command) -> None:
    shared = _Parser(add_help=False)
    _add_all(shared.add_argument_group("global options"), command.shared, argparse.SUPPRESS)
    parser = subparsers.add_parser(
        command.name,
        usage=_usage(command),
        help=command.summary,
        description=textwrap.fill(command.description, 79),
        epilog=_epilog(command),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[shared],
        allow_abbrev=False,
    )
    _add_all(parser, command.arguments, None)


def _usage(command: Command) -> str:
    places = [argument for argument in command.arguments if not argument.name.startswith("-")]
    shown = [f"[{place.metavar}]" if place.optional else place.metavar for place in places]
    return " ".join(["surefoot", command.name, *shown, "[options]"])


def _add_all(parser: argparse._ActionsContainer, arguments: tuple[Argument, ...], default: str | None) -> None:
    for argument in arguments:
        _add(parser, argument, default)


def _add(parser: argparse._ActionsContainer, argument: Argument, default: str | None) -> None:
    # Without a default of its own, a global option after the command leaves alone the one before it.
    if argument.kind == "flag":
        # One that is not given is no value: the configuration may say otherwise.
        parser.add_argument(argument.name, action="store_true", help=argument.meaning, default=argparse.SUPPRESS)
        return
    nargs = "*" if argument.several else "?" if argument.optional else None
    parser.add_argument(
        argument.name,
        help=argument.meaning,
        metavar=argument.metavar or None,
        nargs=nargs,
        default=default,
        type=int if argument.kind == "number" else str,
        choices=argument.values or None,
    )


def _overview() -> str:
    lines = [
        "examples:",
        "  surefoot init                 begin a project here",
        "  surefoot new add_orders       write a migration",
        "  surefoot plan                 see every statement first",
        "  surefoot up                   apply",
        "  surefoot down                 take the latest one back",
        "",
        "The database is --url or DATABASE_URL: postgresql://, mysql:// or sqlite:///.",
        "`surefoot COMMAND --help` has examples and exit codes of each command.",
    ]
    return "\n".join(lines)


def _epilog(command: Command) -> str:
    width = max((len(line) for line, _ in command.examples), default=0)
    examples = [f"  {line:<{width}}   {meaning}" for line, meaning in command.examples]
    exits = [f"  {code:>3}  {EXIT_CODES[code]}" for code in command.exits]
    return "\n".join(["examples:", *examples, "", "exit codes:", *exits])
