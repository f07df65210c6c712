"""What a command runs with: one frozen object, from flags, environment variables, `.env` and `surefoot.toml`.

A key means the same everywhere: `lock_timeout` in `surefoot.toml` or in one of its `[env.NAME]` tables,
`SUREFOOT_LOCK_TIMEOUT` in the environment, `--lock-timeout` on the command line; the later one wins. Values in the file
may name environment variables: `url = "${STAGING_URL}"`. Variables that are not set are taken from `.env`; one that is
set to nothing counts as not set.
"""

from __future__ import annotations

import difflib
import io
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from surefoot.errors import ConfigError

CONFIG_NAME = "surefoot.toml"
DEFAULT_DIR = "migrations"
ALLOWABLE = ("out-of-order", "missing")
PROOF_NAME = "surefoot.proof.json"
VERDICTS = ("proven", "lossy", "different", "irreversible", "failing")
FAIL_ON = ("lossy", "different", "failing")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h)?")
# PostgreSQL counts milliseconds in 31 bits.
_LONGEST = 2_000_000.0
_UNITS = {"ms": 0.001, "s": 1.0, None: 1.0, "m": 60.0, "h": 3600.0}


# Lists of single words, which a variable or a flag gives with commas between them.
_WORDS = {"allow": ALLOWABLE, "fail_on": VERDICTS, "accept": VERDICTS}
_CHOICES = {"identity": ("version", "name"), "shadow": ("local", "target"), "dialect": ("postgres", "mysql", "sqlite")}
_NOTHING: Mapping[str, str] = MappingProxyType({})


