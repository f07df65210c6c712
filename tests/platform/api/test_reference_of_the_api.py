"""The API's description: nothing in it goes without a word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from surefoot.api.app import document

Described = dict[str, Any]


@pytest.fixture(scope="module")
def reference() -> Described:
    return document()


# What a secret that works once creates cannot be created a second time.
ONCE = {
    "POST /api/v1/setup",
    "POST /api/v1/invitations/sign-up",
    "POST /api/v1/account/factors/passkeys",
    "POST /api/v1/account/identities/complete",
}


def operations(reference: Described) -> Iterator[tuple[str, Described]]:
    for path, item in reference["paths"].items():
        yield from ((f"{method.upper()} {path}", operation) for method, operation in item.items())


def test_it_is_openapi_3_1(reference: Described) -> None:
    assert reference["openapi"].startswith("3.1")


def test_every_operation_says_what_it_does_and_who_may_call_it(reference: Described) -> None:
    wanted = ("operationId", "summary", "description", "tags", "security", "x-surefoot-access")
    lacking = {
        name: [one for one in wanted if not operation.get(one) and one != "security"]
        for name, operation in operations(reference)
    }
    assert {name: found for name, found in lacking.items() if found} == {}


def test_every_parameter_and_every_field_says_what_it_is(reference: Described) -> None:
    silent = [
        f"{name} {parameter['name']}"
        for name, operation in operations(reference)
        for parameter in operation.get("parameters", [])
        if not parameter.get("description")
    ]
    silent += [
        f"{name}.{field}"
        for name, schema in reference["components"]["schemas"].items()
        for field, described in schema.get("properties", {}).items()
        if not described.get("description") and "const" not in described
    ]
    assert silent == []


def test_every_operation_tells_the_problems_that_the_guard_can_make_of_it(reference: Described) -> None:
    for name, operation in operations(reference):
        wanted = {"400", "401", "403", "413", "415", "422", "429", "503"}
        wanted |= {"404"} if operation["x-surefoot-access"]["who"] == "member" else set()
        assert wanted <= operation["responses"].keys(), name
        assert any(status.startswith("2") for status in operation["responses"]), name


def test_every_problem_has_the_same_form(reference: Described) -> None:
    for name, operation in operations(reference):
        for status, response in operation["responses"].items():
            if status >= "400":
                assert response["$ref"].startswith("#/components/responses/"), (name, status)
    for response in reference["components"]["responses"].values():
        assert list(response["content"]) == ["application/problem+json"]


def test_every_creation_can_be_sent_again_with_its_key(reference: Described) -> None:
    lacking = [
        name
        for name, operation in operations(reference)
        if "201" in operation["responses"]
        and "Idempotency-Key" not in {parameter["name"] for parameter in operation.get("parameters", [])}
    ]
    assert set(lacking) == ONCE


def test_every_request_has_an_example(reference: Described) -> None:
    schemas = reference["components"]["schemas"]
    lacking = []
    for name, operation in operations(reference):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        for one in [content.get("schema", {}), *content.get("schema", {}).get("oneOf", [])]:
            if "$ref" in one:
                schema = schemas[one["$ref"].rpartition("/")[2]]
                fields = [schema.get("properties", {}).get(field, {}) for field in schema.get("required", [])]
                if not schema.get("examples") and any(_is_silent(field) for field in fields):
                    lacking.append(f"{name}: {one['$ref'].rpartition('/')[2]}")
    assert lacking == []


def _is_silent(field: Described) -> bool:
    return not any(key in field for key in ("examples", "const", "enum", "$ref", "format", "anyOf", "items"))
