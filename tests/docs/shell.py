"""A shell that runs what a page shows, and a comparison that passes over what differs from run to run."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.databases import Databases
from tests.docs.pages import ROOT, Fence

_VERSION = re.compile(r"(?<!\d)2[0-9]{13}(?!\d)")
_VARIES = (
    (re.compile(r"\b(postgresql|mysql|sqlite):/\S*?(?=[:,?.]?(\s|$))", re.MULTILINE), r"<\1>"),
    (re.compile(r"\S+ on \S+, as \S+,"), "<database>,"),
    (re.compile(r"(?<![\w:./<])/(?:[\w.@-]+/)+"), "<path>/"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d( UTC)?"), "<time>"),
    (re.compile(r"\b\d+(\.\d+)? (ms|s)\b"), "<duration>"),
    (re.compile(r"\bby \S+@\S+"), "by <somebody>"),
    (re.compile(r"\bsession \d+ \([^)]*\)"), "session <somebody>"),
    (re.compile(r"^.*: line \d+: +\d+ Killed.*$", re.MULTILINE), "Killed"),
    (re.compile(r"\b\d+\.\d+(\.\d+)?(-MariaDB\S*)?\b"), "<number>"),
    (re.compile(r"[ \t]+"), " "),
)


class Shell:
    """One bash for a whole page: what a block sets, the next one has."""

    def __init__(self, home: Path, variables: Mapping[str, str]) -> None:
        """`home` is where the page begins, in an empty folder of it."""
        self.folder = home / "page"
        self.folder.mkdir(parents=True)
        self._home = home
        self._log = home / "bash.log"
        with self._log.open("w") as log:
            self._bash = subprocess.Popen(
                ["bash", "--norc"],
                cwd=self.folder,
                env=_environment(home, variables),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )

    def run(self, text: str, *, strict: bool) -> tuple[int | None, str]:
        """Run some lines; exit code (None where `strict` ended the shell) and everything that was printed."""
        script, output = self._home / "script.sh", self._home / "output.txt"
        script.write_text(text)
        begin, end = ("set -e; ", "; set +e; code=0") if strict else ("", "; code=$?")
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        self._bash.stdin.write(f"{begin}. {script} >{output} 2>&1 </dev/null{end}; echo $code $PWD\n")
        self._bash.stdin.flush()
        answer = self._bash.stdout.readline().split(maxsplit=1)
        if answer:
            self.folder = Path(answer[1].strip())
        said = output.read_text()
        return (int(answer[0]) if answer else None), said + ("" if answer else self._log.read_text())

    def do(self, fence: Fence) -> tuple[int | None, str]:
        """Write a block to its file, or run it; exit code and everything that was printed."""
        if fence.file is None:
            program = fence.text if fence.language == "sh" else f"python - <<'PROGRAM'\n{fence.text}PROGRAM\n"
            return self.run(program, strict=True)
        path = self.folder / fence.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(fence.text)
        return 0, ""

    def close(self) -> None:
        """End the shell, and everything that it has left running."""
        os.killpg(self._bash.pid, signal.SIGKILL)
        self._bash.communicate()


@contextmanager
def open_shell(databases: Databases, needs: Mapping[str, str], home: Path) -> Iterator[Shell]:
    """A shell with fresh databases: `needs` names the variables of their URLs, and their kinds."""
    with ExitStack() as stack:
        urls = {name: stack.enter_context(databases.fresh(kind, home)) for name, kind in needs.items()}
        shell = Shell(home, urls)
        stack.callback(shell.close)
        yield shell


def _environment(home: Path, variables: Mapping[str, str]) -> dict[str, str]:
    # A checkout at the place that the pages name; pip looks at it, and changes nothing.
    (home / "src").mkdir()
    (home / "src" / "surefoot").symlink_to(ROOT)
    pip = {"PIP_DRY_RUN": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_QUIET": "1"}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if name in {"LANG", "LC_ALL", "TMPDIR", "PYTHONPATH"}}
    plain = {"PATH": path, "HOME": str(home), "NO_COLOR": "1", "COLUMNS": "100", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return {**kept, **plain, **pip, **variables}


class Canon:
    """Texts without what differs from run to run. Versions become V1, V2, ... in the order of their appearance."""

    def __init__(self) -> None:
        self._versions: dict[str, str] = {}

    def __call__(self, text: str) -> list[str]:
        """The lines of a text, ready to be compared."""
        text = _VERSION.sub(lambda match: self._versions.setdefault(match[0], f"V{len(self._versions) + 1}"), text)
        for pattern, word in _VARIES:
            text = pattern.sub(word, text)
        return [line.strip() for line in text.splitlines() if line.strip()]

    def as_in(self, other: Canon, text: str) -> str:
        """A text with the versions that another's texts have in the same places."""
        theirs = {place: version for version, place in other._versions.items()}
        return _VERSION.sub(lambda match: theirs.get(self._versions.get(match[0], ""), match[0]), text)


def matches(shown: list[str], said: list[str]) -> bool:
    """Whether the output is what the page shows; `...` stands for any lines, or for the middle of one."""
    pattern = "".join(r"(?:.*\n)*?" if line == "..." else _line(line) for line in shown)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in said)) is not None


def _line(shown: str) -> str:
    return ".*".join(map(re.escape, shown.split("..."))) + r"\n"
