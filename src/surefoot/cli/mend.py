"""`baseline` and `repair`: change what Surefoot knows of the database, after a yes."""

from __future__ import annotations

from surefoot.cli.context import Context
from surefoot.cli.output import Output, counted
from surefoot.engine import api
from surefoot.engine.dialects.target import Target
from surefoot.engine.plan import choose_baseline
from surefoot.engine.repair import Finding, Resolution
from surefoot.errors import UsageError


def baseline(context: Context) -> int:
    """Accept an existing database at a version."""
    version = context.flags["version"]
    with context.connected() as target:
        chosen = choose_baseline(api.read_state(target, context.project).compared, version)
        what = f"{counted(len(chosen), 'migration')} up to {version} as applied on {target.label}, without running them"
        context.confirm(f"Accept {what}?", versions=[migration.version for migration in chosen])
        accepted = api.baseline(target, context.project, version)
    output = context.output
    output.document({"kind": "baseline", "versions": [migration.version for migration in accepted]})
    count = counted(len(accepted), "migration")
    output.line(f"{output.paint('✓', 'green')} {count} accepted as applied; nothing ran")
    return 0


def repair(context: Context) -> int:
    """Say what was found and what would be done; do it once confirmed."""
    resolution = _resolution(context)
    with context.connected() as target:
        findings = [] if resolution is Resolution.DISCARD else api.examine(target, context.project)
        if resolution is not None:
            # The answer is about the step that stopped; edited files are another question.
            findings = [finding for finding in findings if not finding.diff]
        _show(context.output, findings)
        solvable = resolution is not None or all(finding.solvable for finding in findings)
        mends = solvable and (resolution is not None or _calls_for_mending(target, context))
        if mends:
            _mend(context, target, resolution, findings)
    documents = [_plain(finding) for finding in findings]
    context.output.document({"kind": "repair", "findings": documents, "repaired": mends})
    if not findings and resolution is None:
        context.output.line("Nothing to repair.")
    return 0 if solvable else 4


def _calls_for_mending(target: Target, context: Context) -> bool:
    """Whether anything is left to write down: a step that merely stopped goes on by itself."""
    state = api.read_state(target, context.project)
    return bool(state.compared.edited) or any(entry.state == "started" for entry in state.journal)


def _mend(context: Context, target: Target, resolution: Resolution | None, findings: list[Finding]) -> None:
    what = {
        Resolution.DISCARD: "Forget the half-applied step",
        Resolution.RAN: "Write down that the statement in doubt took effect",
        Resolution.NOT_RAN: "Write down that the statement in doubt did not take effect",
    }
    question = f"{what[resolution] if resolution else 'Do that'} on {target.label}?"
    context.confirm(question, findings=[_plain(finding) for finding in findings])
    api.repair(target, context.project, resolution)
    context.output.line(f"{context.output.paint('✓', 'green')} repaired; `surefoot status` shows where things stand")


def _resolution(context: Context) -> Resolution | None:
    given = [item for item in Resolution if context.flags.get(item.value.replace("-", "_"))]
    if len(given) > 1:
        raise UsageError("--ran, --not-ran and --discard exclude each other.", hint="Give one of them.")
    return given[0] if given else None


def _show(output: Output, findings: list[Finding]) -> None:
    for finding in findings:
        output.line(f"{output.paint('✗', 'red')} {finding.version}: {finding.found}")
        if finding.diff:
            output.line("\n".join(f"    {line}" for line in finding.diff.splitlines()))
        output.line(f"  {output.paint('→', 'cyan')} {finding.action}")


def _plain(finding: Finding) -> dict[str, object]:
    return {
        "version": finding.version,
        "found": finding.found,
        "action": finding.action,
        "solvable": finding.solvable,
        "diff": finding.diff,
    }
