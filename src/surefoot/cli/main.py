"""`surefoot`: parse, load the settings, call the command, and turn an error into words and an exit code, once."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from surefoot import errors
from surefoot.cli.commands import COMMANDS
from surefoot.cli.context import Context
from surefoot.cli.output import Output, stdout_and_stderr, wants_color
from surefoot.cli.parser import make_parser
from surefoot.errors import SurefootError
from surefoot.settings import load_settings

# The first class that fits decides, so a narrower one stands before a wider one.
_EXITS: tuple[tuple[type[SurefootError], int], ...] = (
    (errors.UsageError, 2),
    (errors.FolderError, 2),
    (errors.Refused, 3),
    (errors.OutcomeUnknown, 4),
    (errors.Busy, 5),
    (errors.Unreachable, 6),
    (errors.Cancelled, 130),
    (SurefootError, 1),
)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(run(list(sys.argv[1:] if argv is None else argv), os.environ, Path.cwd()))


def run(argv: Sequence[str], environ: Mapping[str, str], cwd: Path) -> int:
    """Run one command; returns its exit code."""
    parser = make_parser()
    flags = vars(parser.parse_args(argv))
    name = flags.pop("command")
    if name is None:
        parser.print_help()
        return 2
    output = _output(flags, environ)
    try:
        return _call(name, flags, environ, cwd, output)
    except SurefootError as error:
        show_error(output, error)
        return exit_code(error)
    except BrokenPipeError:
        # Whoever read our output has gone; nobody is left to be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        output.error("Cancelled.")
        return 130


def _output(flags: dict[str, Any], environ: Mapping[str, str]) -> Output:
    stdout, stderr = stdout_and_stderr()
    color = wants_color(flags.pop("color", None) or "auto", environ, stdout)
    return Output(as_json=flags.pop("json", False), color=color, stdout=stdout, stderr=stderr)


def _call(name: str, flags: dict[str, Any], environ: Mapping[str, str], cwd: Path, output: Output) -> int:
    command = next(command for command in COMMANDS if command.name == name)
    yes = flags.pop("yes", False)
    allowed = [item for item in ("out-of-order", "missing") if flags.pop(f"allow_{item.replace('-', '_')}", False)]
    dotenv = _dotenv(cwd)
    settings = load_settings(flags, environ, cwd, dotenv)
    if settings.url:
        output.hide_url(settings.url)
    module, _, function = command.run.partition(":")
    context = Context(settings, output, flags, frozenset((*settings.allow, *allowed)), yes=yes, cwd=cwd)
    code: int = getattr(importlib.import_module(f"surefoot.cli.{module}"), function)(context)
    return code


def _dotenv(cwd: Path) -> dict[str, str]:
    path = cwd / ".env"
    if not path.is_file():
        return {}
    from dotenv import dotenv_values  # most projects have none, and the import costs

    return {name: value for name, value in dotenv_values(path).items() if value is not None}


def exit_code(error: SurefootError) -> int:
    """The exit code of an error."""
    return next(code for kind, code in _EXITS if isinstance(error, kind))


def show_error(output: Output, error: SurefootError) -> None:
    """Tell a person on standard error, or a program on standard output."""
    if output.as_json:
        output.document({"kind": "error", "error": error.to_dict()}, compact=True)
        return
    output.error(f"{output.paint('error', 'red', 'bold')}[{error.code}] {error.message}")
    for key in ("statement", "server_detail", "server_hint", "server_context", "diff"):
        if error.details.get(key):
            output.error(_detail(output, key, str(error.details[key])))
    if error.hint:
        output.error(f"{output.paint('next', 'cyan', 'bold')}  {error.hint}")


def _detail(output: Output, key: str, text: str) -> str:
    label = key.removeprefix("server_")
    shown = text if len(text) <= 1500 else f"{text[:1500]}\n…"
    body = "\n".join(f"    {line}" for line in shown.splitlines())
    return f"  {output.paint(label, 'dim')}\n{_diff_colors(output, body) if key == 'diff' else body}"


def _diff_colors(output: Output, body: str) -> str:
    colors = {"+": "green", "-": "red"}
    lines = (
        output.paint(line, colors[line.strip()[:1]]) if line.strip()[:1] in colors else line
        for line in body.splitlines()
    )
    return "\n".join(lines)
