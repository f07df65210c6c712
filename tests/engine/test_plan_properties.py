"""Planning, for any folder and any history: the plan is applied exactly, or refused with the right error."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from surefoot.engine import api
from surefoot.engine.api import Project, Wish
from surefoot.engine.checksum import checksum
from surefoot.engine.dialects.target import Target
from surefoot.engine.model import Applied, Direction, Fragment, Migration, Script
from surefoot.engine.plan import choose_baseline, choose_down, choose_up, compare
from surefoot.errors import (
    DownDiffers,
    Edited,
    Missing,
    NoDown,
    OutOfOrder,
    Refused,
    SurefootError,
    UnknownVersion,
    UsageError,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NUMBERS = st.integers(1, 8)
BACK = st.integers(0, 8)
ALLOWED = st.frozensets(st.sampled_from(["out-of-order", "missing"]))


def migration(number: int, text: str) -> Migration:
    """A migration whose way up reads like this."""
    return Migration(str(number), "step", (Script(f"{number}.sql", (Fragment(text),)),), None)


def applied(identity: int, number: int, text: str, kind: str, *, rolled_back: bool) -> Applied:
    """A row of the history."""
    row = Applied(
        id=identity,
        version=str(number),
        name="step",
        kind=kind,
        checksum=checksum(migration(number, text).up),
        down_checksum=None,
        applied_at=NOON,
        applied_by="somebody",
        duration_ms=1,
        run_id="run",
    )
    return replace(row, rolled_back_at=NOON, rolled_back_by="somebody") if rolled_back else row


@st.composite
def folders(draw: st.DrawFn) -> tuple[Migration, ...]:
    """Any folder, in the order of its versions."""
    texts = draw(st.dictionaries(NUMBERS, st.sampled_from("ab"), max_size=8))
    return tuple(migration(number, text) for number, text in sorted(texts.items()))


@st.composite
def histories(draw: st.DrawFn) -> tuple[Applied, ...]:
    """Any history in which no version is applied twice at a time."""
    rows: list[Applied] = []
    live: set[int] = set()
    for identity, number in enumerate(draw(st.lists(NUMBERS, max_size=10)), start=1):
        rolled_back = draw(st.booleans()) or number in live
        kind = draw(st.sampled_from(["migration", "migration", "migration", "baseline"]))
        rows.append(applied(identity, number, draw(st.sampled_from("ab")), kind, rolled_back=rolled_back))
        if not rolled_back:
            live.add(number)
    return tuple(rows)


def versions(items: Sequence[Migration | Applied]) -> list[str]:
    """The versions of migrations or rows, in their order."""
    return [item.version for item in items]


@given(folders(), histories())
def test_every_migration_and_every_row_has_its_one_place(
    folder: tuple[Migration, ...], history: tuple[Applied, ...]
) -> None:
    seen = compare(folder, history)
    assert list(seen.live) == [row for row in history if row.rolled_back_at is None]
    done = [each for each in folder if each.version in versions(seen.live)]
    assert sorted(versions([*seen.pending, *done])) == sorted(versions(folder))
    assert list(seen.pending) == [each for each in folder if each in seen.pending]
    assert sorted(versions([*seen.missing, *done])) == sorted(versions(seen.live))
    assert {row.version for row, _ in seen.edited} <= set(versions(done))
    assert all(row.version == each.version and row.checksum != checksum(each.up) for row, each in seen.edited)


@given(folders(), histories())
def test_out_of_order_is_what_stands_before_something_applied(
    folder: tuple[Migration, ...], history: tuple[Applied, ...]
) -> None:
    seen = compare(folder, history)
    newest = max((int(row.version) for row in seen.live if row not in seen.missing), default=0)
    assert list(seen.out_of_order) == [each for each in seen.pending if int(each.version) < newest]


@given(folders(), histories(), st.none() | NUMBERS.map(str), st.none() | st.integers(1, 4), ALLOWED)
def test_up_takes_the_first_of_what_is_pending_or_says_why_not(
    folder: tuple[Migration, ...],
    history: tuple[Applied, ...],
    to: str | None,
    steps: int | None,
    allow: frozenset[str],
) -> None:
    seen = compare(folder, history)
    try:
        chosen = choose_up(seen, to=to, steps=steps, allow=allow)
    except UsageError:
        assert to is not None
        assert steps is not None
    except Missing:
        assert seen.missing
        assert "missing" not in allow
    except UnknownVersion:
        assert to not in versions([*seen.pending, *seen.live])
    except OutOfOrder:
        assert seen.out_of_order
        assert "out-of-order" not in allow
    else:
        assert chosen == seen.pending[: len(chosen)]
        assert not seen.missing or "missing" in allow
        assert not set(versions(chosen)) & set(versions(seen.out_of_order)) or "out-of-order" in allow
        wanted = len(seen.pending) if steps is None else min(steps, len(seen.pending))
        assert len(chosen) == wanted if to is None else versions(chosen)[-1:] in ([], [to])


@given(folders(), histories(), st.none() | st.integers(0, 8).map(str), st.none() | st.integers(1, 4))
def test_down_takes_the_latest_applied_first_or_says_why_not(
    folder: tuple[Migration, ...], history: tuple[Applied, ...], to: str | None, steps: int | None
) -> None:
    assume(to is None or steps is None)
    seen = compare(folder, history)
    latest = list(reversed(seen.live))
    try:
        chosen = choose_down(seen, to=to, steps=steps)
    except UnknownVersion:
        assert to != "0"
        assert to not in versions(seen.live)
    except NoDown:
        assert "baseline" in [row.kind for row in latest]
    else:
        assert list(chosen) == latest[: len(chosen)]
        assert all(row.kind == "migration" for row in chosen)
        if to is None:
            assert len(chosen) == min(steps or 1, len(latest))
        else:
            assert versions(latest[len(chosen) :])[:1] == ([] if to == "0" else [to])


@given(folders(), histories(), NUMBERS.map(str))
def test_a_baseline_is_all_up_to_a_version_of_a_folder_that_has_no_history(
    folder: tuple[Migration, ...], history: tuple[Applied, ...], version: str
) -> None:
    seen = compare(folder, history)
    try:
        accepted = choose_baseline(seen, version)
    except UnknownVersion:
        assert version not in versions(folder)
    except Refused:
        assert seen.live
    else:
        assert versions(accepted) == [each for each in versions(folder) if int(each) <= int(version)]
        assert versions(accepted)[-1] == version


@pytest.mark.parametrize("steps", [0, -1])
def test_less_than_one_step_makes_no_sense(steps: int) -> None:
    with pytest.raises(UsageError, match="less than one step"):
        choose_up(compare((), ()), steps=steps)


@dataclass(frozen=True, slots=True)
class File:
    """A migration as the model knows it: a variant of its way up, and of its way down, if it has one."""

    up: str
    down: str | None


# Mostly alike, with a way back: an edit or a missing way back refuses whatever comes after it.
FILES = st.builds(File, st.sampled_from("aaab"), st.sampled_from(["a", "a", "a", "a", "b", None]))


class Life:
    """A folder and a real database through anything that people do to them, beside a model that is told what they did.

    Every migration makes a table named after its version and variant, so that the schema shows what is applied.
    """

    def __init__(self, target: Target, folder: Path) -> None:
        self.target = target
        self.folder = folder
        self.project = Project(folder, format="native")
        self.files: dict[int, File] = {}
        self.live: dict[int, File] = {}

    def begin(self, many: int) -> None:
        """Begin with a few migrations, applied, that have ways back."""
        for number in range(2, 2 + many):
            self.write(number, File("a", "a"))
        self.up(None, None, frozenset())

    def change(self, number: int, file: File) -> None:
        """Add a migration anywhere or edit one, and try to apply what is there then."""
        self.write(number, file)
        self.up(None, None, frozenset())

    def take_away(self, number: int) -> None:
        """Remove a migration, try to apply what is there then, and put it back."""
        file = self.files.get(number)
        self.remove(number)
        self.up(None, None, frozenset())
        if file is not None:
            self.write(number, file)

    def write(self, number: int, file: File) -> None:
        """Add a migration anywhere, or edit one."""
        self.remove(number)
        self.files[number] = file
        up, down = (self.folder / f"{number}_step.{way}.sql" for way in ("up", "down"))
        up.write_text(f"CREATE TABLE t{number}{file.up} (x);\n")
        if file.down is not None:
            drops = "".join(f"DROP TABLE IF EXISTS t{number}{variant};\n" for variant in "ab")
            down.write_text(f"{drops}-- {file.down}\n")

    def remove(self, number: int) -> None:
        """Remove a migration."""
        self.files.pop(number, None)
        for path in self.folder.glob(f"{number}_*"):
            path.unlink()

    def up(self, to: int | None, steps: int | None, allow: frozenset[str]) -> None:
        """Apply, and compare what happened with what was to be expected."""
        to = None if steps else to
        expected = self._expected_up(to, steps, allow)
        wish = Wish(to=str(to) if to else None, steps=steps, allow=allow)
        if self._moved(Direction.UP, wish, expected):
            assert isinstance(expected, list)
            self.live |= {number: self.files[number] for number in expected}

    def _expected_up(self, to: int | None, steps: int | None, allow: frozenset[str]) -> list[int] | type[SurefootError]:
        pending = sorted(set(self.files) - set(self.live))
        newest = max(set(self.live) & set(self.files), default=0)
        if any(number in self.files and self.files[number].up != file.up for number, file in self.live.items()):
            return Edited
        if set(self.live) - set(self.files) and "missing" not in allow:
            return Missing
        if to and to not in pending:
            return [] if to in self.live else UnknownVersion
        chosen = [number for number in pending if to is None or number <= to][:steps]
        return OutOfOrder if chosen[:1] < [newest] and chosen and "out-of-order" not in allow else chosen

    def down(self, to: int | None, steps: int | None, *, use_file: bool) -> None:
        """Roll back, and compare what happened with what was to be expected."""
        to = None if steps else to
        expected = self._expected_down(to, steps, use_file=use_file)
        wish = Wish(to=None if to is None else str(to), steps=steps, use_file=use_file)
        if self._moved(Direction.DOWN, wish, expected):
            assert isinstance(expected, list)
            for number in expected:
                del self.live[number]

    def _expected_down(self, to: int | None, steps: int | None, *, use_file: bool) -> list[int] | type[SurefootError]:
        latest = list(reversed(self.live))
        if to and to not in latest:
            return UnknownVersion
        chosen = latest[: steps or 1] if to is None else latest[: latest.index(to) if to else None]
        for number in chosen:
            stored, file = self.live[number].down, self.files.get(number, File("", None)).down
            if file in (None, stored) and stored is None:
                return NoDown
            if file not in (None, stored) and not use_file:
                return DownDiffers
        return chosen

    def _moved(self, direction: Direction, wish: Wish, expected: list[int] | type[SurefootError]) -> bool:
        """Plan and run; true where both did what was expected, false where both refused as expected."""
        move = api.up if direction is Direction.UP else api.down
        if not isinstance(expected, list):
            with pytest.raises(expected):
                api.plan(self.target, self.project, direction, wish)
            with pytest.raises(expected):
                move(self.target, self.project, wish)
            return False
        plan = api.plan(self.target, self.project, direction, wish)
        assert [int(step.migration.version) for step in plan.steps] == expected
        assert [int(version) for version in move(self.target, self.project, wish).versions] == expected
        return True

    def down_and_up_again(self, to: int) -> None:
        """Where every way back is there and nothing has changed, the way back and forth ends where it began."""
        back = [] if to and to not in self.live else self._expected_down(to, None, use_file=False)
        forth = self._expected_up(None, None, frozenset())
        if isinstance(back, list) and forth == [] and list(self.live) == sorted(self.live):
            before = self.target.dump()
            self.down(to if back else max(self.live, default=0), None, use_file=False)
            self.up(None, None, frozenset())
            assert self.target.dump() == before

    def up_with_everything_allowed(self) -> None:
        """After a full run nothing is pending."""
        self.up(None, None, frozenset({"missing", "out-of-order"}))
        state = api.read_state(self.target, self.project)
        assert state.compared.pending == () or state.compared.edited

    def check(self) -> None:
        """What the model says is applied, is; in the order in which it was."""
        state = api.read_state(self.target, self.project)
        assert [int(row.version) for row in state.compared.live] == list(self.live)
        tables = sorted(f"CREATE TABLE t{number}{file.up} (x);" for number, file in self.live.items())
        assert self.target.dump().split() == " ".join(tables).split()


Action = tuple[Callable[..., None], dict[str, Any]]


def action(do: Callable[..., None], **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Action]:
    """Something that is done to a life, with any arguments."""
    return st.tuples(st.just(do), st.fixed_dictionaries(arguments))


ANYTHING = st.one_of(
    action(Life.change, number=NUMBERS, file=FILES),
    action(Life.take_away, number=NUMBERS),
    action(Life.write, number=NUMBERS, file=FILES),
    action(Life.remove, number=st.sampled_from([2, 4, 7])),
    action(Life.up, to=st.none() | NUMBERS, steps=st.none() | st.integers(1, 3), allow=ALLOWED),
    action(Life.down, to=st.none() | BACK, steps=st.none() | st.integers(1, 3), use_file=st.booleans()),
    action(Life.down_and_up_again, to=BACK),
    action(Life.up_with_everything_allowed),
)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 5), st.lists(ANYTHING, max_size=15))
def test_whatever_people_do_the_plan_is_applied_exactly_or_refused(many: int, actions: list[Action]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "migrations")
        folder.mkdir()
        # Nothing crashes here, so nothing has to wait for the disk.
        with api.connect(f"sqlite:///{scratch}/app.db", preamble=("PRAGMA synchronous = OFF",)) as target:
            life = Life(target, folder)
            life.begin(many)
            for do, arguments in actions:
                do(life, **arguments)
                life.check()
