"""Formats of migration folders: files in, `Folder` out. Nothing here knows a database."""

from __future__ import annotations

from surefoot.engine.formats.folder import FORMATS, new_migration, read_folder

__all__ = ["FORMATS", "new_migration", "read_folder"]