def _key(kind: str, meaning: str, default: Any = None) -> Any:
    return field(default_factory=lambda: default, metadata={"kind": kind, "meaning": meaning})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be configured. Durations are seconds here; `500ms`, `2s`, `5m` or a number in a file."""

    url: str | None = _key("text", "The target database; `DATABASE_URL` in the environment does the same.")
    dir: str = _key("path", "The folder of migrations, relative to the configuration file.", DEFAULT_DIR)
    folder_format: str | None = _key(
        "text", "native, dbmate, goose, diesel or flyway; found out where it is not given."
    )
    project: str = _key("text", "The key of the history: several projects share a database.", "default")
    identity: str = _key("text", "`version`, or `name` for folders that use a version twice.", "version")
    variables: Mapping[str, str] = _key("table", "Values for placeholders in formats that have them.", _NOTHING)
    schema: str = _key("text", "The PostgreSQL schema of Surefoot's own tables.", "surefoot")
    preamble: tuple[str, ...] = _key("list", "Statements that prepare the session before each step (SET ROLE ...).", ())
    lock_timeout: float = _key("duration", "One attempt to get a lock.", 2.0)
    lock_wait: float = _key("duration", "All attempts to get a step's locks together.", 300.0)
    statement_timeout: float | None = _key("duration", "One statement; the server's own limit where not given.")
    runner_wait: float = _key("duration", "Another run on the same target.", 60.0)
    connect_timeout: float = _key("duration", "An answer to a connection.", 10.0)
    allow: tuple[str, ...] = _key("list", "What is not to be refused: `out-of-order`, `missing`.", ())
    confirm: bool = _key("flag", "Whether `up` asks as well (for production).", default=False)
    dump: str | None = _key(
        "path", "A file that gets the schema after each `up` and `down`; relative to the configuration file."
    )
    dialect: str | None = _key("text", "postgres, mysql or sqlite, where no url says it; postgres if nothing does.")
    shadow: str = _key("text", "Where shadow databases are: `local`, or `target` for the target's own server.", "local")
    shadow_url: str | None = _key("text", "A server on which shadow databases may be created, instead.")
    postgres_bin: str | None = _key("path", "The directory of the PostgreSQL programs for shadow databases.")
    rows: int = _key("number", "Generated rows for each table in a rehearsal.", 5)
    written: int = _key("number", "Rows that a rehearsal writes into each touched table between up and down.", 3)
    fail_on: tuple[str, ...] = _key("list", "The verdicts with which `rehearse` exits with 1.", FAIL_ON)
    proof: str = _key("path", "The file of proofs, relative to the configuration file.", PROOF_NAME)
    require_proof: bool = _key("flag", "Whether `up` refuses a step without a valid proof.", default=False)
    accept: tuple[str, ...] = _key("list", "The verdicts that `require_proof` lets pass.", ("proven",))
    budget: Mapping[str, str] = _key("table", "What a migration may cost on the target; see the lock budget.", _NOTHING)
    lint: Mapping[str, str] = _key("table", "Rules of `lint` and their level: off, note, warning or error.", _NOTHING)
    record: bool = _key("flag", "Whether each run records the schema that it leaves, for `drift`.", default=False)
    env: str | None = None
    config: str | None = None

    def __repr__(self) -> str:
        """Without the URL, the preamble and the variables: they may hold secrets."""
        return f"Settings(project={self.project!r}, dir={self.dir!r}, env={self.env!r})"


KEYS = {f.name: f for f in fields(Settings) if f.metadata}


def read_variables(flags: Mapping[str, Any], environ: Mapping[str, str], cwd: Path) -> dict[str, str]:
    """The environment, and beneath it what `.env` says: here, or else beside the configuration file.

    Raises ConfigError.
    """
    here = {**_dotenv(cwd), **environ}
    config = _config_path(flags, here, cwd)
    return {**_dotenv(config.parent), **here} if config and config.parent != cwd else here


def _dotenv(directory: Path) -> dict[str, str]:
    path = directory / ".env"
    if not _is_file(path):
        return {}
    from dotenv import dotenv_values  # most projects have none, and the import costs

    text = io.StringIO(_text(path))
    return {name: value for name, value in dotenv_values(stream=text).items() if value is not None}


def load_settings(flags: Mapping[str, Any], variables: Mapping[str, str], cwd: Path) -> Settings:
    """Settings from flags (those given), variables (`read_variables`) and `surefoot.toml`. Raises ConfigError."""
    path = _config_path(flags, variables, cwd)
    document = _read(path) if path else {}
    env = flags.get("env") or variables.get("SUREFOOT_ENV") or None
    values = _merge(document, env, path, variables)
    # With an environment chosen, its own URL counts: DATABASE_URL is most often that of another one.
    if variables.get("DATABASE_URL") and not (env and "url" in document["env"][env]):
        values["url"] = variables["DATABASE_URL"]
    values |= {key: variables[_variable(key)] for key in KEYS if variables.get(_variable(key))}
    values |= {key: value for key, value in flags.items() if value is not None and key in KEYS}
    parsed = {key: _parse(key, value) for key, value in values.items()}
    _check(parsed)
    return Settings(**parsed, env=env, config=str(path) if path else None)


def _variable(key: str) -> str:
    return f"SUREFOOT_{key.upper()}"


def _config_path(flags: Mapping[str, Any], variables: Mapping[str, str], cwd: Path) -> Path | None:
    """The configuration file: the one given, or the nearest `surefoot.toml` here or above; None without one."""
    given = flags.get("config") or variables.get("SUREFOOT_CONFIG")
    if given:
        path = cwd / given
        if not _is_file(path):
            raise ConfigError(f"There is no configuration file {given}.", hint="`surefoot init` writes one.")
        return path
    return next((folder / CONFIG_NAME for folder in (cwd, *cwd.parents) if _is_file(folder / CONFIG_NAME)), None)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        # A directory above may be closed to us.
        return False


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}.", hint="Check its permissions.", file=path.name
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text.", hint="Save it as UTF-8.", file=path.name) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path.name} is not TOML: {error}.", hint="Correct that line.", file=path.name) from error


def _merge(
    document: Mapping[str, Any], env: str | None, path: Path | None, variables: Mapping[str, str]
) -> dict[str, Any]:
    """The file's keys, with those of the environment's table on top, variables filled in and paths resolved."""
    tables = _environments(document)
    if env is not None and env not in tables:
        known = ", ".join(sorted(tables)) or "none"
        raise ConfigError(
            f"There is no environment {env}.",
            hint=f"[env.{env}] in {CONFIG_NAME} makes one; there are: {known}.",
        )
    common = {key: value for key, value in document.items() if key != "env"}
    for table in (common, *tables.values()):
        for key in table:
            _refuse_unknown(key)
    own = tables.get(env or "", {})
    values = {"dir": DEFAULT_DIR, "proof": PROOF_NAME, **common, **{key: _onto(common, key, own[key]) for key in own}}
    used = {key: _fill(value, variables, key) for key, value in values.items()}
    return {key: _resolve(key, value, path) for key, value in used.items()}


def _onto(common: Mapping[str, Any], key: str, value: Any) -> Any:
    """An environment's value; of a table, its lines on top of the common ones."""
    both = isinstance(value, dict) and isinstance(common.get(key), dict)
    return {**common[key], **value} if both else value


