"""Scripts as bytes: how the history keeps the text that ran, and the way back, apart from the folder."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence

from surefoot.engine.model import Fragment, Script


def pack(scripts: Sequence[Script]) -> bytes:
    """The scripts as compressed JSON, from which `unpack` makes equal ones.

    The JSON is a list of scripts `[path, transaction, fragments]`, a fragment being `[text, line, whole]`.
    """
    plain = [
        [script.path, script.transaction, [[f.text, f.line, f.whole] for f in script.fragments]] for script in scripts
    ]
    data = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return zlib.compress(data)


def unpack(data: bytes) -> tuple[Script, ...]:
    """The scripts that `pack` was given."""
    plain = json.loads(zlib.decompress(data).decode("utf-8", "surrogatepass"))
    return tuple(
        Script(path, tuple(Fragment(*fragment) for fragment in fragments), transaction)
        for path, transaction, fragments in plain
    )
