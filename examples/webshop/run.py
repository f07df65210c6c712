"""`make run`: the example shop, from an empty database to its newest migration, two steps back and forth again.

`python examples/webshop/run.py` starts an embedded PostgreSQL and runs the commands that a person would type;
`python examples/webshop/run.py stop` stops the server and removes its files.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
from surefoot.engine.dialects.postgres.embedded import EmbeddedPostgres
from surefoot.engine.dialects.postgres.programs import find_programs

HERE = Path(__file__).parent
# Not below the checkout: root's server runs as another user, who may not enter a private home.
DATA = Path(tempfile.gettempdir()) / f"surefoot-webshop-{os.getuid()}" / "postgres"
COMMANDS = (
    ("How would it begin?", "surefoot plan --steps 1"),
    ("Apply everything.", "surefoot up"),
    ("Where does the database stand?", "surefoot status"),
    ("What would it take to go two steps back?", "surefoot plan down --steps 2"),
    ("Go two steps back.", "surefoot down --steps 2 --yes"),
    ("What would bring them back?", "surefoot plan"),
    ("Bring them back.", "surefoot up"),
    ("Is everything as it should be?", "surefoot verify"),
)


def main() -> None:
    """Start the server, or stop it."""
    # A pipe would otherwise show our lines after those of the commands.
    sys.stdout.reconfigure(line_buffering=True)
    chosen = os.environ.get("SUREFOOT_POSTGRES_BIN")
    DATA.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    server = EmbeddedPostgres(DATA, find_programs(Path(chosen) if chosen else None))
    if sys.argv[1:] == ["stop"]:
        server.stop()
        shutil.rmtree(DATA.parent)
        print("The example's PostgreSQL is stopped, and its files are gone.")
    else:
        show(server)


def show(server: EmbeddedPostgres) -> None:
    """Run every command on a fresh database, and say what to try next."""
    print("Starting an embedded PostgreSQL ...")
    server.start()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS shop WITH (FORCE)")
        connection.execute("CREATE DATABASE shop")
    url = server.url("shop")
    for title, command in COMMANDS:
        print(f"\n{bold(title)}\n$ {command}")
        run(command, url)
    print(NEXT.format(title=bold("Now you."), here=shlex.quote(os.path.relpath(HERE)), url=shlex.quote(url), bin=bin_hint()))


def run(command: str, url: str) -> None:
    """Run a command as a person would, in the example's folder."""
    program, *arguments = shlex.split(command)
    executable = Path(sys.executable).with_name(program)
    environment = {**os.environ, "DATABASE_URL": url}
    subprocess.run([executable, *arguments], cwd=HERE, env=environment, check=True)


def bold(text: str) -> str:
    """The text in bold, on a terminal that wants it."""
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text


def bin_hint() -> str:
    """Where the command is, as a shell would say it."""
    return shlex.quote(str(Path(sys.executable).parent))


NEXT = """
{title} The server goes on running until `make stop`.

  export PATH={bin}:"$PATH" DATABASE_URL={url}
  cd {here}
  surefoot history                 # what has happened to the database
  surefoot down                    # take the latest migration back
  surefoot redo                    # the latest migration back and forth
  surefoot new add_wishlists       # write one of your own, then: surefoot plan, surefoot up
  surefoot dump                    # the schema that all of it leads to
"""

if __name__ == "__main__":
    main()
