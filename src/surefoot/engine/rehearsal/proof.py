"""Proofs: what rehearsals established, each bound to everything that it depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from surefoot.engine.checksum import checksum
from surefoot.engine.model import Folder, Migration, Script
from surefoot.engine.rehearsal.model import Rehearsed, Report, Verdict
from surefoot.engine.rehearsal.words import engine_name
from surefoot.engine.snapshot import COMPARISON


@dataclass(frozen=True, slots=True)
class Proof:
    """What a rehearsal said of one migration on one database engine, and what that holds for.

    `up` and `down` are the migration's checksums, and `before` is one of all migrations before it (see `chains`).
    `base` and `after` are the schema's fingerprints before and after the up; `after` is empty where the up failed.
    `comparison` is the version of the comparison that found the verdict. Nothing here tells when or where the rehearsal
    was: the same one again gives the same proof.
    """

    version: str
    name: str
    engine: str
    verdict: Verdict
    up: str
    down: str | None
    before: str
    base: str
    after: str
    comparison: int = COMPARISON

    @property
    def label(self) -> str:
        """The migration as a person calls it."""
        return f"{self.version} {self.name}".strip()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a proof is held against: the migration and its surroundings as they are now.

    `engine` and `base` are empty where nobody has looked at a database. `suspect` names what became of a migration
    before this one, in words, where one can tell.
    """

    up: str
    down: str | None
    before: str
    engine: str = ""
    base: str = ""
    suspect: str = ""


def chains(migrations: Sequence[Migration]) -> dict[str, str]:
    """For each version one checksum of all migrations before it: `c1:` and a SHA-256 in lower-case hex.

    It changes with any of their versions, their order, and their texts, ways back included.
    """
    digest = hashlib.sha256()
    found: dict[str, str] = {}
    for migration in migrations:
        found[migration.version] = f"c1:{digest.hexdigest()}"
        sums = [migration.version, checksum(migration.up), down_checksum(migration.down)]
        digest.update(json.dumps(sums).encode() + b"\n")
    return found


def down_checksum(down: Sequence[Script] | None) -> str | None:
    """The checksum of a way back, if there is one."""
    return None if down is None else checksum(down)


def facts_of(folder: Folder, proofs: Sequence[Proof] = ()) -> dict[str, Facts]:
    """What the folder alone says of each version; `proofs` help to tell which migration became another."""
    before = chains(folder.migrations)
    proven = {proof.version: proof for proof in proofs}
    found: dict[str, Facts] = {}
    suspect = ""
    for migration in folder.migrations:
        facts = Facts(checksum(migration.up), down_checksum(migration.down), before[migration.version], suspect=suspect)
        found[migration.version] = facts
        proof = proven.get(migration.version)
        change = proof and not suspect and _change(proof, facts)
        suspect = suspect or (f"{migration.label} before it: {change}" if change else "")
    return found


def _change(proof: Proof, facts: Facts) -> str:
    """What became of the migration's own text; empty where it is the proof's."""
    if proof.up != facts.up:
        return "the up was edited since"
    if proof.down == facts.down:
        return ""
    if proof.down is None:
        return "the down came since"
    return "the down is gone" if facts.down is None else "the down was edited since"


def void(proof: Proof, facts: Facts) -> str | None:
    """Which of the things that the proof is bound to is another one now, in words; None where it holds."""
    if proof.comparison != COMPARISON:
        age = "an older" if proof.comparison < COMPARISON else "a newer"
        return f"it was made by {age} comparison of schemas than this Surefoot's"
    if facts.engine and proof.engine != facts.engine:
        return f"proven on {engine_name(proof.engine)}, and this is {engine_name(facts.engine)}"
    if change := _change(proof, facts):
        return change
    if proof.before != facts.before:
        return facts.suspect or "a migration before it was edited, added, removed or moved since"
    if facts.base and proof.base != facts.base:
        return (
            "the schema before it is not the one of the proof: the target drifted, or it was rehearsed on another base"
        )
    return None


def proofs_of(report: Report, folder: Folder) -> tuple[Proof, ...]:
    """The proofs that a rehearsal of this folder gives; none for a migration whose text is another one by now."""
    facts = facts_of(folder)
    return tuple(
        _proof(rehearsed, report.engine, facts[rehearsed.version])
        for rehearsed in report.migrations
        if rehearsed.version in facts and facts[rehearsed.version].up == rehearsed.checksum
    )


def _proof(rehearsed: Rehearsed, engine: str, facts: Facts) -> Proof:
    return Proof(
        rehearsed.version,
        rehearsed.name,
        engine,
        rehearsed.verdict,
        facts.up,
        # A way back without a statement is rehearsed as none, and has a checksum all the same.
        facts.down,
        facts.before,
        rehearsed.base,
        rehearsed.after,
    )


def merge(kept: Sequence[Proof], made: Sequence[Proof], folder: Folder) -> tuple[Proof, ...]:
    """The proofs of a file after a rehearsal, in the folder's order, and of one migration in that of the engines.

    A proof that was made takes the place of one of the same migration and engine. Others stay as long as they fit the
    folder.
    """
    taken = {(proof.version, proof.engine) for proof in made}
    facts = facts_of(folder)
    staying = (
        proof
        for proof in kept
        if (proof.version, proof.engine) not in taken
        and proof.version in facts
        and void(proof, facts[proof.version]) is None
    )
    places = {migration.version: place for place, migration in enumerate(folder.migrations)}
    return tuple(sorted((*staying, *made), key=lambda proof: (places[proof.version], proof.engine)))


def look_up(proofs: Sequence[Proof], version: str, engine: str) -> Proof | None:
    """The proof of a migration on this engine, else on another one, which `void` then tells; None without any."""
    found = {proof.engine: proof for proof in proofs if proof.version == version}
    return found.get(engine) or next(iter(found.values()), None)
