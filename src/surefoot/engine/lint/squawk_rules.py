"""squawk's rules that Surefoot reports, at which level, and what it says beside squawk's own words.

Not among them: what a run sees to by itself (timeouts, transactions, CONCURRENTLY outside of one), what is a matter of
taste, and what is only for those who want to forbid a kind of change altogether. They are off, and `[lint]` in
surefoot.toml switches each of them on by its name. A rule that a newer squawk brings is not reported before it is here.
"""

from __future__ import annotations

from surefoot.engine.dialects.split import word_set
from surefoot.engine.findings import Level
from surefoot.engine.lint.model import Rule

_NOT_NULL = (
    "PostgreSQL 18: ADD CONSTRAINT ... NOT NULL column NOT VALID, then VALIDATE CONSTRAINT. Before: the same with "
    "CHECK (column IS NOT NULL); then SET NOT NULL reads nothing, and the CHECK can go."
)
_NEW_COLUMN = (
    "Add the column without it, SET DEFAULT, fill the rows in batches; for a generated column: a virtual one "
    "(PostgreSQL 18), or a trigger."
)
_OTHER_TYPE = (
    "Where the values stay the same bytes (varchar to text, a longer varchar) nothing is written. Else: a new "
    "column, a trigger that fills it, a backfill in batches, and a swap of the names."
)
_ERROR = (
    ("adding-required-field", "ADD COLUMN ... NOT NULL without a DEFAULT", "It fails on a table that has rows."),
    ("ban-drop-database", "DROP DATABASE", "It cannot be part of a migration of that database."),
    ("ban-duplicate-column-assignments", "A column that is set twice", "PostgreSQL refuses the statement."),
)
_WARNING = (
    (
        "require-concurrent-index-creation",
        "CREATE INDEX without CONCURRENTLY",
        "CREATE INDEX CONCURRENTLY, in a migration of its own: Surefoot runs it outside of a transaction.",
    ),
    (
        "require-concurrent-index-deletion",
        "DROP INDEX without CONCURRENTLY",
        "DROP INDEX CONCURRENTLY, in a migration of its own.",
    ),
    ("require-concurrent-reindex", "REINDEX without CONCURRENTLY", "REINDEX (CONCURRENTLY) ..."),
    (
        "require-concurrent-partition-detach",
        "DETACH PARTITION without CONCURRENTLY",
        "DETACH PARTITION ... CONCURRENTLY, in a migration of its own.",
    ),
    (
        "constraint-missing-not-valid",
        "A constraint that reads the whole table",
        "ADD CONSTRAINT ... NOT VALID, and VALIDATE CONSTRAINT in the next migration.",
    ),
    (
        "adding-foreign-key-constraint",
        "A foreign key that reads the whole table",
        "ADD CONSTRAINT ... NOT VALID, and VALIDATE CONSTRAINT in the next migration.",
    ),
    (
        "disallowed-unique-constraint",
        "A UNIQUE constraint that builds its index",
        "CREATE UNIQUE INDEX CONCURRENTLY in one migration; ADD CONSTRAINT ... UNIQUE USING INDEX in the next.",
    ),
    (
        "adding-serial-primary-key-field",
        "A primary key that builds its index",
        "CREATE UNIQUE INDEX CONCURRENTLY in one migration; ADD PRIMARY KEY USING INDEX in the next.",
    ),
    (
        "adding-not-nullable-field",
        "SET NOT NULL, which reads the whole table",
        _NOT_NULL,
    ),
    (
        "adding-field-with-default",
        "A new column that writes the whole table anew",
        _NEW_COLUMN,
    ),
    (
        "changing-column-type",
        "A column gets another type",
        _OTHER_TYPE,
    ),
    (
        "renaming-column",
        "A column gets another name",
        "Add the new one, let a release write both, and drop the old one later.",
    ),
    ("renaming-table", "A table gets another name", "Leave a view with the old name until nobody asks for it."),
    (
        "ban-drop-column",
        "DROP COLUMN",
        "First release an application that does without the column; its values are gone for good.",
    ),
    ("ban-drop-table", "DROP TABLE", "First release an application that does without it; its rows are gone for good."),
    ("ban-drop-schema", "DROP SCHEMA", "First release an application that does without it."),
    ("ban-truncate-cascade", "TRUNCATE ... CASCADE", "Name every table that is to be emptied."),
    (
        "ban-alter-domain-with-add-constraint",
        "A constraint for a domain",
        "A CHECK on the tables that need it can be NOT VALID first; a domain's reads every table that uses it.",
    ),
    (
        "identifier-too-long",
        "A name of more than 63 bytes",
        "Choose a shorter one: PostgreSQL cuts it off, and the cut name is what a DROP has to say.",
    ),
)
_NOTE = (
    ("ban-drop-view", "DROP VIEW", ""),
    ("ban-drop-type", "DROP TYPE", ""),
    ("ban-drop-domain", "DROP DOMAIN", ""),
    ("ban-drop-sequence", "DROP SEQUENCE", ""),
    ("ban-char-field", "char(n)", "text, with a CHECK where the length matters: char(n) pads with blanks."),
    ("prefer-timestamp-tz", "timestamp without a time zone", ""),
)
_OFF = (
    ("ban-drop-function", "DROP FUNCTION"),
    ("renaming-object", "Another name for something else than a table"),
    ("ban-create-domain-with-constraint", "A domain with a constraint"),
    ("prefer-bigint-over-int", "int where bigint would do"),
    ("prefer-bigint-over-smallint", "smallint where bigint would do"),
    ("prefer-identity", "serial where an identity column would do"),
    ("prefer-text-field", "varchar(n) where text would do"),
    ("prefer-repack", "VACUUM FULL or CLUSTER where REPACK would do"),
    ("prefer-robust-stmts", "IF NOT EXISTS left out"),
    ("require-timeout-settings", "No timeouts; Surefoot sets them"),
    ("require-lock-timeout", "No lock_timeout; Surefoot sets it"),
    ("require-statement-timeout", "No statement_timeout; Surefoot sets it"),
    ("require-enum-value-ordering", "ADD VALUE without BEFORE or AFTER"),
    ("require-table-schema", "A table without its schema"),
    ("ban-concurrent-index-creation-in-transaction", "CONCURRENTLY in a transaction; Surefoot runs it outside"),
    ("transaction-nesting", "BEGIN in a migration; Surefoot sees to it"),
    ("ban-uncommitted-transaction", "A BEGIN without COMMIT; Surefoot refuses it"),
    ("ban-drop-not-null", "DROP NOT NULL"),
    ("ban-drop-constraint", "DROP CONSTRAINT"),
    ("ban-drop-default", "DROP DEFAULT"),
    ("ban-drop-index", "DROP INDEX"),
    ("ban-drop-trigger", "DROP TRIGGER"),
    ("ban-drop-policy", "DROP POLICY"),
    ("ban-drop-extension", "DROP EXTENSION"),
    ("ban-drop-generated-expression", "DROP EXPRESSION"),
    ("ban-set-schema", "SET SCHEMA"),
    ("ban-set-default", "SET DEFAULT"),
    ("ban-add-column", "ADD COLUMN"),
    ("ban-add-enum-value", "ADD VALUE"),
    ("ban-add-composite-attribute", "ADD ATTRIBUTE"),
    ("ban-alter-identity", "A change of an identity column"),
    ("ban-alter-generated-expression", "A change of a generated column"),
    ("ban-alter-sequence-values", "ALTER SEQUENCE"),
    ("ban-alter-row-level-security", "A change of row level security"),
    ("ban-alter-policy-condition", "Another condition of a policy"),
    ("ban-alter-policy-roles", "Other roles of a policy"),
    ("ban-alter-function-options", "Other options of a function"),
    ("ban-alter-view-options", "Other options of a view"),
    ("ban-alter-role-options", "Other options of a role"),
    ("ban-alter-database-options", "Other options of a database"),
    ("ban-alter-system-options", "ALTER SYSTEM"),
    ("ban-alter-extension", "ALTER EXTENSION"),
    ("ban-create-policy", "CREATE POLICY"),
    ("ban-replace-view-function", "CREATE OR REPLACE"),
    ("ban-replica-identity", "REPLICA IDENTITY"),
    ("ban-new-write-restriction", "A new restriction of what may be written"),
    ("ban-detach-inheritance", "NO INHERIT"),
    ("ban-disable-trigger", "DISABLE TRIGGER"),
    ("ban-revoke", "REVOKE"),
)


def _rule(level: Level, name: str, title: str, hint: str = "") -> Rule:
    return Rule(name, "postgres", level, title, "", hint, squawk=True)


RULES = (
    *(_rule(Level.ERROR, *row) for row in _ERROR),
    *(_rule(Level.WARNING, *row) for row in _WARNING),
    *(_rule(Level.NOTE, *row) for row in _NOTE),
    *(_rule(Level.OFF, *row) for row in _OFF),
)
# A rollback is meant to drop what the up made; that it reads or writes a whole table matters all the same.
IN_DOWNS = word_set(
    "require-concurrent-index-creation require-concurrent-reindex require-concurrent-partition-detach "
    "constraint-missing-not-valid adding-foreign-key-constraint disallowed-unique-constraint "
    "adding-serial-primary-key-field adding-not-nullable-field adding-field-with-default adding-required-field "
    "changing-column-type ban-truncate-cascade ban-drop-database ban-duplicate-column-assignments"
)
