"""All routes of second factors."""

from __future__ import annotations

from fastapi import APIRouter

from surefoot.accounts.factors import routes_own, routes_sign_in

router = APIRouter()
router.include_router(routes_own.router)
router.include_router(routes_sign_in.router)
