"""`baseline` and `repair`: change what Surefoot knows of the database, after a yes."""

from __future__ import annotations

from surefoot.cli.context import Context
from surefoot.cli.output import Output
from surefoot.cli.view import RunView
from surefoot.engine import api
from surefoot.engine.dialects.target import Target
from surefoot.engine.plan import choose_baseline
from surefoot.engine.repair import Finding, Resolution
from surefoot.engine.run import RunOptions
from surefoot.errors import UsageError


def baseline(context: Context) -> int:
    """Accept an existing database at a version."""
    version = context.flags["version"]
    with context.connected() as target:
        compared = api.read_state(target, context.project).compared
        count = len(choose_baseline(compared, version))
        context.confirm(
            f"Accept {count} migrations up to {version} as applied on {target.label}, without running them?"
        )
        accepted = api.baseline(target, context.project, version)
    output = context.output
    output.document({"kind": "baseline", "versions": [migration.version for migration in accepted]})
    output.line(f"{output.paint('✓', 'green')} {len(accepted)} migrations accepted as applied; none of them ran")
    return 0


def repair(context: Context) -> int:
    """Say what was found and what would be done; do it once confirmed."""
    resolution = _resolution(context)
    with context.connected() as target:
        findings = [] if resolution is Resolution.DISCARD else api.examine(target, context.project)
        _show(context.output, findings)
        if not findings and resolution is None:
            context.output.line("Nothing to repair.")
            return 0
        if resolution is None and not all(finding.solvable for finding in findings):
            return 4
        return _mend(context, target, resolution)


def _mend(context: Context, target: Target, resolution: Resolution | None) -> int:
    what = {
        Resolution.DISCARD: "Forget the half-applied step",
        Resolution.RAN: "Write down that the statement in doubt took effect",
        Resolution.NOT_RAN: "Write down that the statement in doubt did not take effect",
    }
    context.confirm(f"{what[resolution] if resolution else 'Do that'} on {target.label}?")
    api.repair(target, context.project, resolution, RunOptions(on_event=RunView(context.output)))
    context.output.line(f"{context.output.paint('✓', 'green')} repaired; `surefoot status` shows where things stand")
    return 0


def _resolution(context: Context) -> Resolution | None:
    given = [item for item in Resolution if context.flags.get(item.value.replace("-", "_"))]
    if len(given) > 1:
        raise UsageError("--ran, --not-ran and --discard exclude each other.", hint="Give one of them.")
    return given[0] if given else None


def _show(output: Output, findings: list[Finding]) -> None:
    output.document({"kind": "repair", "findings": [_plain(finding) for finding in findings]}, compact=True)
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
