"""What a rehearsal found, in sentences: the same ones on a terminal, in a pull request and on a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from surefoot.engine.effects import Effect, Lock
from surefoot.engine.rehearsal.model import Crash, Failure, Phase, Rehearsed, Verdict, WayBack
from surefoot.engine.rows import Loss
from surefoot.engine.snapshot import Change, Difference

_ENGINES = {"postgres": "PostgreSQL", "mariadb": "MariaDB", "mysql": "MySQL", "sqlite": "SQLite"}
# PostgreSQL's lock modes, from the weakest to the strongest.
_MODES = (
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
)
# How MariaDB, MySQL and SQLite carry out a change, from the cheapest to the dearest.
_ALGORITHMS = ("instant", "INSTANT", "NOCOPY", "INPLACE", "rebuild", "COPY")
_SENTENCES = {
    Verdict.PROVEN: "The down restores schema and rows exactly, and the up then does the same again.",
    Verdict.LOSSY: "The down restores the schema, but not what the tables held.",
    Verdict.DIFFERENT: "The schema after the down is not the one before the up.",
    Verdict.IRREVERSIBLE: "There is no down.",
    Verdict.FAILING: "A statement fails.",
}
_BACK = {Change.ADDED: "is left behind", Change.REMOVED: "is not brought back", Change.CHANGED: "is not as it was"}
_AGAIN = {
    Change.ADDED: "is there after the second up only",
    Change.REMOVED: "is missing after the second up",
    Change.CHANGED: "is another after the second up",
}
_PHASES = {Phase.UP: "The up", Phase.DOWN: "The down", Phase.AGAIN: "The second up"}


def engine_name(engine: str) -> str:
    """`postgres 18` as a person writes it."""
    product, _, version = engine.partition(" ")
    return f"{_ENGINES.get(product, product)} {version}".strip()


def verdict(rehearsed: Rehearsed) -> str:
    """What the verdict means, in one sentence."""
    if rehearsed.verdict is Verdict.DIFFERENT and not rehearsed.differences:
        return "The second up does not lead to the same schema as the first."
    return _SENTENCES[rehearsed.verdict]


def note(rehearsed: Rehearsed) -> str:
    """The most important thing about a migration, in a few words; empty where it is proven and nothing is odd."""
    return next((text for text in _notes(rehearsed) if text), "")


def _notes(rehearsed: Rehearsed) -> Iterator[str]:
    if rehearsed.failure:
        yield f"{rehearsed.failure.phase} fails: {rehearsed.failure.message}"
    if rehearsed.way_back:
        yield _way_back_note(rehearsed.way_back)
    yield _with_others([difference(item) for item in rehearsed.differences])
    yield _with_others([difference(item, again=True) for item in rehearsed.again])
    yield _with_others([loss(item) for item in rehearsed.losses])
    if any(not item.recovered for item in rehearsed.crashes):
        yield "does not recover from every failure"
    yield _with_others([item.message for item in rehearsed.warnings if item.level != "note"])
    if rehearsed.excuses:
        yield f"excused: {_with_others([f'{item.key}: {item.reason}' for item in rehearsed.excuses])}"
    yield _with_others([f"rewrites {name}" for item in rehearsed.up_effects for name in item.rewrites])


def _with_others(texts: Sequence[str]) -> str:
    if not texts:
        return ""
    return texts[0] if len(texts) == 1 else f"{texts[0]}, and {len(texts) - 1} more"


def _way_back_note(way_back: WayBack) -> str:
    if not way_back.statements:
        return "no down, and none could be generated"
    if way_back.verdict is Verdict.PROVEN and not way_back.missing:
        return "no down; a generated one is proven"
    return f"no down; a generated one is {way_back.verdict or 'not complete'}"


def way_back(way: WayBack) -> str:
    """What is to be said of a generated way back, in one sentence."""
    if not way.statements:
        return "No way back could be generated: write it by hand."
    if way.failure:
        return f"A way back was generated, and fails: {way.failure}"
    if way.verdict is Verdict.PROVEN and not way.missing:
        return "This way back was generated, and rehearsed: it is proven."
    found = f"it is {way.verdict}" if way.verdict else "it is not complete"
    return f"This way back was generated, and rehearsed: {found}."


def difference(item: Difference, *, again: bool = False) -> str:
    """What became of an object, after the down or after the second up."""
    return f"{item.key} {(_AGAIN if again else _BACK)[item.change]}"


def loss(item: Loss) -> str:
    """Which rows were lost, which of their columns were not restored, or how many of the up's rows the down left."""
    if item.left:
        return f"left behind: {item.left} {'row' if item.left == 1 else 'rows'} of {item.table}"
    if item.columns == ("last_value",):
        return f"lost: the position of {item.table}"
    columns = f": {', '.join(item.columns)}" if item.columns else ""
    return f"lost: {item.rows} of {item.of} {'row' if item.of == 1 else 'rows'} of {item.table}{columns}"


