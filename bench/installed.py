"""What is measured, installed as its users install it: in environments of its own, with its byte code."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DBMATE = "2.36.0"


@dataclass(frozen=True, slots=True)
class Installed:
    """Where the programs are: Surefoot's environment, that of the Python peers, and dbmate's own program."""

    surefoot: Path
    peers: Path
    dbmate: Path

    def version(self, environment: Path, distribution: str) -> str:
        """The version of a distribution in one of the environments."""
        code = f"import importlib.metadata as m; print(m.version({distribution!r}))"
        return output(environment / "python", "-c", code)


def install(cache: Path) -> Installed:
    """Have everything installed in `cache`: the peers once, Surefoot from its present sources."""
    peers = _environment(cache / "peers", ROOT / "requirements-bench.txt")
    surefoot = _environment(cache / "surefoot", ROOT / "requirements.txt")
    _install_wheel(surefoot, cache / "wheel")
    return Installed(surefoot, peers, _dbmate(cache / "node", peers))


def output(*command: str | Path) -> str:
    """What a program prints. Raises CalledProcessError where it fails."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout.strip()


def _environment(path: Path, lock: Path) -> Path:
    """The directory of programs of a virtual environment that holds what the lock file names."""
    stamp = path / "lock"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        venv.create(path, clear=True, with_pip=True)
        _pip(path / "bin", "install", "--compile", "--require-hashes", "--requirement", lock)
        stamp.write_text(digest)
    return path / "bin"


def _install_wheel(environment: Path, folder: Path) -> None:
    """Build Surefoot's wheel with the build backend of this environment, and install it."""
    for old in folder.glob("*.whl"):
        old.unlink()
    _pip(Path(sys.prefix) / "bin", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    _pip(environment, "install", "--compile", "--no-deps", "--force-reinstall", *folder.glob("*.whl"))


def _pip(environment: Path, *arguments: str | Path) -> None:
    subprocess.run([environment / "python", "-m", "pip", "-qq", *arguments], check=True)


def _dbmate(folder: Path, peers: Path) -> Path:
    """dbmate's own program, without the start of node around it: most of its users have it from elsewhere."""
    if not list(folder.glob(f"{DBMATE}/node_modules/@dbmate/*/bin/dbmate")):
        options = ("--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--fetch-retries=1")
        path = f"{peers}{os.pathsep}{os.environ['PATH']}"
        subprocess.run(
            [peers / "npm", "install", "--prefix", folder / DBMATE, *options, f"dbmate@{DBMATE}"],
            check=True,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "PATH": path},
        )
    return next(folder.glob(f"{DBMATE}/node_modules/@dbmate/*/bin/dbmate"))
