"""From a URL to connections on a database file."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote

from surefoot.engine.dialects.sqlite.target import SqliteTarget
from surefoot.engine.model import Timeouts
from surefoot.errors import Unreachable, UsageError

_FORMS = "sqlite:///relative.db, sqlite:////absolute/path.db or sqlite:relative.db"
_MODES = {"ro", "rw", "rwc"}
# SQLite's own parameters of a file: URI (https://sqlite.org/uri.html) that leave the file safe to write.
_PASSED_ON = {"mode", "cache", "vfs", "psow", "nolock"}
_OURS = {"foreign_key_check"}
_SWITCH = {"on": True, "off": False}


class Connector:
    """Opens connections to the file of a URL; with the default `mode=rwc` the first one makes the file.

    The forms are `sqlite:///relative.db`, `sqlite:////absolute/path.db`, `sqlite:relative.db` and
    `sqlite:/absolute/path.db`; special characters are percent-encoded. Options after a question mark: SQLite's own
    `mode` (`ro`, `rw`, `rwc`), `cache`, `vfs`, `psow` and `nolock`, and `foreign_key_check=off`. Those that begin with
    an underscore are some driver's, and passed over.
    """

    def __init__(self, url: str) -> None:
        """Raises UsageError where the URL is none of these."""
        rest, _, query = url.partition(":")[2].partition("?")
        self._path = _path(rest, url)
        self._options = _options(query)
        self.label = f"sqlite:{rest}"

    @property
    def checks_foreign_keys(self) -> bool:
        """Whether a step may not leave rows without their parents."""
        return _SWITCH[self._options.get("foreign_key_check", "on")]

    def exists(self) -> bool:
        """Whether the file is there. Raises Unreachable where it is not, and cannot be made."""
        if self._path.exists():
            return True
        if self._options.get("mode", "rwc") != "rwc":
            raise Unreachable(
                f"{self.label} does not exist, and mode={self._options['mode']} does not create it.",
                hint="Check the path, or leave the mode out of the URL.",
            )
        directory = self._path.absolute().parent
        if not directory.is_dir():
            raise Unreachable(
                f"{self.label} cannot be created: there is no directory {directory}.",
                hint="Create the directory, or check the path: sqlite:///app.db is relative to the working directory, "
                "sqlite:////app.db is absolute.",
            )
        return False

    def __call__(self) -> sqlite3.Connection:
        """A new connection, in autocommit mode."""
        return self._open({"mode": "rwc"} | self._options)

    def read_only(self) -> sqlite3.Connection:
        """A connection that cannot write, to a file that is there: it leaves no file beside it that was not there."""
        path = self._path.resolve()
        in_use = any(path.with_name(path.name + end).exists() for end in ("-wal", "-journal"))
        # With mode=ro a WAL is made and stays; with mode=rw one that a crash left is worked into the file.
        connection = self._open({"mode": "rw"} | self._options | ({"mode": "ro"} if in_use else {}))
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _open(self, options: dict[str, str]) -> sqlite3.Connection:
        parameters = "&".join(f"{key}={quote(value)}" for key, value in options.items() if key in _PASSED_ON)
        return sqlite3.connect(
            f"file:{quote(os.fspath(self._path.absolute()))}?{parameters}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
        )


def open_file(url: str, *, preamble: Sequence[str], timeouts: Timeouts) -> SqliteTarget:
    """The target of a URL; nothing is opened or created yet. Raises UsageError."""
    connector = Connector(url)
    return SqliteTarget(
        connector,
        label=connector.label,
        exists=connector.exists,
        preamble=preamble,
        timeouts=timeouts,
        check_foreign_keys=connector.checks_foreign_keys,
    )


def _path(rest: str, url: str) -> Path:
    """The path of a URL: `///` is the empty host and the slash that ends it."""
    authority = re.match("//(?P<host>[^/]*)(?P<slash>/?)", rest)
    text = unquote(rest[authority.end() :] if authority else rest)
    if text.lower() == ":memory:":
        raise UsageError(
            "A database in memory ends with the command, and nothing would be left of the migrations.",
            hint=f"Name a file: {_FORMS}.",
        )
    if not text or (authority and (authority["host"] or not authority["slash"])):
        raise UsageError(f"{url} does not name a file.", hint=f"Write {_FORMS}.")
    return Path(text)


def _options(query: str) -> dict[str, str]:
    pairs = parse_qsl(query, keep_blank_values=True)
    options = {key: value for key, value in pairs if not key.startswith("_")}
    unknown = sorted(set(options) - _PASSED_ON - _OURS)
    if unknown:
        raise UsageError(
            f"{', '.join(unknown)} is not an option of a SQLite URL.",
            hint=f"Known are {', '.join(sorted(_PASSED_ON | _OURS))}.",
        )
    _check(options, "mode", _MODES)
    _check(options, "foreign_key_check", set(_SWITCH))
    return options


def _check(options: dict[str, str], name: str, known: set[str]) -> None:
    if options.get(name, next(iter(known))) not in known:
        raise UsageError(
            f"{name}={options[name]} cannot be used in a SQLite URL.", hint=f"Write one of {', '.join(sorted(known))}."
        )
