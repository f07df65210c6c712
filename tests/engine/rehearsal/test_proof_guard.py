"""The guard lets no step up without a proof that holds on the target, and nobody is kept from taking back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from surefoot.engine import api
from surefoot.engine.checksum import checksum
from surefoot.engine.dialects.target import Target
from surefoot.engine.model import Statement, Step
from surefoot.engine.prepare import Project, Wish
from surefoot.engine.rehearsal.guard import Guard
from surefoot.engine.rehearsal.model import Verdict
from surefoot.engine.rehearsal.proof import Proof, chains, down_checksum
from surefoot.engine.run import RunOptions
from surefoot.errors import NotProven, StatementFailed

FILES = {
    "001_users.up.sql": "CREATE TABLE users (id int PRIMARY KEY, name varchar(40));",
    "001_users.down.sql": "DROP TABLE users;",
    "002_orders.up.sql": "CREATE TABLE orders (id int PRIMARY KEY);",
    "002_orders.down.sql": "DROP TABLE orders;",
    "003_index.up.sql": "CREATE INDEX orders_idx ON orders (id);",
    "003_index.down.sql": "ALTER TABLE users ADD COLUMN wrong int;",
}


@dataclass(frozen=True, slots=True)
class Bed:
    """A target, a folder, and the proofs of it that were made there."""

    target: Target
    project: Project
    proofs: tuple[Proof, ...]

    def write(self, name: str, text: str) -> None:
        (Path(self.project.path) / name).write_text(text)

    def options(self, proofs: tuple[Proof, ...] | None = None, *accept: str) -> RunOptions:
        known = self.proofs if proofs is None else proofs
        guard = Guard(self.target, self.project.read(), known, accept or ("proven",))
        return RunOptions(before_run=guard.check, before_step=guard)

    def up(self, proofs: tuple[Proof, ...] | None = None, *accept: str) -> tuple[str, ...]:
        return api.up(self.target, self.project, Wish(), self.options(proofs, *accept)).versions

    def refused(self, proofs: tuple[Proof, ...] | None = None) -> NotProven:
        """Refused before anything ran."""
        before = self.applied()
        with pytest.raises(NotProven) as caught:
            self.up(proofs)
        assert self.applied() == before
        assert caught.value.hint
        return caught.value

    def applied(self) -> list[str]:
        return [row.version for row in api.read_state(self.target, self.project).compared.live]

    def run(self, sql: str) -> None:
        by_hand(self.target, sql)


def by_hand(target: Target, sql: str) -> None:
    """Change the target without a history."""
    target.clean()
    target.execute_outside(Statement(sql, "by hand", 1, tuple(sql.upper().split()[:2])))


@contextmanager
def bed(url: str, folder: Path, files: dict[str, str]) -> Iterator[Bed]:
    """A folder, and what a rehearsal would have proven of it on an empty database."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    project = Project(folder)
    with api.connect(url) as target:
        yield Bed(target, project, tuple(prove(target, project)))


def prove(target: Target, project: Project) -> Iterator[Proof]:
    """Apply each migration to take the fingerprints, and take everything back again."""
    migrations = project.read().migrations
    before = chains(migrations)
    now = target.snapshot()
    for migration in migrations:
        api.up(target, project, Wish(steps=1))
        then = target.snapshot()
        sums = (checksum(migration.up), down_checksum(migration.down), before[migration.version])
        yield Proof(
            migration.version,
            migration.name,
            now.engine,
            Verdict.PROVEN,
            *sums,
            base=now.fingerprint,
            after=then.fingerprint,
        )
        now = then
    # The last down is a wrong one.
    for table in ("orders", "users"):
        by_hand(target, f"DROP TABLE {table}")
    target.query(f"DELETE FROM {target.table('history')}")


@pytest.fixture
def shop(any_url: str, tmp_path: Path) -> Iterator[Bed]:
    with bed(any_url, tmp_path / "migrations", FILES) as made:
        yield made


@pytest.fixture
def quick(sqlite_url: str, tmp_path: Path) -> Iterator[Bed]:
    with bed(sqlite_url, tmp_path / "migrations", FILES) as made:
        yield made


def test_what_is_proven_runs(shop: Bed) -> None:
    assert shop.up() == ("001", "002", "003")
    assert shop.up() == ()


def test_what_has_no_proof_does_not_run(shop: Bed) -> None:
    assert "001 users is not proven: there is no proof of it." in shop.refused(()).message
    refused = shop.refused(shop.proofs[:1]).details["refused"]
    assert refused == [
        {"version": "002", "reason": "there is no proof of it"},
        {"version": "003", "reason": "there is no proof of it"},
    ]


def test_a_target_that_drifted_is_refused(shop: Bed) -> None:
    shop.run("CREATE TABLE by_hand (id int)")
    assert "its proof is void: the schema before it is not the one of the proof" in shop.refused().message
    shop.run("DROP TABLE by_hand")
    assert shop.up() == ("001", "002", "003")


