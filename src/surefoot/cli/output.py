"""Everything that Surefoot prints: colour where it is wanted, JSON where it is asked for, and never a secret."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}
_STYLE = re.compile(r"\033\[[0-9;]*m")
_HIDDEN = "***"
# A secret as short as this may stand in the middle of ordinary words: there it is left.
_SHORT = 8


class Output:
    """Where a command writes: lines for a person or documents for a program, on standard output; errors on the other.

    A reader who goes away (`| head`) is no reason to stop: what is written after that goes nowhere.
    """

    def __init__(self, *, as_json: bool, color: bool, error_color: bool, stdout: TextIO, stderr: TextIO) -> None:
        self.as_json = as_json
        self._color = color
        self._error_color = error_color
        self._stdout = stdout
        self._stderr = stderr
        self._secrets: set[str] = set()
        self._secret: re.Pattern[str] | None = None
        self._transient = False

    @property
    def live(self) -> bool:
        """Whether a line may be drawn over: on a terminal, for a person."""
        return not self.as_json and self._color and self._stdout.isatty()

    def hide(self, secrets: Iterable[str]) -> None:
        """Never print these texts. Those of one or two letters are left alone: they stand in every word."""
        self._secrets |= {secret for secret in secrets if len(secret) >= 3}
        patterns = [_as_pattern(secret) for secret in sorted(self._secrets, key=len, reverse=True)]
        self._secret = re.compile("|".join(patterns)) if patterns else None

    @property
    def width(self) -> int:
        """How many columns a line may take: those of the terminal, else 100."""
        return shutil.get_terminal_size().columns if self._stdout.isatty() else 100

    def clean(self, text: str) -> str:
        """The text without what is to be hidden, for a file."""
        return str(self._clean(text))

    def _clean(self, value: Any) -> Any:
        if self._secret is None:
            return value
        if isinstance(value, str):
            return self._secret.sub(_HIDDEN, value)
        if isinstance(value, Mapping):
            return {name: self._clean(item) for name, item in value.items()}
        return [self._clean(item) for item in value] if isinstance(value, list | tuple) else value

    def paint(self, text: str, *styles: str) -> str:
        """The text in these colours, where standard output is coloured."""
        return _styled(text, styles) if self._color else text

    def paint_error(self, text: str, *styles: str) -> str:
        """The text in these colours, where standard error is coloured."""
        return _styled(text, styles) if self._error_color else text

    def line(self, text: str = "") -> None:
        """A line for a person; nothing in JSON mode."""
        if not self.as_json:
            self._write(self._stdout, f"{self._erase()}{self._clean(text)}\n")

    def transient(self, text: str) -> None:
        """A line that the next one replaces: only on a terminal, and no longer than it is wide."""
        if self.live:
            width = shutil.get_terminal_size().columns - 1
            self._write(self._stdout, f"{self._erase()}{fit(self._clean(text), width)}")
            self._transient = True

    def _erase(self) -> str:
        was, self._transient = self._transient, False
        return "\r\033[2K" if was else ""

    def document(self, value: Mapping[str, Any], *, compact: bool = False) -> None:
        """A JSON document; nothing for a person. `compact` documents take one line each."""
        if self.as_json:
            text = json.dumps(self._clean(value), indent=None if compact else 2, default=str, ensure_ascii=False)
            self._write(self._stdout, text + "\n")

    def error(self, text: str) -> None:
        """A line on standard error."""
        self._write(self._stdout, self._erase())
        self._write(self._stderr, f"{self._clean(text)}\n")

    def ask(self, question: str) -> bool:
        """Whether the person at the terminal answers yes. The end of the input is a no."""
        self._write(self._stdout, self._erase())
        self._write(self._stderr, f"{self._clean(question)} [y/N] ")
        answer = sys.stdin.readline()
        if not answer:
            self._write(self._stderr, "\n")
        return answer.strip().lower() in ("y", "yes")

    def flush(self) -> None:
        """Send what others have written to the same streams, such as a help text."""
        self._write(self._stdout, "")

    def _write(self, stream: TextIO, text: str) -> None:
        try:
            stream.write(text)
            stream.flush()
        except BrokenPipeError:
            _lead_nowhere(stream)


def _as_pattern(secret: str) -> str:
    # A boundary would never match beside a sign, so it is asked for only beside a letter.
    before = r"(?<!\w)" if len(secret) < _SHORT and secret[0].isalnum() else ""
    after = r"(?!\w)" if len(secret) < _SHORT and secret[-1].isalnum() else ""
    return f"{before}{re.escape(secret)}{after}"


def _styled(text: str, styles: tuple[str, ...]) -> str:
    return f"\033[{';'.join(_CODES[style] for style in styles)}m{text}\033[0m" if text and styles else text


def _lead_nowhere(stream: TextIO) -> None:
    """Give the stream another end: at its exit Python would try, and complain, once more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def fit(text: str, width: int) -> str:
    """The text cut to so many columns; what only sets colours takes none."""
    if len(_STYLE.sub("", text)) <= width:
        return text
    shown = ""
    for piece in re.split(r"(\033\[[0-9;]*m)", text):
        if piece.startswith("\033"):
            shown += piece
        else:
            shown += piece[: max(0, width - 1 - len(_STYLE.sub("", shown)))]
    return f"{shown}…"


def wants_color(when: str, environ: Mapping[str, str], stream: TextIO) -> bool:
    """Whether to colour what goes to the stream: `NO_COLOR`, `FORCE_COLOR`, `TERM=dumb` and no terminal have a say."""
    if when != "auto":
        return when == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return stream.isatty() and environ.get("TERM") != "dumb"


def duration(milliseconds: float) -> str:
    """A duration as a person says it."""
    if milliseconds < 999.5:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def moment(value: datetime) -> str:
    """A time with its zone."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def size(count: int) -> str:
    """Bytes with their unit."""
    amount = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TiB"


def counted(count: int, noun: str) -> str:
    """A number and its noun: 1 migration, 2 migrations."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def standard_streams() -> tuple[TextIO, TextIO]:
    """The process's output and error streams, able to print any character; nowhere, where one is closed."""
    streams: list[TextIO] = []
    for stream in (sys.stdout, sys.stderr):
        found = stream or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - lives as long as the process
        reconfigure = getattr(found, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
        streams.append(found)
    return streams[0], streams[1]
