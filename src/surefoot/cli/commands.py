"""The commands, as data: what the parser, the help, the reference in the docs and the tests of the examples read."""

from __future__ import annotations

from surefoot.cli.command import Argument, Command
from surefoot.cli.platform_commands import PLATFORM

_TO = Argument("--to", "Up to and including this version.", metavar="V")
_DOWN_TO = Argument("--to", "Back to this version, which stays; 0 for everything.", metavar="V")
_STEPS = Argument("--steps", "So many migrations.", kind="number", metavar="N")
_ALLOW = (
    Argument("--allow-out-of-order", "Run pending migrations that are older than applied ones.", kind="flag"),
    Argument("--allow-missing", "Go on although applied migrations are not in the folder.", kind="flag"),
)
_USE_FILE = Argument("--use-file", "Run the folder's way back where it differs from the stored one.", kind="flag")
_LIMITS = (
    Argument("--lock-timeout", "One attempt to get a lock, such as 500ms or 2s.", metavar="TIME"),
    Argument("--lock-wait", "All attempts together, such as 5m.", metavar="TIME"),
    Argument("--statement-timeout", "One statement.", metavar="TIME"),
    Argument("--runner-wait", "Another run on the same target.", metavar="TIME"),
)

_SHADOW = (
    Argument("--shadow", "local, or target for the target's own server.", metavar="WHERE", values=("local", "target")),
    Argument("--shadow-url", "A server on which shadow databases may be created.", metavar="URL"),
)