def test_drift_while_the_run_goes_on_stops_the_next_step(shop: Bed) -> None:
    options = shop.options()
    assert options.before_step is not None

    def drifting(step: Step) -> str | None:
        if step.migration.version == "002":
            shop.run("ALTER TABLE users ADD COLUMN by_hand int")
        return options.before_step(step) if options.before_step else None

    with pytest.raises(NotProven, match="002 orders is not proven: its proof is void: the schema before it"):
        api.up(shop.target, shop.project, Wish(), replace(options, before_step=drifting))
    assert shop.applied() == ["001"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("003_index.up.sql", "003 index is not proven: its proof is void: the up was edited since"),
        ("003_index.down.sql", "003 index is not proven: its proof is void: the down was edited since"),
        ("001_users.down.sql", "001 users is not proven: its proof is void: the down was edited since. 3 of 3 steps"),
    ],
)
def test_an_edited_file_is_refused_before_the_first_step(quick: Bed, name: str, reason: str) -> None:
    quick.write(name, "SELECT 1;")
    assert reason in quick.refused().message


def test_a_down_that_came_or_went_is_refused(quick: Bed) -> None:
    (Path(quick.project.path) / "002_orders.down.sql").unlink()
    assert "002 orders is not proven: its proof is void: the down is gone" in quick.refused().message


def test_proofs_that_do_not_join_are_refused_before_the_first_step(quick: Bed) -> None:
    first, second, third = quick.proofs
    strange = replace(second, base="s1:" + "0" * 64)
    error = quick.refused((first, strange, third))
    assert "002 orders is not proven: its proof is void: the schema before it" in error.message


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.PROVEN])
def test_a_verdict_has_to_be_accepted(quick: Bed, verdict: Verdict) -> None:
    first, *rest = quick.proofs
    changed = (replace(first, verdict=verdict), *rest)
    error = quick.refused(changed)
    assert f"001 users is not proven: it is {verdict}, and only proven is accepted here" in error.message
    assert quick.up(changed, "proven", verdict.value) == ("001", "002", "003")


def test_a_proof_of_another_server_is_none(quick: Bed) -> None:
    others = tuple(replace(proof, engine="postgres 18") for proof in quick.proofs)
    assert "proven on PostgreSQL 18, and this is SQLite 3" in quick.refused(others).message
    assert quick.up((*others, *quick.proofs)) == ("001", "002", "003")


def test_taking_back_needs_no_proof(shop: Bed) -> None:
    shop.up()
    shop.run("CREATE TABLE by_hand (id int)")
    assert api.down(shop.target, shop.project, Wish(steps=2), shop.options(())).versions == ("003", "002")


def test_redo_is_refused_before_anything_is_taken_back(quick: Bed) -> None:
    quick.up()
    quick.write("003_index.up.sql", "CREATE INDEX another ON orders (id);")
    with pytest.raises(NotProven, match="003 index is not proven: its proof is void: the up was edited since"):
        api.redo(quick.target, quick.project, Wish(), quick.options())
    assert quick.applied() == ["001", "002", "003"]


def test_redo_is_refused_where_the_down_led_elsewhere(quick: Bed) -> None:
    quick.up()
    with pytest.raises(NotProven, match="003 index is not proven: its proof is void: the schema before it"):
        api.redo(quick.target, quick.project, Wish(), quick.options())


STOPS = (
    "-- surefoot: no-transaction\nCREATE INDEX orders_idx ON orders (id);\nSELECT 1 / (SELECT count(*) FROM users);\n"
)


@pytest.fixture
def half_way(postgres18_url: str, tmp_path: Path) -> Iterator[Bed]:
    """A target on which the third step stopped after its first statement; a row of users lets it go on."""
    with bed(postgres18_url, tmp_path / "migrations", FILES) as made:
        made.write("003_index.up.sql", STOPS)
        last = replace(made.proofs[2], up=checksum(made.project.read().migrations[2].up))
        stopped = replace(made, proofs=(*made.proofs[:2], last))
        with pytest.raises(StatementFailed, match="division by zero"):
            stopped.up()
        stopped.run("INSERT INTO users VALUES (1)")
        yield stopped


def test_a_step_that_stopped_half_way_goes_on_by_its_checksums(half_way: Bed) -> None:
    assert half_way.applied() == ["001", "002"]
    assert half_way.up() == ("003",)


def test_a_step_that_stopped_half_way_does_not_go_on_without_a_proof_of_its_text(half_way: Bed) -> None:
    first, second, third = half_way.proofs
    assert "there is no proof of it" in half_way.refused((first, second)).message
    edited = replace(third, down="v1:" + "0" * 64)
    assert "the down was edited since" in half_way.refused((first, second, edited)).message
