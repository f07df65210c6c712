"""`Idempotency-Key`: who sends the same creation twice, because an answer was lost, has created one thing."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, TypeVar

from fastapi import Header
from pydantic import BaseModel

from surefoot.calls import Call
from surefoot.db.pool import Connection, Row
from surefoot.errors import Conflict
from surefoot.vault.vault import Vault

KEPT = timedelta(hours=24)
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="A text of your own, such as a UUID: sent again within 24 hours with the same request, it gets the "
        "first answer, and nothing is made a second time.",
        examples=["5b7f0d6e-9a43-4c1f-a1de-0d1f6f0b6c0e"],
        min_length=8,
        max_length=128,
        pattern=r"^[\x21-\x7e]+$",
    ),
]
AnswerT = TypeVar("AnswerT", bound=BaseModel)

# Of two at a time the second waits here until the first has committed, or makes its own where the first rolled back.
_CLAIM = """
    INSERT INTO idempotency_keys (id, request, created_at) VALUES (%(id)s, %(request)s, %(at)s)
    ON CONFLICT (id) DO UPDATE SET request = EXCLUDED.request, answer = NULL, created_at = EXCLUDED.created_at
    WHERE idempotency_keys.created_at <= %(expired)s
    RETURNING id
"""
_FIND = "SELECT request, answer FROM idempotency_keys WHERE id = %(id)s"
_KEEP = "UPDATE idempotency_keys SET answer = %(answer)s WHERE id = %(id)s"
_SWEEP = "DELETE FROM idempotency_keys WHERE created_at <= %(expired)s RETURNING answer"


async def once(
    connection: Connection,
    vault: Vault,
    call: Call,
    key: str | None,
    asked: BaseModel,
    make: Callable[[], Awaitable[AnswerT]],
    answer: type[AnswerT],
) -> AnswerT:
    """What `make` returns; for a key that was used in the last 24 hours, what it returned then.

    `make` runs in the connection's transaction, and so is its answer kept, sealed. A key belongs to who sends it and
    to the operation. Raises Conflict where it came with another request.
    """
    if key is None:
        return await make()
    kept = {"id": _id(call, key), "request": _digest(asked), "at": call.at, "expired": call.at - KEPT}
    if await (await connection.execute(_CLAIM, kept)).fetchone() is None:
        return answer.model_validate_json(await _first_answer(connection, vault, kept))
    made = await make()
    sealed = await vault.seal(connection, made.model_dump_json().encode(), about=_about(kept))
    await connection.execute(_KEEP, {"id": kept["id"], "answer": sealed})
    return made


async def _first_answer(connection: Connection, vault: Vault, kept: Row) -> bytes:
    row = await (await connection.execute(_FIND, kept)).fetchone()
    if row is None or row["request"] != kept["request"]:
        raise Conflict("This Idempotency-Key was sent with another request.", hint="Send a new key with a new request.")
    return await vault.unseal(connection, row["answer"], about=_about(kept))


async def sweep_answers(connection: Connection, vault: Vault, at: datetime) -> None:
    """Forget the answers that are older than 24 hours."""
    rows = await (await connection.execute(_SWEEP, {"expired": at - KEPT})).fetchall()
    for row in rows:
        if row["answer"] is not None:
            await vault.discard(connection, row["answer"])


def _id(call: Call, key: str) -> bytes:
    actor = call.actor
    return hashlib.sha256(f"{actor.kind}|{actor.id}|{call.workspace}|{call.operation}|{key}".encode()).digest()


def _digest(asked: BaseModel) -> bytes:
    return hashlib.sha256(asked.model_dump_json().encode()).digest()


def _about(kept: Row) -> str:
    return f"idempotency/{kept['id'].hex()}"
