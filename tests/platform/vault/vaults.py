"""Vaults of processes."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from surefoot.platform_settings import load_platform_settings
from surefoot.vault.vault import Vault


def a_key() -> str:
    """A master key as the environment gives it."""
    return base64.b64encode(os.urandom(32)).decode()


def given(data_dir: Path, *keys: str) -> Vault:
    """The vault of a process that is given its keys by the environment."""
    return Vault.open(load_platform_settings({"SUREFOOT_MASTER_KEY": ",".join(keys)}, data_dir=data_dir))


def opened(data_dir: Path) -> Vault:
    """The vault of a process that reads its keys from files."""
    return Vault.open(load_platform_settings({}, data_dir=data_dir))
