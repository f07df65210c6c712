"""A fixture that writes a folder and reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from surefoot.engine.formats import read_folder
from surefoot.engine.model import Folder

Read = Callable[..., Folder]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes files given as {relative path: text or bytes} and reads the folder with the given options."""

    def written_and_read(files: Mapping[str, str | bytes], **options: Any) -> Folder:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_folder(tmp_path, **options)

    return written_and_read
