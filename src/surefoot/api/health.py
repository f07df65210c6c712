"""Whether a process lives, and whether it can serve: for load balancers and supervisors, outside of `/api/v1`."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from surefoot.web.platform import platform_of

router = APIRouter(prefix="/health", include_in_schema=False)


class Health(BaseModel):
    """The state of a process."""

    status: Literal["ok"] = Field("ok", description="It is well; else the answer is a problem.")


@router.get("/live", operation_id="health.live")
async def live() -> Health:
    """The process answers. It says nothing of what it needs."""
    return Health()


@router.get("/ready", operation_id="health.ready")
async def ready(request: Request) -> Health:
    """The process can serve: its database answers. Raises Unavailable."""
    async with platform_of(request).database.connection() as connection:
        await connection.execute("SELECT 1")
    return Health()
