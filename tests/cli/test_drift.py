"""`drift`: what it says of a target that somebody changed by hand, and how it exits."""

from __future__ import annotations

import pytest

from surefoot.engine.open import connect
from tests.cli.shell import SHOP, Shell

HAND = "CREATE INDEX by_hand ON orders (user_id)"


@pytest.fixture
def recorded(any_shop: Shell) -> Shell:
    """A command line whose runs record the schema, with everything applied."""
    (any_shop.cwd / "surefoot.toml").write_text("record = true\n")
    if any_shop.environ["DATABASE_URL"].startswith("mysql"):
        any_shop.write(
            {"001_users.up.sql": "CREATE TABLE users (id int PRIMARY KEY);\nINSERT INTO users VALUES (1);\n"}
        )
    any_shop.ok("up")
    return any_shop


def by_hand(shell: Shell, sql: str = HAND) -> None:
    with connect(shell.environ["DATABASE_URL"]) as target:
        target.query(sql)
        if target.dialect != "sqlite":
            target.commit()


def test_nothing_drifted(recorded: Shell) -> None:
    said = recorded.ok("drift")
    assert "against its schema as recorded at " in said.out
    assert said.out.endswith("✓ no drift\n")
    document = recorded.ok("drift", "--json").json
    assert (document["kind"], document["differences"]) == ("drift", [])


def test_what_somebody_did_is_shown_with_its_sign(recorded: Shell) -> None:
    by_hand(recorded)
    said = recorded("drift")
    assert (said.code, said.err) == (1, "")
    assert "  + index " in said.out
    assert "by_hand is there, and should not be" in said.out
    by_hand(recorded, "DROP TABLE orders")
    said = recorded("drift")
    assert said.code == 1
    assert "  - table " in said.out
    assert "orders is missing" in said.out


def test_what_changed_is_shown_before_and_after(shop: Shell) -> None:
    (shop.cwd / "surefoot.toml").write_text("record = true\n")
    shop.ok("up")
    by_hand(shop, "ALTER TABLE orders ALTER user_id TYPE bigint")
    said = shop("drift")
    assert said.code == 1
    assert (
        "  ~ column public.orders.user_id is not as it should be\n      type\n      - integer\n      + bigint"
        in said.out
    )
    (difference,) = shop("drift", "--json").json["differences"]
    assert difference == {
        "kind": "column",
        "name": "public.orders.user_id",
        "change": "changed",
        "facts": [{"name": "type", "before": "integer", "after": "bigint"}],
    }


def test_without_a_record_the_history_is_replayed(any_shop: Shell) -> None:
    any_shop.environ["SUREFOOT_SHADOW"] = "target"
    any_shop.ok("up")
    said = any_shop.ok("drift", "--json").json
    assert said["expected"].startswith("2 applied migrations, replayed on ")
    by_hand(any_shop)
    said_after = any_shop("drift", "--json")
    assert said_after.code == 1
    assert "added" in [item["change"] for item in said_after.json["differences"] if item["kind"] == "index"]


def test_a_server_of_our_own_finds_the_same(shop: Shell) -> None:
    shop.ok("up")
    shop.ok("drift")
    by_hand(shop)
    assert shop("drift").code == 1


def test_each_run_records_what_it_leaves(recorded: Shell) -> None:
    assert recorded("down", "--yes").code == 0
    assert "recorded at" in recorded.ok("drift").out
    recorded.ok("redo", "--yes")
    assert "recorded at" in recorded.ok("drift").out
    recorded.write({"003_more.up.sql": "CREATE TABLE more (id int);"})
    recorded.ok("up")
    assert "recorded at" in recorded.ok("drift").out


def test_a_run_that_fails_leaves_no_false_drift(recorded: Shell) -> None:
    recorded.write({"003_more.up.sql": "CREATE TABLE more (id int);", "004_bad.up.sql": "DROP TABLE nix;"})
    assert recorded("up").code == 1
    recorded.environ["SUREFOOT_SHADOW"] = "target"
    said = recorded.ok("drift", "--json").json
    assert said["expected"].startswith("3 applied migrations, replayed on ")


def test_a_record_that_is_asked_for_has_to_be_there(any_shop: Shell) -> None:
    any_shop.ok("up")
    said = any_shop("drift", "--expected", "recorded", "--json")
    assert (said.code, said.error["code"]) == (3, "refused")
    assert "record = true" in said.error["hint"]


def test_nothing_applied(any_shop: Shell) -> None:
    said = any_shop("drift", "--json")
    assert (said.code, said.error["code"]) == (3, "refused")
    assert "Nothing is applied here" in said.error["message"]


def test_what_cannot_be_is_told_with_the_way_out(bare: Shell) -> None:
    bare.write(SHOP)
    said = bare("drift", "--json")
    assert (said.code, said.error["code"]) == (2, "usage")
    assert "--url" in said.error["hint"]
    assert bare("drift", "--expected", "soon", "--json").error["code"] == "usage"
    said = bare("drift", "--url", "postgresql://nobody@127.0.0.1:1/shop", "--json")
    assert (said.code, said.error["code"]) == (6, "unreachable")
