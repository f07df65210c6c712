"""The routes of accounts."""

from __future__ import annotations

from fastapi import APIRouter

from surefoot.accounts import routes_account, routes_sign_in

router = APIRouter()
router.include_router(routes_sign_in.router)
router.include_router(routes_account.router)