def failure(item: Failure) -> str:
    """What failed, where and why."""
    when = " with the rows that were written after the up" if item.with_rows else ""
    text = item.message.removesuffix(".")
    place = f"{item.path}:{item.line}" if item.path else ""
    # The database's own errors begin with their place.
    where = f" at {place}" if place and not text.startswith(place) else ""
    return f"{_PHASES[item.phase]} fails{when}{where}: {text}."


def crash(item: Crash) -> str:
    """What became of a rehearsed failure."""
    what = f"{_PHASES[item.phase]}, broken off after statement {item.statement}"
    return f"{what}: recovers" if item.recovered else f"{what}: {item.finding or 'does not recover'}"


def effect(item: Effect) -> tuple[str, ...]:
    """What a statement did beside its work, a phrase for each thing; none where it did nothing of note."""
    phrases = [f"{lock.mode} on {lock.relation}, {_since(lock)}" for lock in locks(item)]
    phrases += [f"rewrites {name}" for name in item.rewrites]
    phrases += [f"reads all of {name}" for name in item.scans]
    phrases += [f"leaves unfinished: {text}" for text in item.unfinished]
    phrases += [f"carried out by {item.algorithm}"] if item.algorithm else []
    phrases += [] if item.transactional else ["outside a transaction"]
    return (*phrases, *(() if item.complete else ("seen from outside: a short lock may have been missed",)))


def locks(item: Effect) -> tuple[Lock, ...]:
    """The locks worth telling: of each relation the strongest that was taken, and a stronger one held since before.

    AccessShareLock is left out: every query takes it.
    """
    found: dict[str, list[Lock]] = {}
    for lock in sorted(item.locks, key=lambda lock: (-strength(lock.mode), not lock.taken)):
        known = found.setdefault(lock.relation, [])
        if lock.mode != _MODES[0] and not any(lock.taken is other.taken or other.taken for other in known):
            known.append(lock)
    return tuple(lock for relation in sorted(found) for lock in found[relation])


def _since(lock: Lock) -> str:
    return "newly taken" if lock.taken else "held since before"


def strength(mode: str) -> int:
    """How strong a lock is, for comparison; an unknown mode is the strongest."""
    return _MODES.index(mode) if mode in _MODES else len(_MODES)


def blocks(mode: str) -> str:
    """Whom a lock keeps away: `reads`, `writes`, or an empty text for nobody but changes of the schema."""
    if strength(mode) >= strength("AccessExclusiveLock"):
        return "reads"
    return "writes" if strength(mode) >= strength("ShareLock") else ""


def worst(effects: Iterable[Effect]) -> str:
    """The strongest lock that any statement took, or else the dearest algorithm, in one word."""
    found = list(effects)
    modes = [lock.mode for item in found for lock in item.locks if lock.taken]
    if modes:
        return max(modes, key=strength).removesuffix("Lock")
    return max((item.algorithm for item in found if item.algorithm), key=_dearness, default="")


def _dearness(algorithm: str) -> int:
    return _ALGORITHMS.index(algorithm) if algorithm in _ALGORITHMS else len(_ALGORITHMS)


def counts(migrations: Iterable[Rehearsed]) -> dict[Verdict, int]:
    """How many migrations have each verdict, from the best to the worst, where there are any."""
    found = [rehearsed.verdict for rehearsed in migrations]
    return {word: found.count(word) for word in Verdict if word in found}


def summary(migrations: Sequence[Rehearsed]) -> str:
    """The counts, in words: `23 proven, 1 lossy`."""
    return ", ".join(f"{count} {word}" for word, count in counts(migrations).items()) or "nothing to rehearse"