def _environments(document: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    tables = document.get("env", {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise ConfigError(
            "env holds environments, each a table of its own.",
            hint="Write [env.staging], and its keys below.",
            key="env",
        )
    return tables


def _refuse_unknown(key: str) -> None:
    if key not in KEYS:
        near = difflib.get_close_matches(key, KEYS, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"The keys are: {', '.join(KEYS)}."
        raise ConfigError(f"{CONFIG_NAME} has a key {key} that means nothing.", hint=hint, key=key)


def _fill(value: Any, variables: Mapping[str, str], key: str) -> Any:
    """Replace `${NAME}` in texts, lists and tables. A name that is not set is an error, not an empty text."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: _lookup(match[1], variables, key), value)
    if isinstance(value, list):
        return [_fill(item, variables, key) for item in value]
    if isinstance(value, dict):
        return {name: _fill(item, variables, key) for name, item in value.items()}
    return value


def _lookup(name: str, variables: Mapping[str, str], key: str) -> str:
    if name not in variables:
        raise ConfigError(
            f"{CONFIG_NAME}: {key} needs the environment variable {name}, which is not set.",
            hint=f"Set {name}, or write it to .env.",
            key=key,
            variable=name,
        )
    return variables[name]


def _resolve(key: str, value: Any, path: Path | None) -> Any:
    if path and key in KEYS and KEYS[key].metadata["kind"] == "path" and isinstance(value, str):
        return str(path.parent / value)
    return value


def _parse(key: str, value: Any) -> Any:
    kind = KEYS[key].metadata["kind"]
    if kind == "duration":
        return parse_duration(value, key)
    if kind == "list":
        return _list(key, value)
    if kind == "flag":
        return _flag(key, value)
    if kind == "number":
        return _number(key, value)
    if kind == "table":
        return _table(key, value)
    if not isinstance(value, str):
        raise ConfigError(f"{key} has to be a text.", hint=f'Write {key} = "..."', key=key)
    return value


def _table(key: str, value: Any) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(isinstance(item, str | int | float) for item in value.values()):
        hint = f'Write [{key}] in {CONFIG_NAME}, and below it a line for each: name = "value".'
        raise ConfigError(f"{key} has to be a table of texts.", hint=hint, key=key)
    return {name: str(item) for name, item in value.items()}


def _number(key: str, value: Any) -> int:
    if isinstance(value, bool) or not str(value).isdecimal():
        raise ConfigError(f"{key} is a whole number, not {value}.", hint=f"Write {key} = 5.", key=key)
    return int(value)


def _flag(key: str, value: Any) -> bool:
    word = str(value).lower()
    if word not in ("true", "false", "1", "0", "yes", "no"):
        raise ConfigError(f"{key} is true or false, not {value}.", hint=f"Write {key} = true.", key=key)
    return word in ("true", "1", "yes")


def _list(key: str, value: Any) -> tuple[str, ...]:
    items = value.split(",") if isinstance(value, str) and key in _WORDS else value
    if key in _WORDS and items == ["none"]:
        return ()
    items = [items] if isinstance(items, str) else items
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise ConfigError(f"{key} has to be a list of texts.", hint=f'Write {key} = ["..."]', key=key)
    return tuple(item.strip() for item in items)


def parse_duration(value: Any, key: str) -> float:
    """Seconds from `500ms`, `2s`, `5m`, `1h` or a number. Raises ConfigError."""
    match = None if isinstance(value, bool) else _DURATION.fullmatch(str(value).strip())
    if match is None:
        raise ConfigError(
            f"{key} is not a duration: {value}.",
            hint="Write 500ms, 2s, 5m, 1h, or a number of seconds.",
            key=key,
        )
    # So that 700ms is 0.7, and not a little more.
    seconds = round(float(match[1]) * _UNITS[match[2]], 6)
    if seconds > _LONGEST:
        raise ConfigError(f"{key} is longer than a database can wait: {value}.", hint="24h is long enough.", key=key)
    return seconds


def _listed(words: tuple[str, ...], last: str = "and") -> str:
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def _check(values: Mapping[str, Any]) -> None:
    for key, words in _WORDS.items():
        for item in values.get(key, ()):
            if item not in words:
                raise ConfigError(f"{key} does not know {item}.", hint=f"It knows {_listed(words)}.", key=key)
    for key, words in _CHOICES.items():
        if values.get(key, words[0]) not in words:
            raise ConfigError(
                f"{key} is {_listed(words, 'or')}, not {values[key]}.", hint=f"{words[0]} is usual.", key=key
            )
    if values.get("lock_timeout") == 0:
        raise ConfigError(
            "lock_timeout = 0 would wait for a lock without a bound.",
            hint="Give it a length; the default is 2s. lock_wait bounds all attempts together.",
        )
