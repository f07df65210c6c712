"""What the roles hold, and what is said to those who lack something."""

from __future__ import annotations

import pytest

from surefoot.workspaces.rules import EVERY_PERMISSION, PERMISSIONS, Role, allowed_actions, holds, may_grant, rights


def test_each_permission_is_somebodys_and_an_owner_holds_all() -> None:
    assert frozenset().union(*PERMISSIONS.values()) == EVERY_PERMISSION


@pytest.mark.parametrize("role", Role)
def test_every_role_sees_the_workspace_and_its_members(role: Role) -> None:
    assert holds(role, "workspace:read")
    assert holds(role, "members:read")


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        ("workspace:delete", {Role.OWNER}),
        ("members:write", {Role.OWNER, Role.ADMIN}),
        ("tokens:write", {Role.OWNER, Role.ADMIN}),
        ("audit:export", {Role.OWNER, Role.ADMIN}),
        ("deploy:run", {Role.OWNER, Role.ADMIN, Role.OPERATOR}),
        ("deploy:approve", {Role.OWNER, Role.ADMIN, Role.REVIEWER}),
    ],
)
def test_what_is_dangerous_is_held_by_few(permission: str, roles: set[Role]) -> None:
    assert {role for role in Role if holds(role, permission)} == roles


def test_nobody_grants_more_than_their_own_role_holds() -> None:
    granted = {own: {wanted for wanted in Role if may_grant(own, wanted)} for own in Role}
    assert granted[Role.OWNER] == set(Role)
    assert granted[Role.ADMIN] == set(Role) - {Role.OWNER}
    assert Role.REVIEWER not in granted[Role.OPERATOR]
    assert Role.OPERATOR not in granted[Role.REVIEWER]


def test_a_token_holds_only_what_both_its_scopes_and_the_role_hold() -> None:
    scopes = frozenset({"workspace:read", "workspace:delete"})
    assert rights(Role.ADMIN, scopes) == {"workspace:read"}
    assert rights(Role.ADMIN, None) == PERMISSIONS[Role.ADMIN]
    assert rights(Role.OWNER, frozenset()) == frozenset()


def test_what_is_not_allowed_says_why() -> None:
    actions = {"rename": "workspace:write", "delete": "workspace:delete", "leave": ""}
    told = {
        one.action: (one.allowed, one.reason)
        for one in allowed_actions(Role.ADMIN, actions, against={"leave": "Only owner."})
    }
    assert told == {
        "rename": (True, ""),
        "delete": (False, "The role admin does not hold workspace:delete; those who do: owner."),
        "leave": (False, "Only owner."),
    }


def test_a_token_is_told_of_its_scope_rather_than_the_role() -> None:
    (told,) = allowed_actions(Role.OWNER, {"rename": "workspace:write"}, scopes=frozenset({"workspace:read"}))
    assert told.reason == "The token lacks the scope workspace:write."
