"""What no tracked file may hold: addresses of registries, paths of a machine, tests that skip themselves."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Written in pieces, so that this file holds none of what it looks for.
ADDRESSES = {
    "a package registry": r"https?://[a-z0-9.-]*(registry\.np" + r"m|py" + r"pi\.|python" + r"hosted)",
    "a path of one machine": r"(^|[^a-zA-Z0-9_.-])/(wo" + r"rk|ro" + r"ot|fa" + r"rm)/[a-z.]",
    "a place to download from": r'"resolved": *"https?:|--(extra-)?index' + r"-url|--find" + r"-links",
}
SKIPS = r"\b(pytest\.(skip|xfail|importor" + r"skip)|mark\.(skip|skipif|xfail))\b"
IGNORES = re.compile(r"#\s*(noqa|type:\s*ignore)(?P<rest>.*)")
REASONED = re.compile(r"^(: ?[A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)*|\[[a-z, -]+\])[\s#:;(–-]+\w+\W+\w+")


def tracked(*patterns: str) -> list[Path]:
    """The tracked files that git finds for the patterns, and that are there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, check=True, capture_output=True, text=True
    )
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def found(pattern: str, paths: list[Path]) -> list[str]:
    """Each line of the files in which the pattern stands, with its place."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if re.search(pattern, line)
    ]


def has_reason(line: str) -> bool:
    """Whether every ignore of the line names its rule and says why in at least two words."""
    match = IGNORES.search(line)
    return match is None or REASONED.match(match["rest"]) is not None


@pytest.mark.parametrize("what", ADDRESSES)
def test_no_file_names(what: str) -> None:
    assert found(ADDRESSES[what], tracked(":!*.svg")) == []


def test_no_lock_file_names_an_address() -> None:
    assert found("https?:", tracked("requirements*", "*package-lock.json")) == []


def test_no_test_skips_itself() -> None:
    assert found(SKIPS, tracked("tests/*.py")) == []


def test_every_ignore_says_why() -> None:
    ignores = found(r"#\s*(noqa|type:\s*ignore)", tracked("*.py", ":!tests/house/*"))
    assert [line for line in ignores if not has_reason(line)] == []


@pytest.mark.parametrize(
    ("line", "reasoned"),
    [
        ("x = 1", True),
        ("x = f()  # noqa: S608 - the name is quoted", True),
        ("x = f()  # noqa: S608, E501  # the name is quoted", True),
        ("x = f()  # type: ignore[arg-type]  # its stubs lag behind", True),
        ("x = f()  # noqa", False),
        ("x = f()  # noqa: S608", False),
        ("x = f()  # type: ignore[arg-type]", False),
        ("x = f()  # type: ignore  # its stubs lag behind", False),
    ],
)
def test_a_reason_is_recognised(line: str, reasoned: bool) -> None:
    assert has_reason(line) is reasoned


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a package registry", "see https://py" + "pi.org/simple"),
        ("a path of one machine", "cd /ro" + "ot/project"),
        ("a place to download from", "--index" + "-url x"),
    ],
)
def test_an_address_is_recognised(what: str, line: str) -> None:
    assert re.search(ADDRESSES[what], line)
