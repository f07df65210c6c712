"""A world of people and workspaces for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from surefoot.web.platform import Platform
from tests.platform.workspaces.world import World


@pytest.fixture
async def world(platform: Platform) -> AsyncIterator[World]:
    made = World(platform)
    yield made
    await made.close()
