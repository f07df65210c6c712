"""The routes of workspaces and of what is in them."""

from __future__ import annotations

from fastapi import APIRouter

from surefoot.workspaces import routes_own
from surefoot.workspaces.devices import routes as devices
from surefoot.workspaces.invitations import routes as invitations
from surefoot.workspaces.members import routes as members
from surefoot.workspaces.setup import routes as setup
from surefoot.workspaces.tokens import routes as tokens

router = APIRouter()
for part in (routes_own, members, invitations, tokens, devices, setup):
    router.include_router(part.router)
