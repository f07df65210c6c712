"""What Surefoot is made of and what it delivers: pinned, hashed, listed, and nothing besides."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]
LOCKS = sorted(ROOT.glob("requirements*.txt"))


@pytest.fixture(scope="module")
def sbom() -> dict[str, Any]:
    written = subprocess.run([sys.executable, ROOT / "scripts" / "sbom"], check=True, capture_output=True, text=True)
    document: dict[str, Any] = json.loads(written.stdout)
    return document


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock.read_text(), re.MULTILINE))


@pytest.mark.asvs("15.1.2")
def test_the_list_of_components_is_the_lock_file(sbom: dict[str, Any]) -> None:
    assert (sbom["bomFormat"], sbom["specVersion"]) == ("CycloneDX", "1.6")
    assert {one["name"]: one["version"] for one in sbom["components"]} == pins(ROOT / "requirements.txt")
    for one in sbom["components"]:
        (distribution,) = one["externalReferences"]
        assert distribution["hashes"], one["name"]
        assert distribution["url"] == one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}"


@pytest.mark.asvs("15.1.2")
def test_each_component_is_there_because_something_needs_it(sbom: dict[str, Any]) -> None:
    needs = {one["ref"]: set(one["dependsOn"]) for one in sbom["dependencies"]}
    reached: set[str] = set()
    waiting = [sbom["metadata"]["component"]["bom-ref"]]
    while waiting:
        reference = waiting.pop()
        if reference not in reached:
            reached.add(reference)
            waiting += needs[reference]
    assert {one["bom-ref"] for one in sbom["components"]} <= reached


@pytest.mark.asvs("15.1.2")
def test_whatever_the_project_asks_for_is_in_the_list(sbom: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["server"]]
    names = {re.split(r"[\[><=; ]", one)[0].lower().replace("_", "-") for one in asked}
    assert names <= {one["name"].lower().replace("_", "-") for one in sbom["components"]}


@pytest.mark.asvs("15.2.4")
@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_is_pinned_by_hash_and_from_the_one_registry(lock: Path) -> None:
    blocks = [one for one in re.split(r"^(?=[A-Za-z0-9])", lock.read_text(), flags=re.MULTILINE) if "==" in one]
    assert {one.partition("==")[0] for one in blocks} == set(pins(lock))
    assert len(blocks) > 5
    assert [one.splitlines()[0] for one in blocks if "--hash=sha256:" not in one] == []
    assert not re.search(r"^-|--(?:extra-)?index-|--find-|\w\+\w+:|://", lock.read_text(), re.MULTILINE)


@pytest.mark.asvs("15.2.4")
def test_what_is_installed_is_checked_against_the_hashes() -> None:
    installs = [line for line in (ROOT / "Makefile").read_text().splitlines() if "pip install" in line]
    assert installs
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)


@pytest.mark.asvs("13.4.1", "15.2.3")
def test_what_is_delivered_is_the_program_and_nothing_else() -> None:
    files = [Path(one.relative_path) for one in WheelBuilder(str(ROOT)).recurse_included_files()]
    shown = [one for one in files if "__pycache__" not in one.parts]
    assert len(shown) > 100
    assert [one for one in shown if one.parts[:2] != ("src", "surefoot")] == []
    assert [one for one in shown if one.name.startswith((".", "test_", "conftest")) or "tests" in one.parts] == []
    kinds = {one.suffix for one in shown}
    assert kinds <= {".py", ".sql", ".txt", ".subject", ".html", ".css", ".js", ".toml", ".json", ".gz"}
