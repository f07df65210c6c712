"""Checkpoints and segments as signed texts: what is signed is canonical JSON, with what it is for in front."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from surefoot.audit.model import Checkpoint, Head, Segment
from surefoot.audit.rules import canonical, time_text
from surefoot.vault.vault import Vault

_CHECKPOINT = b"surefoot audit checkpoint v1\n"
_SEGMENT = b"surefoot audit segment v1\n"


def sign_checkpoint(vault: Vault, id: UUID, at: datetime, heads: Sequence[Head]) -> Checkpoint:  # noqa: A002  # as the field is named
    """A checkpoint of these ends of chains, with its line."""
    body = {"id": str(id), "at": time_text(at), "chains": [_written(head) for head in heads]}
    signature = base64.b64encode(vault.sign(_CHECKPOINT + canonical(body))).decode()
    return Checkpoint(id, at, tuple(heads), canonical({**body, "signature": signature}).decode())


def read_checkpoint(line: str) -> Checkpoint:
    """A checkpoint from its line, whoever signed it. Raises ValueError where it is none."""
    try:
        body = json.loads(line)
        heads = tuple(_head(written) for written in body["chains"])
        return Checkpoint(UUID(body["id"]), datetime.fromisoformat(body["at"]), heads, line)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a checkpoint") from error


def is_signed(vault: Vault, checkpoint: Checkpoint) -> bool:
    """Whether this installation signed the checkpoint's line."""
    body = json.loads(checkpoint.line)
    signature = base64.b64decode(str(body.pop("signature", "")))
    return vault.verify(_CHECKPOINT + canonical(body), signature)


def segment_text(segment: Segment) -> str:
    """What is signed of a segment."""
    return canonical(
        {
            "id": str(segment.id),
            "until": time_text(segment.until),
            "file": segment.file,
            "sha256": segment.sha256,
            "events": segment.events,
            "starts": [_written(head) for head in segment.starts],
            "ends": [_written(head) for head in segment.ends],
        }
    ).decode()


def read_segment(text: str) -> Segment:
    """A segment from its text. Raises ValueError where it is none."""
    try:
        body = json.loads(text)
        starts, ends = (tuple(_head(written) for written in body[name]) for name in ("starts", "ends"))
        until = datetime.fromisoformat(body["until"])
        return Segment(
            UUID(body["id"]), until, str(body["file"]), str(body["sha256"]), int(body["events"]), starts, ends
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a segment") from error


def sign_segment(vault: Vault, segment: Segment) -> bytes:
    """The signature of a segment's text."""
    return vault.sign(_SEGMENT + segment_text(segment).encode())


def is_signed_segment(vault: Vault, text: str, signature: bytes) -> bool:
    """Whether this installation signed the segment's text."""
    return vault.verify(_SEGMENT + text.encode(), signature)


def _written(head: Head) -> list[object]:
    return [str(head.chain), head.seq, head.hash.hex()]


def _head(written: Sequence[object]) -> Head:
    chain, seq, hash_ = written
    return Head(UUID(str(chain)), int(str(seq)), bytes.fromhex(str(hash_)))
