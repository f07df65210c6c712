"""Where master keys come from: a variable of the environment, or files that only the platform may read."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from surefoot.errors import ConfigError
from surefoot.vault.model import MasterKey, Ring

_SIZE = 32
_PUBLIC = "signing.pub"
_GUIDE = "docs/explanation/keys.md says what keys look like and where they are."


def ring_of_text(text: str, directory: Path) -> Ring:
    """The keys of `SUREFOOT_MASTER_KEY`: the newest first, with commas between them. Raises ConfigError."""
    keys = [_key(part.strip(), "SUREFOOT_MASTER_KEY") for part in text.split(",")]
    public = _public(directory) if directory.is_dir() else ()
    return Ring(tuple(keys), public)


def make_first(directory: Path) -> None:
    """Make the directory and its first key, where there is none. Several processes may call it at once.

    Raises ConfigError.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _not_made(directory, error) from error
    _refuse_if_open(directory)
    if not key_files(directory):
        add_key(directory)


def ring_of_files(directory: Path) -> Ring:
    """The keys in a directory. Raises ConfigError."""
    files = key_files(directory)
    if not files or files[0].name != _name(1):
        raise ConfigError(
            f"The first key, {directory / _name(1)}, is not there.",
            hint="Put it back from a backup: digests that were stored are made with it. " + _GUIDE,
        )
    return Ring(tuple(_key(_read(file), str(file)) for file in reversed(files)), _public(directory))


def key_files(directory: Path) -> list[Path]:
    """The files of the master keys, the oldest first."""
    return sorted(directory.glob("master-[0-9][0-9][0-9][0-9].key"))


def add_key(directory: Path) -> MasterKey:
    """Make a new key, which is the newest from now on. Where another process has just made one, that is taken.

    Raises ConfigError.
    """
    files = key_files(directory)
    number = int(files[-1].stem.removeprefix("master-")) + 1 if files else 1
    file = directory / _name(number)
    key = MasterKey(secrets.token_bytes(_SIZE))
    try:
        # First what verifies, then what signs: no signature is ever without it.
        _append(directory / _PUBLIC, base64.b64encode(key.signing.public_key().public_bytes_raw()) + b"\n")
        made = _make(file, base64.b64encode(key.secret) + b"\n")
    except OSError as error:
        raise _not_made(directory, error) from error
    return key if made else _key(_read(file), str(file))


def _name(number: int) -> str:
    return f"master-{number:04}.key"


def _make(file: Path, content: bytes) -> bool:
    """Whether the file was made: whole and on the disk, or not at all."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    _append(draft, content)
    try:
        file.hardlink_to(draft)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    _sync(file.parent)
    return True


def _append(file: Path, content: bytes) -> None:
    descriptor = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o600)
    # Buffered: on a disk that fills up, a bare write takes a part and tells of no error.
    with os.fdopen(descriptor, "ab") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(descriptor)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(file: Path) -> str:
    _refuse_if_open(file)
    try:
        return file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The key file {file} cannot be read.", hint=_GUIDE, path=str(file)) from error


def _key(text: str, source: str) -> MasterKey:
    try:
        secret = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != _SIZE:
        # Without its cause: that would hold the text.
        raise ConfigError(f"{source} holds no key: 32 bytes in base64 are expected.", hint=_GUIDE, source=source)
    return MasterKey(secret)


def _public(directory: Path) -> tuple[Ed25519PublicKey, ...]:
    file = directory / _PUBLIC
    if not file.exists():
        return ()
    try:
        return tuple(Ed25519PublicKey.from_public_bytes(base64.b64decode(line)) for line in _read(file).split())
    except ValueError as error:
        raise ConfigError(f"{file} holds a line that is no public key.", hint=_GUIDE, path=str(file)) from error


def _not_made(directory: Path, error: OSError) -> ConfigError:
    return ConfigError(f"No key can be made in {directory}: {error.strerror}.", hint=_GUIDE, path=str(directory))


def _refuse_if_open(path: Path) -> None:
    """Refuse what others than the owner may touch: the keys are then known to nobody knows whom."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        wanted = "700" if path.is_dir() else "600"
        raise ConfigError(
            f"{path} can be used by others than its owner (mode {mode:03o}).",
            hint=f"chmod {wanted} {path}; if others could read it, `surefoot keys rotate` as well.",
            path=str(path),
        )
