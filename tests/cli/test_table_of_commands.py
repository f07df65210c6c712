"""The table of commands and the parser say the same, and every command helps."""

from __future__ import annotations

import importlib
import shlex
import sys

import pytest

from surefoot.cli.command import EXIT_CODES, GLOBAL, Argument, Command
from surefoot.cli.commands import COMMANDS
from surefoot.cli.main import run
from surefoot.cli.parser import joined, make_parser
from surefoot.cli.platform_commands import GROUPS
from surefoot.settings import KEYS
from tests.cli.shell import Shell

commands = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
EXAMPLES = [example for command in COMMANDS for example, _ in command.examples]


@commands
def test_a_command_has_examples_exit_codes_and_something_that_runs(command: Command) -> None:
    assert command.examples
    assert set(command.exits) <= set(EXIT_CODES)
    assert {0, 2} <= set(command.exits)
    module, _, function = command.run.partition(":")
    assert callable(getattr(importlib.import_module(f"surefoot.cli.{module}"), function))


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_can_be_typed_as_it_stands(example: str) -> None:
    program, *argv = shlex.split(example)
    assert program == "surefoot"
    words = joined(argv)
    assert make_parser(words).parse_args(words).command in words


@commands
def test_help_shows_options_examples_and_exit_codes(command: Command, bare: Shell) -> None:
    said = bare.ok(*command.name.split(), "--help")
    assert said.err == ""
    for argument in (*command.arguments, *command.shared):
        assert argument.name in said.out or argument.metavar in said.out
    for example, meaning in command.examples:
        assert f"{example} " in said.out
        assert meaning in said.out
    for code in command.exits:
        assert f"{code:>5}  {EXIT_CODES[code]}" in said.out


@pytest.mark.parametrize("argument", [*GLOBAL, *(a for c in COMMANDS for a in c.arguments)])
def test_every_argument_says_what_it_means(argument: Argument) -> None:
    assert argument.meaning.endswith(".")
    assert argument.kind == "flag" or argument.metavar


def test_help_fits_a_terminal_of_100_columns(bare: Shell) -> None:
    texts = [bare.ok("--help").out, *(bare.ok(*command.name.split(), "--help").out for command in COMMANDS)]
    assert max(len(line) for text in texts for line in text.splitlines()) <= 100


def test_the_overview_lists_every_command(bare: Shell) -> None:
    said = bare.ok("--help")
    names = [*(command.name for command in COMMANDS if " " not in command.name), *GROUPS]
    assert [name for name in names if f"    {name} " not in said.out] == []


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_lists_its_commands(group: str, bare: Shell) -> None:
    said = bare.ok(group, "--help")
    names = [command.name for command in COMMANDS if command.name.startswith(f"{group} ")]
    assert names
    assert [name for name in names if f"  {name} " not in said.out] == []
    wrong = bare(group)
    assert wrong.code == 2
    assert f"`surefoot {group} --help` lists them." in wrong.err


def test_every_name_of_two_words_is_in_a_group() -> None:
    assert {command.name.partition(" ")[0] for command in COMMANDS if " " in command.name} == set(GROUPS)


def test_without_a_command_the_help_is_shown(bare: Shell) -> None:
    said = bare()
    assert said.code == 2
    assert "examples:" in said.out


def test_an_option_for_a_setting_has_the_name_of_the_setting() -> None:
    settable = {"--dir", "--url", "--folder-format", "--project", "--lock-timeout", "--lock-wait"}
    settable |= {"--statement-timeout", "--runner-wait"}
    assert {name.removeprefix("--").replace("-", "_") for name in settable} <= set(KEYS)


@pytest.mark.parametrize("before", [True, False])
def test_a_global_option_stands_before_or_after_the_command(before: bool, bare: Shell) -> None:
    argv = ("--dir", "db", "init") if before else ("init", "--dir", "db")
    bare.ok(*argv)
    assert (bare.cwd / "db").is_dir()


def test_the_version_is_told(bare: Shell) -> None:
    assert bare.ok("--version").out.startswith("surefoot ")


@pytest.mark.parametrize(
    ("argv", "suggestion"),
    [
        (["stauts"], "status"),
        (["plan", "dwon"], "down"),
        (["up", "--stpes", "1"], "--steps"),
        (["status", "--jsno"], "--json"),
    ],
)
def test_a_slip_of_the_pen_gets_a_suggestion(argv: list[str], suggestion: str, bare: Shell) -> None:
    said = bare(*argv)
    assert said.code == 2
    assert f"Did you mean {suggestion}?" in said.err


@pytest.mark.parametrize(
    "argv", [["up", "--steps", "many"], ["new"], ["baseline"], ["up", "--yess"], ["up", "--ye"], ["what"], ["--url"]]
)
def test_wrong_usage_is_an_error_like_any_other(argv: list[str], bare: Shell) -> None:
    said = bare(*argv)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("error[usage] ")
    assert "\nnext  " in said.err
    said = bare(*argv, "--json")
    assert (said.code, said.error["code"]) == (2, "usage")


@pytest.mark.parametrize("argv", [("new",), ("up", "--steps", "x"), ("plan", "sideways")])
def test_wrong_usage_leads_to_the_help_of_its_command(argv: tuple[str, ...], bare: Shell) -> None:
    hint = str(bare(*argv, "--json").error["hint"])
    assert hint == f"`surefoot {argv[0]} --help` shows what there is."
    assert bare.ok(argv[0], "--help").out.startswith(f"usage: surefoot {argv[0]} ")


def test_no_command_with_json_is_an_error(bare: Shell) -> None:
    assert bare("--json").error["code"] == "usage"


def test_a_mistake_of_our_own_is_told_without_a_traceback(
    bare: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_context: object) -> int:
        raise RuntimeError("that should not happen")

    monkeypatch.setattr("surefoot.cli.scaffold.init", broken)
    assert run(["init"], {}, bare.cwd) == 70
    told = capsys.readouterr().err
    assert "RuntimeError: that should not happen" in told
    assert "report" in told
    assert "Traceback" not in told
    with pytest.raises(RuntimeError):
        run(["init"], {"SUREFOOT_DEBUG": "1"}, bare.cwd)


def test_the_platforms_packages_are_asked_for_where_they_are_missing(
    bare: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "surefoot.cli.account", raising=False)
    monkeypatch.setitem(sys.modules, "segno", None)
    said = bare("account", "sign-up", "ada@example.org")
    assert said.code == 2
    assert "needs the packages of the platform; segno is not installed." in said.err
    assert "pip install 'surefoot[server]'" in said.err
