"""The guard of a target: lets no step up without a proof that holds there, at that moment."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from surefoot.engine.checksum import checksum
from surefoot.engine.dialects.target import Target
from surefoot.engine.model import Direction, Folder, Plan, Step
from surefoot.engine.rehearsal.model import Verdict
from surefoot.engine.rehearsal.proof import Facts, Proof, down_checksum, facts_of, look_up, void
from surefoot.errors import NotProven

_REHEARSE = "Rehearse it on the target's schema, and bring the proof along: `surefoot rehearse --from target`."
_MEND = "Mend it and rehearse it again; `accept` in surefoot.toml says which verdicts may run here."


@dataclass(frozen=True, slots=True)
class Refusal:
    """A step without a valid proof, and why."""

    step: Step
    reason: str
    hint: str = _REHEARSE


@dataclass(frozen=True, slots=True)
class Guard:
    """Refuses steps up that have no proof, a void one, or one of a verdict that is not accepted.

    `check` is for `RunOptions.before_run`: it looks at all steps before the first one runs. The guard itself is for
    `RunOptions.before_step`: right before each step it compares the schema of the target itself with the proof's. A
    step that an earlier run left in the middle goes on by its checksums alone: there is no schema yet, or any more, to
    compare. Steps down always pass: nobody is kept from taking back.
    """

    target: Target
    folder: Folder
    proofs: Sequence[Proof]
    accept: Collection[str] = (Verdict.PROVEN,)

    def check(self, plan: Plan) -> None:
        """Raise NotProven where a step of the plan has no valid proof, as far as that can be told before it runs."""
        steps = [step for step in plan.steps if step.direction is Direction.UP]
        if not steps:
            return
        now = self.target.snapshot()
        # After steps down, nobody knows yet what the schema will be.
        first = now.fingerprint if steps[0] is plan.steps[0] else ""
        refused = list(self._refusals(steps, now.engine, first))
        if refused:
            raise _not_proven(refused, len(steps))

    def __call__(self, step: Step) -> None:
        """Raise NotProven where the step has no proof that holds on the target as it is now."""
        if step.direction is Direction.DOWN:
            return
        now = self.target.snapshot()
        refusal = self._refusal(step, self._facts(), now.engine, now.fingerprint)
        if refusal is not None:
            raise _not_proven([refusal], 1)

    def _facts(self) -> Mapping[str, Facts]:
        return facts_of(self.folder, self.proofs)

    def _refusals(self, steps: Sequence[Step], engine: str, base: str) -> Iterator[Refusal]:
        """The refusals of steps in a row: each leaves the schema that its proof says, and the next begins there."""
        facts = self._facts()
        for step in steps:
            refusal = self._refusal(step, facts, engine, base)
            if refusal is not None:
                yield refusal
            proof = look_up(self.proofs, step.migration.version, engine)
            base = proof.after if proof and refusal is None else ""

    def _refusal(self, step: Step, known: Mapping[str, Facts], engine: str, base: str) -> Refusal | None:
        migration = step.migration
        proof = look_up(self.proofs, migration.version, engine)
        facts = known.get(migration.version)
        if proof is None or facts is None:
            return Refusal(step, "there is no proof of it")
        resumed = step.done or step.in_doubt
        # What is about to run counts, not what the folder held at another moment.
        up, down = checksum(migration.up), down_checksum(migration.down)
        now = replace(facts, up=up, down=down, engine=engine, base="" if resumed else base)
        if reason := void(proof, now):
            return Refusal(step, f"its proof is void: {reason}")
        if proof.verdict not in self.accept:
            accepted = ", ".join(self.accept) or "nothing"
            return Refusal(step, f"it is {proof.verdict}, and only {accepted} is accepted here", _MEND)
        return None


def _not_proven(refused: Sequence[Refusal], total: int) -> NotProven:
    first = refused[0]
    more = f" {len(refused)} of {total} steps are refused." if len(refused) > 1 else ""
    return NotProven(
        f"{first.step.migration.label} is not proven: {first.reason}.{more}",
        hint=first.hint,
        version=first.step.migration.version,
        refused=[{"version": item.step.migration.version, "reason": item.reason} for item in refused],
    )
