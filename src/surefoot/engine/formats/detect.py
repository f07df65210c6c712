"""Which format a folder is of: the one that fits, or any of several that would do the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from surefoot.engine.formats.shape import Format, Reading, Rules
from surefoot.engine.model import Migration, Script
from surefoot.errors import FolderError, FormatAmbiguous

Claims = Mapping[str, str]
_Outcome = Reading | FolderError


def choose(root: str, candidates: Mapping[Format, Claims], rules: Rules) -> tuple[Format, Reading] | None:
    """The format whose files these are, and what it reads; None where none fits.

    Raises FormatAmbiguous where several fit and differ in order, statements or transaction mode.
    """
    fitting = [(form, texts) for form, texts in candidates.items() if texts and form.fits(texts)]
    if len(fitting) <= 1:
        return next(((form, form.read(texts, rules)) for form, texts in fitting), None)
    outcomes = [(form, _outcome(form, texts, rules)) for form, texts in fitting]
    for one, other in pairwise(outcomes):
        if reason := _difference(one, other):
            raise _ambiguous(root, [form.name for form, _ in fitting], reason)
    form, outcome = outcomes[0]
    if isinstance(outcome, FolderError):
        raise outcome
    return form, outcome


def _outcome(form: Format, texts: Claims, rules: Rules) -> _Outcome:
    try:
        return form.read(texts, rules)
    except FolderError as error:
        return error


def _ambiguous(root: str, names: list[str], reason: str) -> FormatAmbiguous:
    return FormatAmbiguous(
        f"{root} can be read as {' or '.join(names)}, with different results: {reason}.",
        hint=f'Set folder_format = "{names[0]}" (or "{names[-1]}") in surefoot.toml, or use --folder-format.',
        formats=names,
        difference=reason,
    )


def _difference(one: tuple[Format, _Outcome], other: tuple[Format, _Outcome]) -> str:
    """What the two would do differently, for a person; nothing where they would do the same."""
    (form, outcome), (other_form, other_outcome) = one, other
    for name, result in ((form.name, outcome), (other_form.name, other_outcome)):
        if isinstance(result, FolderError):
            return f"{name} would refuse it ({result.message.rstrip('.')})"
    assert not isinstance(outcome, FolderError)
    assert not isinstance(other_outcome, FolderError)
    return _first_difference(form.name, outcome[0], other_form.name, other_outcome[0])


def _first_difference(name: str, mine: Iterable[Migration], other_name: str, theirs: Iterable[Migration]) -> str:
    mine, theirs = tuple(mine), tuple(theirs)
    order, other_order = [_path(m) for m in mine], [_path(m) for m in theirs]
    for has, lacks, extra in (
        (name, other_name, set(order) - set(other_order)),
        (other_name, name, set(other_order) - set(order)),
    ):
        if extra:
            return f"{min(extra)} is a migration for {has}, and none for {lacks}"
    for migration, counterpart in zip(mine, theirs, strict=True):
        if _path(migration) != _path(counterpart):
            first, second = _path(migration), _path(counterpart)
            return f"at one place in the order {name} has {first}, and {other_name} has {second}"
        if unlike := _unlike(migration, counterpart):
            return f"of {_path(migration)} they would take another {unlike}"
    return ""


def _unlike(one: Migration, other: Migration) -> str:
    if one.version != other.version:
        return "version"
    ways = ((one.up, other.up), (one.down or (), other.down or ()))
    if any(_statements(a) != _statements(b) for a, b in ways) or (one.down is None) != (other.down is None):
        return "set of statements"
    if any([s.transaction for s in a] != [s.transaction for s in b] for a, b in ways):
        return "transaction mode"
    return ""


def _statements(scripts: tuple[Script, ...]) -> list[tuple[str, bool]]:
    """The text without blank lines and comment lines, where formats differ in what they leave out."""
    return [
        (bare, fragment.whole) for script in scripts for fragment in script.fragments if (bare := _bare(fragment.text))
    ]


def _bare(text: str) -> str:
    lines = (line for line in text.split("\n") if line.strip())
    return "\n".join(line for line in lines if not line.lstrip().startswith("--"))


def _path(migration: Migration) -> str:
    return migration.up[0].path
