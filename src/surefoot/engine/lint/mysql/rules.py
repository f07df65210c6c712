"""Rules for MariaDB and MySQL."""

from __future__ import annotations

import re
from itertools import pairwise

from surefoot.engine.findings import Level
from surefoot.engine.lint.command import Command, Tokens, has
from surefoot.engine.lint.model import BOTH_WAYS, Parsed, Rule, Scope
from surefoot.engine.lint.mysql.columns import (
    attributes,
    column_type,
    definition,
    enum_values,
    is_key,
    redefinitions,
)

_DEFINES = ("CREATE", "ALTER", "DROP", "RENAME", "TRUNCATE")
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_UNSAFE_ENGINES = frozenset({"MYISAM", "ARIA", "MEMORY", "CSV", "ARCHIVE", "BLACKHOLE"})
_OLD_UTF8 = frozenset({"UTF8", "UTF8MB3"})
_MONEY = re.compile(r"(?:^|_)(?:price|amount|total|balance|cost|fee|salary|money|discount|tax|vat)(?:$|_)")
_LENGTH = re.compile(r"VARCHAR\((\d+)\)")
# Up to so many characters of utf8mb4 a length takes one byte in each row, beyond that two.
_SHORT = 63
_LOST = ("NOT NULL", "DEFAULT", "COMMENT", "AUTO_INCREMENT", "ON UPDATE", "CHARACTER SET", "COLLATE")


def _loses(parsed: Parsed, scope: Scope) -> str:
    table = parsed.tree.name
    for each in redefinitions(parsed):
        old = definition(table, each.column, (*scope.earlier(), *scope.before(parsed)))
        if old is None:
            continue
        new, had = attributes(each.definition), attributes(old)
        lost = [word for word in _LOST if word in had and word not in new]
        if "NOT NULL" in lost and ("NULL" in new or is_key(table, each.column, scope.earlier())):
            lost.remove("NOT NULL")
        if lost:
            return f"{table}.{each.column} had {' and '.join(lost)}, which this leaves out, and so takes away."
    return ""


def _copies(parsed: Parsed, scope: Scope) -> str:
    command: Command = parsed.tree
    if command.name in scope.created or {"ALGORITHM", "LOCK"}.intersection(command.keys):
        return ""
    why = next((why for why, words in _COPYING.items() for part in command.parts if has(part, *words)), "")
    why = why or next((_FOREIGN_KEY for part in command.parts if _adds_foreign_key(part)), "")
    why = why or _type_change(parsed, scope)
    return f"{why} may copy all of {command.name} while writes wait, and nothing says that it must not." if why else ""


_COPYING = {
    "CONVERT TO CHARACTER SET": ("CONVERT", "TO"),
    "DROP PRIMARY KEY": ("DROP", "PRIMARY", "KEY"),
}
_FOREIGN_KEY = "ADD FOREIGN KEY"


def _adds_foreign_key(part: Tokens) -> bool:
    return part[:1] != () and part[0].key == "ADD" and has(part, "FOREIGN", "KEY")


def _type_change(parsed: Parsed, scope: Scope) -> str:
    for each in redefinitions(parsed):
        old = definition(parsed.tree.name, each.column, (*scope.earlier(), *scope.before(parsed)))
        if old is not None and not _fits(column_type(old), column_type(each.definition)):
            return f"{column_type(old)} to {column_type(each.definition)} of {each.column}"
    return ""


def _fits(old: str, new: str) -> bool:
    """Whether the type stays, or is only a longer VARCHAR that needs no other length byte, or a longer ENUM."""
    one, other = _LENGTH.fullmatch(old), _LENGTH.fullmatch(new)
    if one and other:
        shorter, longer = int(one[1]), int(other[1])
        return shorter <= longer and (shorter > _SHORT) == (longer > _SHORT)
    return old == new or old.startswith("ENUM(")


def _enum(parsed: Parsed, scope: Scope) -> str:
    for each in redefinitions(parsed):
        old = definition(parsed.tree.name, each.column, (*scope.earlier(), *scope.before(parsed)))
        before, after = enum_values(old or ()), enum_values(each.definition)
        if not before or not after or after[: len(before)] == before:
            continue
        gone = [value for value in before if value not in after]
        what = f"loses {', '.join(gone)}: rows with it make this fail" if gone else "changes the order of its values"
        return f"{parsed.tree.name}.{each.column} {what}, and all of the table is copied."
    return ""


