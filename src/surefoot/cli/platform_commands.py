"""The commands of the platform: its processes, its operator's tools, and what a person does from a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from surefoot.cli.command import Command

# A group and what its commands are about.
GROUPS: Mapping[str, str] = {}

PLATFORM: tuple[Command, ...] = ()
