"""Whether something above asks a person to keep a second factor.

What asks for it (workspaces) stands above accounts, so the application hands the question down.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import Request

from surefoot.db.pool import Connection

Demand = Callable[[Connection, UUID], Awaitable[bool]]


def demand_of(request: Request) -> Demand:
    """What tells whether an account may not be without a second factor; `make_app` sets it."""
    found: Demand = request.app.state.demands_second_factor
    return found