def _mixed(parsed: Parsed, scope: Scope) -> str:
    every = list(scope.same_way())
    writes = [each for each in every if each.kind in _WRITES and each.tree.name not in scope.created]
    defines = [each for each in every if each.kind.startswith(_DEFINES)]
    if not defines or not writes or parsed is not writes[0]:
        return ""
    line = defines[0].statement.line
    return f"If this fails, the statement on line {line} stays: it commits by itself, and takes what is before with it."


def _separate(parsed: Parsed, scope: Scope) -> str:
    table = parsed.tree.name
    alters = [each for each in scope.same_way() if each.kind == "ALTER TABLE" and each.tree.name == table]
    if table in scope.created or len(alters) < 2 or parsed is not alters[1]:
        return ""
    return f"{len(alters)} ALTER TABLE of {table}: each commits by itself, and may build the table anew."


def _old_utf8(parsed: Parsed, _scope: Scope) -> str:
    keys = parsed.tree.keys
    for at, key in enumerate(keys):
        named = key in _OLD_UTF8 or key.startswith(("UTF8_", "UTF8MB3_"))
        if named and {"SET", "CHARSET", "COLLATE", "="}.intersection(keys[max(0, at - 2) : at]):
            return f"{parsed.tree.tokens[at].text} holds no character beyond U+FFFF: an emoji is an error, or cut off."
    return ""


def _engine(parsed: Parsed, _scope: Scope) -> str:
    keys = [key for key in parsed.tree.keys if key != "="]
    for one, other in pairwise(keys):
        if one == "ENGINE" and other in _UNSAFE_ENGINES:
            return f"{parsed.tree.name} with {other} has no transactions: what fails half-way stays half done."
    return ""


def _money(parsed: Parsed, _scope: Scope) -> str:
    for name, column in parsed.tree.columns().items():
        if column and column[0].key in ("FLOAT", "DOUBLE", "REAL") and _MONEY.search(name):
            return f"{parsed.tree.name}.{name} is {column[0].key}, which cannot hold 0.1: sums come out wrong."
    return ""


def _rename(parsed: Parsed, scope: Scope) -> str:
    command: Command = parsed.tree
    names = [f"table {command.name}"] if command.kind == "RENAME TABLE" else []
    names += [name for part in command.parts if (name := _renamed(command.name, part))]
    if command.name in scope.created or not names:
        return ""
    return f"An application that runs now knows {names[0]} by its old name, and fails."


def _renamed(table: str, part: Tokens) -> str:
    """What a clause of ALTER TABLE gives another name, by its old one."""
    keys = [token.key for token in part]
    words = [token.text.lower() for token in part if token.key not in ("COLUMN", "IF", "EXISTS")]
    if keys[:1] == ["CHANGE"] and len(words) > 2 and words[1] != words[2]:
        return f"column {table}.{words[1]}"
    if keys[:2] == ["RENAME", "COLUMN"]:
        return f"column {table}.{''.join(words[1:2])}"
    return f"table {table}" if keys[:1] == ["RENAME"] and keys[1:2] not in (["INDEX"], ["KEY"]) else ""


def _definer(parsed: Parsed, _scope: Scope) -> str:
    keys = parsed.tree.keys[:8]
    if "DEFINER" not in keys or keys[keys.index("DEFINER") + 1 :][:1] != ["="]:
        return ""
    who = parsed.tree.tokens[keys.index("DEFINER") + 2]
    if who.key.startswith("CURRENT_"):
        return ""
    return f"It belongs to {who.text}: where that account does not exist, every use of it fails."


def _password(parsed: Parsed, _scope: Scope) -> str:
    tokens = parsed.tree.tokens
    for at, token in enumerate(tokens[:-1]):
        if token.key == "BY" and at and tokens[at - 1].key == "IDENTIFIED" and tokens[at + 1].kind == "text":
            return "A password stands in the migration: in the repository, in the history table, in server logs."
    return ""


