"""Everything that Surefoot prints: colour where it is wanted, JSON where it is asked for, and never a secret."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO
from urllib.parse import unquote, urlsplit

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}
_HIDDEN = "***"


class Output:
    """Where a command writes. `json` commands write documents to standard output, and nothing else."""

    def __init__(self, *, as_json: bool, color: bool, stdout: TextIO, stderr: TextIO) -> None:
        self.as_json = as_json
        self._color = color
        self._stdout = stdout
        self._stderr = stderr
        self._secrets: set[str] = set()
        self._transient = False

    @property
    def live(self) -> bool:
        """Whether a line may be drawn over: on a terminal, for a person."""
        return not self.as_json and self._color and self._stdout.isatty()

    def hide(self, secret: str) -> None:
        """Never print this text. Short ones are left alone: they would mask ordinary words."""
        if len(secret) >= 3:
            self._secrets.add(secret)

    def hide_url(self, url: str) -> None:
        """Never print the password of this URL, as it is written or decoded."""
        try:
            password = urlsplit(url).password or ""
        except ValueError:
            return
        self.hide(password)
        self.hide(unquote(password))

    def _clean(self, text: str) -> str:
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, _HIDDEN)
        return text

    def paint(self, text: str, *styles: str) -> str:
        """The text in these colours, where colour is on."""
        if not self._color or not text:
            return text
        return f"\033[{';'.join(_CODES[style] for style in styles)}m{text}\033[0m"

    def line(self, text: str = "") -> None:
        """A line for a person; nothing in JSON mode."""
        if not self.as_json:
            self._erase()
            self._stdout.write(self._clean(text) + "\n")
            self._stdout.flush()

    def transient(self, text: str) -> None:
        """A line that the next one replaces: only on a terminal."""
        if self.live:
            self._erase()
            self._stdout.write(self._clean(text))
            self._stdout.flush()
            self._transient = True

    def _erase(self) -> None:
        if self._transient:
            self._stdout.write("\r\033[2K")
            self._transient = False

    def document(self, value: Mapping[str, Any], *, compact: bool = False) -> None:
        """A JSON document; nothing for a person. `compact` documents take one line each."""
        if self.as_json:
            text = json.dumps(value, indent=None if compact else 2, default=str, ensure_ascii=False)
            self._stdout.write(self._clean(text) + "\n")
            self._stdout.flush()

    def error(self, text: str) -> None:
        """A line on standard error."""
        self._erase()
        self._stderr.write(self._clean(text) + "\n")
        self._stderr.flush()


def wants_color(when: str, environ: Mapping[str, str], stream: TextIO) -> bool:
    """Whether to colour what goes to the stream: `NO_COLOR`, `FORCE_COLOR`, `TERM=dumb` and no terminal have a say."""
    if when != "auto":
        return when == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environ.get("TERM") != "dumb"


def duration(milliseconds: float) -> str:
    """A duration as a person says it."""
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


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


def stdout_and_stderr() -> tuple[TextIO, TextIO]:
    """The process's streams, able to print any character."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    return sys.stdout, sys.stderr
