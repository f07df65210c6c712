"""Formats of migration folders: files in, `Folder` out. Nothing here knows a database."""

from __future__ import annotations

from surefoot.engine.formats import dbmate, diesel, flyway, goose, native
from surefoot.engine.formats.shape import Format

FORMATS: dict[str, Format] = {
    module.FORMAT.name: module.FORMAT for module in (native, dbmate, goose, diesel, flyway)
}