ENGINE = (
    Command(
        "init",
        "Write surefoot.toml and the folder.",
        "Writes a commented surefoot.toml and an empty folder of migrations into this directory. What is there already "
        "stays as it is.",
        "scaffold:init",
        examples=(
            ("surefoot init", "Begin a project here"),
            ("surefoot init --dir db/migrations", "With another folder"),
        ),
        exits=(0, 2),
    ),
    Command(
        "new",
        "Write the files of a new migration.",
        "Writes an empty migration with a timestamp as its version (or the next number, where the folder counts), in "
        "the folder's own format.",
        "scaffold:new",
        (Argument("name", "What it does, such as add_orders.", metavar="NAME"),),
        (("surefoot new add_orders", "An up and a down file to fill in"),),
        (0, 2),
    ),
    Command(
        "new-down",
        "Generate the way back of a migration that has none.",
        "Applies the migration on a shadow database, derives from what changed there the statements that lead back, "
        "rehearses them, and writes them where the folder's format wants them. What it cannot derive it names, to be "
        "written by hand.",
        "new_down:new_down",
        (Argument("version", "The migration's version.", metavar="V"), *_SHADOW),
        (("surefoot new-down 20260105091500", "A tried way back, to be read and kept"),),
        (0, 1, 2, 3, 6),
    ),
    Command(
        "status",
        "Show what is applied, pending, edited, missing or out of order.",
        "Shows each migration with its state; applied ones with time and duration. Changes nothing.",
        "look:status",
        (
            Argument(
                "--exit-code",
                "Exit with 1 where anything is pending, edited, missing or half-way.",
                kind="flag",
            ),
        ),
        (
            ("surefoot status", "Where the database stands"),
            ("surefoot status --json", "The same for a program"),
        ),
        (0, 1, 2, 3, 6),
    ),
    Command(
        "history",
        "Show what was applied and rolled back, and by whom.",
        "Shows every application of a migration, oldest first, with its rollback where there was one. Changes nothing.",
        "look:history",
        examples=(("surefoot history", "Everything that happened here"),),
        exits=(0, 2, 3, 6),
    ),
    Command(
        "plan",
        "Show every statement that up or down would run.",
        "Shows every statement that `up` (or `down`) would run, in which transaction and with which timeouts: what "
        "they then do never differs from it. Changes nothing.",
        "plan:plan",
        (
            Argument(
                "direction",
                "up (the default) or down.",
                metavar="up|down",
                optional=True,
                values=("up", "down"),
            ),
            Argument("--to", "As for up and down.", metavar="V"),
            _STEPS,
            *_ALLOW,
            _USE_FILE,
            *_LIMITS,
        ),
        (
            ("surefoot plan", "What `surefoot up` would do"),
            ("surefoot plan down --steps 2", "What `surefoot down --steps 2` would do"),
        ),
        (0, 2, 3, 5, 6),
    ),
    Command(
        "rehearse",
        "Prove each migration and its way back on a shadow database.",
        "Runs each migration up, down and up again on a throw-away database, with rows at stake, and compares: proven, "
        "lossy, different, irreversible or failing. Writes the proofs that `up --require-proof` asks for. Begins with "
        "the target's own schema and its pending migrations, or without a target with all of them on an empty "
        "database. The target is only read.",
        "rehearse:rehearse",
        (
            Argument("version", "Only this one, after those before it.", metavar="VERSION", optional=True),
            _TO,
            Argument("--from", "target, empty, a version to begin after, or a dump (.sql).", metavar="WHERE"),
            Argument("--rows", "Generated rows for each table; 0 for none.", kind="number", metavar="N"),
            Argument(
                "--written", "Rows written into each touched table between up and down.", kind="number", metavar="N"
            ),
            Argument("--seed", "Rows to begin with: a file of SQL, or a database.", metavar="FILE|URL"),
            Argument("--fail-on", "The verdicts that exit with 1, such as lossy,different; or none.", metavar="WORDS"),
            Argument(
                "--failures",
                "Break off after each statement: auto (where that is not one transaction), all, off.",
                metavar="WHICH",
                values=("auto", "all", "off"),
            ),
            *_SHADOW,
            Argument(
                "--report",
                "text, json, markdown, html or sarif.",
                metavar="FORM",
                values=("text", "json", "markdown", "html", "sarif"),
            ),
            Argument("--output", "A file for the report.", metavar="FILE"),
            Argument("--details", "Each statement with what it locked, rewrote and read.", kind="flag"),
            Argument("--no-proof", "Leave the file of proofs alone.", kind="flag"),
        ),
        (
            ("surefoot rehearse", "What is pending, on the target's schema"),
            ("surefoot rehearse --from empty", "The whole history"),
            ("surefoot rehearse 20260105091500 --details", "One migration, with its locks"),
            ("surefoot rehearse --report html --output page.html", "As a page"),
        ),
        (0, 1, 2, 3, 6, 130),
    ),
    Command(
        "up",
        "Apply pending migrations.",
        "Applies pending migrations in order. Each commits together with its history row; where that is not possible "
        "each statement is journalled, and an interrupted run goes on where it stopped.",
        "move:up",
        (
            _TO,
            _STEPS,
            *_ALLOW,
            Argument("--require-proof", "Refuse a step whose rehearsal is not proven, or does not hold.", kind="flag"),
            *_LIMITS,
        ),
        (
            ("surefoot up", "Apply everything"),
            ("surefoot up --steps 1", "Apply the next one"),
            ("surefoot up --require-proof", "Only what is proven on a schema like this"),
            ("surefoot up --json", "One event a line, for a program"),
        ),
        (0, 1, 2, 3, 4, 5, 6, 130),
    ),
    Command(
        "down",
        "Roll back applied migrations, the latest first.",
        "Rolls back the latest migration, or several. The way back that was stored when the migration ran is what "
        "runs; a folder that has another is shown and refused.",
        "move:down",
        (_DOWN_TO, _STEPS, _USE_FILE, *_LIMITS),
        (
            ("surefoot down --yes", "Take back the latest one"),
            ("surefoot down --steps 2 --yes", "Take back two"),
        ),
        (0, 1, 2, 3, 4, 5, 6, 130),
    ),
    Command(
        "redo",
        "Roll back the latest migration and apply it again.",
        "Rolls back as `down` does, and applies the same migrations again as the folder has them now: while one "
        "is being written.",
        "move:redo",
        (_STEPS, _USE_FILE, *_LIMITS),
        (("surefoot redo --yes", "Try a migration once more"),),
        (0, 1, 2, 3, 4, 5, 6, 130),
    ),
    Command(
        "baseline",
        "Accept an existing database at a version.",
        "Writes all migrations up to and including the version to the history as applied, without running them: for a "
        "database that had its schema before it had Surefoot.",
        "mend:baseline",
        (Argument("version", "The last version that the database has already.", metavar="V"),),
        (("surefoot baseline 20260105091500 --yes", "Start from there"),),
        (0, 2, 3, 5, 6),
    ),
    Command(
        "repair",
        "Find out what a crash or an edited file left, and mend it.",
        "Says what it found in the database and what it would do, and does it once confirmed: looks up statements "
        "whose outcome is in doubt, and accepts the folder's text of edited migrations. It never guesses: what the "
        "database cannot tell, you say with --ran or --not-ran.",
        "mend:repair",
        (
            Argument("--ran", "The statement in doubt took effect: go on after it.", kind="flag"),
            Argument("--not-ran", "The statement in doubt did not: run it again.", kind="flag"),
            Argument("--discard", "Forget the half-applied step: you have undone it by hand.", kind="flag"),
        ),
        (("surefoot repair", "See what is wrong, and what would be done"),),
        (0, 1, 2, 3, 4, 5, 6),
    ),
    Command(
        "verify",
        "Check checksums, order and history.",
        "Checks that every file can be read and cut, that applied migrations are unchanged, present and in order, and "
        "that no step stopped half-way. Changes nothing.",
        "look:verify",
        examples=(("surefoot verify", "Before a deployment, or in CI"),),
        exits=(0, 1, 2, 3, 6),
    ),
    Command(
        "lint",
        "Find statements that lock, lose or break, before they run.",
        "Reads the migrations and says which statements block an application, lose data, or fail where the tables "
        "have rows: squawk's rules for PostgreSQL and Surefoot's own for every database. Changes nothing, and needs "
        "no database; one that answers within a second tells its version.",
        "lint:lint",
        (
            Argument("files", "Only these files of the folder.", metavar="FILE...", optional=True, several=True),
            Argument("--pending", "Only migrations that are not applied on the target.", kind="flag"),
            Argument(
                "--report",
                "text, json, sarif, or github for workflow commands.",
                metavar="FORM",
                values=("text", "json", "sarif", "github"),
            ),
            Argument("--pg-version", "The version of PostgreSQL to lint for.", metavar="V"),
            Argument(
                "--level",
                "Exit with 1 from this level on: note, warning or error (the default).",
                metavar="LEVEL",
                values=("note", "warning", "error"),
            ),
            Argument("--strict", "The same as --level warning.", kind="flag"),
        ),
        (
            ("surefoot lint", "Look at the whole folder"),
            ("surefoot lint --pending --strict", "What the next `up` would run, warnings count"),
            ("surefoot lint --report github", "In a workflow of GitHub Actions"),
        ),
        (0, 1, 2, 3, 6),
    ),
    Command(
        "drift",
        "Show where the schema is not the one that the migrations made.",
        "Holds the target's schema against the one that it should have, object by object: the one recorded after the "
        "last run (`record = true`), or else the applied migrations replayed on a shadow database. Changes nothing on "
        "the target.",
        "drift:drift",
        (
            Argument(
                "--expected",
                "auto (the default), recorded or replay.",
                metavar="WHAT",
                values=("auto", "recorded", "replay"),
            ),
            *_SHADOW,
        ),
        (
            ("surefoot drift", "Has anybody changed the schema by hand?"),
            ("surefoot drift --expected replay", "Against the migrations, although a schema is recorded"),
        ),
        (0, 1, 2, 3, 6),
    ),
    Command(
        "dump",
        "Write the schema by the database's own dump tool.",
        "Writes the schema as pg_dump, mariadb-dump or SQLite itself gives it, without what differs from run to run.",
        "database:dump",
        (Argument("--output", "A file (default: standard output).", metavar="FILE"),),
        (("surefoot dump --output schema.sql", "Keep the schema beside the migrations"),),
        (0, 1, 2, 6),
    ),
    Command(
        "wait",
        "Wait until the database answers.",
        "Tries to connect until the database answers, and says what is in the way meanwhile.",
        "database:wait",
        (Argument("--timeout", "How long, such as 60s (the default).", metavar="TIME"),),
        (("surefoot wait --timeout 30s", "In a start-up script"),),
        (0, 2, 6, 130),
    ),
    Command(
        "doctor",
        "Check connection, versions, permissions, pooler and clock.",
        "Checks what Surefoot needs of the target and says how to get it; with --server, what a platform needs: "
        "settings, keys, mail, clock and database. Changes nothing.",
        "database:doctor",
        (Argument("--server", "Look at the platform of this machine, not at a target.", kind="flag"),),
        (("surefoot doctor", "When something is odd"), ("surefoot doctor --server", "When the platform is odd")),
        exits=(0, 1, 2, 6),
    ),
)

COMMANDS = (*ENGINE, *PLATFORM)