RULES = (
    Rule(
        "modify-loses-attributes",
        "mysql",
        Level.ERROR,
        "MODIFY or CHANGE that leaves out what the column had",
        "Both define the column anew: a NOT NULL, DEFAULT, COMMENT or AUTO_INCREMENT that is not written again is "
        "gone, and nobody is told.",
        "Repeat everything that the column has. If it is to go, say so: NULL, DEFAULT NULL, or ALTER COLUMN ... DROP "
        "DEFAULT.",
        ("ALTER TABLE",),
        _loses,
        BOTH_WAYS,
    ),
    Rule(
        "alter-may-copy",
        "mysql",
        Level.WARNING,
        "An ALTER TABLE that copies the table, and does not say how far it may go",
        "Without ALGORITHM and LOCK the server takes the best way that there is, and where that is a copy of the whole "
        "table, it copies, and lets writes wait.",
        "Add ALGORITHM=INPLACE, LOCK=NONE: where that is not possible, the statement fails at once and changes "
        "nothing. Then choose: ALGORITHM=COPY in a quiet hour, or a new column that is filled in batches.",
        ("ALTER TABLE",),
        _copies,
        BOTH_WAYS,
    ),
    Rule(
        "enum-changes",
        "mysql",
        Level.WARNING,
        "An ENUM whose old values do not come first",
        "New values at the end are added in a moment. Any other change writes the whole table anew, and a value that "
        "is taken away has to be gone from the rows first.",
        "Add new values behind the old ones.",
        ("ALTER TABLE",),
        _enum,
    ),
    Rule(
        "rows-behind-ddl",
        "mysql",
        Level.NOTE,
        "DDL and writes to existing rows in one migration",
        "Each DDL statement commits, so that the migration cannot be rolled back as a whole. Surefoot goes on where it "
        "failed, but what is done stays done.",
        "Make it two migrations: the change of the schema, then the work on the rows.",
        _WRITES,
        _mixed,
    ),
    Rule(
        "separate-alters",
        "mysql",
        Level.NOTE,
        "Several ALTER TABLE of one table",
        "Each may build the table anew, and a failure leaves the table between two of them.",
        "One ALTER TABLE with all clauses, separated by commas: it happens as a whole or not at all.",
        ("ALTER TABLE",),
        _separate,
    ),
    Rule(
        "old-utf8",
        "mysql",
        Level.WARNING,
        "The character set utf8 or utf8mb3",
        "It has at most three bytes a character. Emoji, many names in Chinese, and some symbols do not fit in.",
        "utf8mb4.",
        ("CREATE TABLE", "ALTER TABLE", "CREATE DATABASE", "ALTER DATABASE"),
        _old_utf8,
    ),
    Rule(
        "engine-without-transactions",
        "mysql",
        Level.WARNING,
        "A storage engine without transactions",
        "A write that fails half-way stays half done, a crash can break the table, and foreign keys are read and "
        "forgotten.",
        "ENGINE=InnoDB, or leave ENGINE out.",
        ("CREATE TABLE", "ALTER TABLE"),
        _engine,
    ),
    Rule(
        "float-money",
        "mysql",
        Level.NOTE,
        "Money as FLOAT or DOUBLE",
        "They hold fractions of two, not of ten: 0.1 + 0.2 is not 0.3, and a comparison fails.",
        "DECIMAL(19, 4), or whole cents as BIGINT.",
        ("CREATE TABLE",),
        _money,
    ),
    Rule(
        "rename",
        "mysql",
        Level.WARNING,
        "A table or column gets another name",
        "The application that runs during the migration still uses the old one.",
        "Add the new one, let a release write both, move the rows, and drop the old one. A view can stand in for a "
        "table.",
        ("ALTER TABLE", "RENAME TABLE"),
        _rename,
    ),
    Rule(
        "explicit-definer",
        "mysql",
        Level.WARNING,
        "A view, trigger or routine with a DEFINER that is written down",
        "The account exists on the server where the file was dumped. Elsewhere the object is made, and its first use "
        "fails; and where it is root's, everybody acts as root.",
        "Leave DEFINER out: it is then the account that migrates. SQL SECURITY INVOKER uses the caller's rights.",
        ("CREATE VIEW", "CREATE TRIGGER", "CREATE PROCEDURE", "CREATE FUNCTION", "CREATE EVENT"),
        _definer,
        BOTH_WAYS,
    ),
    Rule(
        "password-in-migration",
        "mysql",
        Level.WARNING,
        "A password in a migration",
        "It is in the repository for ever, and in Surefoot's history on each target.",
        "Make accounts outside of the migrations, and only grant here.",
        ("CREATE USER", "ALTER USER", "GRANT"),
        _password,
        BOTH_WAYS,
    ),
)
