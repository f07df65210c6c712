"""`surefoot`: parse, load the settings, call the command, and turn an error into words and an exit code, once."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from surefoot import errors
from surefoot.cli.command import Command
from surefoot.cli.commands import COMMANDS
from surefoot.cli.context import Context
from surefoot.cli.output import Output, standard_streams, wants_color
from surefoot.cli.parser import joined, make_parser
from surefoot.cli.secrets import secrets_of, url_secrets
from surefoot.errors import Cancelled, SurefootError, UsageError
from surefoot.settings import Settings, load_settings, read_variables

# The first class that fits decides, so a narrower one stands before a wider one.
_EXITS: tuple[tuple[type[SurefootError], int], ...] = (
    (errors.UsageError, 2),
    (errors.FolderError, 2),
    (errors.Refused, 3),
    (errors.OutcomeUnknown, 4),
    (errors.Denied, 3),
    (errors.NotDone, 3),
    (errors.TooMany, 5),
    (errors.Overloaded, 5),
    (errors.Busy, 5),
    (errors.Unreachable, 6),
    (errors.Unavailable, 6),
    (errors.Cancelled, 130),
    (SurefootError, 1),
)
_OUR_MISTAKE = 70


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    # Asked to end, clean up as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    code = run(list(sys.argv[1:] if argv is None else argv), os.environ, Path.cwd())
    # All is closed and flushed. To take the interpreter apart as well would take a sixth of a short command's time.
    os._exit(code)


def run(argv: Sequence[str], environ: Mapping[str, str], cwd: Path) -> int:
    """Run one command; returns its exit code."""
    output = _output({"json": "--json" in argv}, environ, argv)
    try:
        argv = joined(argv)
        parser = make_parser(argv)
        flags = vars(parser.parse_args(argv))
        output = _output(flags, environ, argv)
        if flags["command"] is None and not output.as_json:
            parser.print_help()
            output.flush()
            return 2
        return _call(flags, environ, cwd, output)
    except SystemExit as answered:
        # argparse leaves by itself after --help and --version.
        output.flush()
        return int(answered.code or 0)
    except SurefootError as error:
        return _fail(output, error)
    except KeyboardInterrupt:
        return _fail(output, Cancelled("Cancelled.", hint="Run it again to go on."))
    except Exception as error:
        if environ.get("SUREFOOT_DEBUG"):
            raise
        return _surprise(output, error)


def _fail(output: Output, error: SurefootError) -> int:
    show_error(output, error)
    return exit_code(error)


def _surprise(output: Output, error: Exception) -> int:
    if isinstance(error, OSError) and error.filename is not None:
        reason = f"{error.filename}: {error.strerror}."
        return _fail(output, UsageError(reason, hint="Check that path and its permissions.", file=str(error.filename)))
    hint = "This is a mistake in Surefoot. Please report it with what SUREFOOT_DEBUG=1 shows."
    show_error(output, SurefootError(f"{type(error).__name__}: {error}", hint=hint))
    return _OUR_MISTAKE


def _output(flags: dict[str, Any], environ: Mapping[str, str], argv: Sequence[str]) -> Output:
    stdout, stderr = standard_streams()
    when = flags.pop("color", None) or "auto"
    # A report in JSON is the one document that is asked for, unless it goes to a file.
    reported = flags.get("report") == "json" and not flags.get("output")
    output = Output(
        as_json=flags.pop("json", False) or reported,
        color=wants_color(when, environ, stdout),
        error_color=wants_color(when, environ, stderr),
        stdout=stdout,
        stderr=stderr,
    )
    # A URL in the wrong place is told as the word that was not understood.
    output.hide(secret for word in argv for secret in url_secrets(word))
    return output


def _call(flags: dict[str, Any], environ: Mapping[str, str], cwd: Path, output: Output) -> int:
    name = flags.pop("command")
    if name is None:
        raise UsageError("No command was given.", hint="`surefoot --help` lists the commands.")
    command = next((command for command in COMMANDS if command.name == name), None)
    if command is None:
        raise UsageError(f"`surefoot {name}` is several commands.", hint=f"`surefoot {name} --help` lists them.")
    variables = read_variables(flags, environ, cwd)
    # Before the settings are read as well: what is wrong with them may be told with a value in it.
    output.hide(secrets_of(flags.get("url"), (), variables))
    settings = Settings() if command.platform else load_settings(flags, variables, cwd)
    output.hide(secrets_of(settings.url, settings.preamble, settings.variables))
    output.hide(secrets_of(settings.shadow_url, (), {}))
    context = Context(settings, output, flags, cwd=cwd, variables=variables)
    code: int = _function(command)(context)
    return code


def _function(command: Command) -> Any:
    """What runs a command. Raises UsageError where the packages of the platform are not installed."""
    module, _, function = command.run.partition(":")
    try:
        return getattr(importlib.import_module(f"surefoot.cli.{module}"), function)
    except ModuleNotFoundError as error:
        if not command.platform:
            raise
        raise UsageError(
            f"`surefoot {command.name}` needs the packages of the platform; {error.name} is not installed.",
            hint="pip install 'surefoot[server]'",
        ) from error


def exit_code(error: SurefootError) -> int:
    """The exit code of an error."""
    return next(code for kind, code in _EXITS if isinstance(error, kind))


def show_error(output: Output, error: SurefootError) -> None:
    """Tell a person on standard error, or a program on standard output."""
    if output.as_json:
        output.document({"kind": "error", "error": error.to_dict()}, compact=True)
        return
    output.error(f"{output.paint_error('error', 'red', 'bold')}[{error.code}] {error.message}")
    for key in ("statement", "server_detail", "server_hint", "server_context", "diff"):
        if error.details.get(key):
            output.error(_detail(output, key, str(error.details[key])))
    if error.hint:
        output.error(f"{output.paint_error('next', 'cyan', 'bold')}  {error.hint}")


def _detail(output: Output, key: str, text: str) -> str:
    label = key.removeprefix("server_")
    shown = text if len(text) <= 1500 else f"{text[:1500]}\n…"
    color = _diff_color if key == "diff" else _no_color
    body = "\n".join(f"    {output.paint_error(line, *color(line))}" for line in shown.splitlines())
    return f"  {output.paint_error(label, 'dim')}\n{body}"


def _diff_color(line: str) -> tuple[str, ...]:
    return {"+": ("green",), "-": ("red",)}.get(line[:1], ())


def _no_color(_line: str) -> tuple[str, ...]:
    return ()
