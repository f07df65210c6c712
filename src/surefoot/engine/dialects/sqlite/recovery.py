"""What statements leave behind: in their session, and in the database when a run stops while they run."""

from __future__ import annotations

import re

from surefoot.engine.dialects.split import word_set
from surefoot.engine.dialects.target import Judgement, Session, Verdict
from surefoot.engine.model import Statement

# Written to the file, or done at once: a new session has them too, or has no need of them.
_LASTING = word_set(
    "APPLICATION_ID AUTO_VACUUM ENCODING FOREIGN_KEY_CHECK INCREMENTAL_VACUUM INTEGRITY_CHECK JOURNAL_MODE OPTIMIZE "
    "PAGE_SIZE QUICK_CHECK SCHEMA_VERSION SHRINK_MEMORY USER_VERSION WAL_CHECKPOINT"
)
_TEMPORARY = re.compile(r"\btemp(?:orary)?\b", re.IGNORECASE)
# How much of a statement is searched for the word: CREATE TEMPORARY VIEW IF NOT EXISTS "temp"."a name".
_HEAD = 200


def touches_session(statement: Statement) -> bool:
    """Whether the session may be another after it: a setting, an attached database, something temporary."""
    return session_effect(statement) is not Session.NOTHING or statement.words[:1] == ("PRAGMA",)


def session_effect(statement: Statement) -> Session:
    """What the statement leaves behind in its session."""
    words = statement.words
    if words[:1] in (("ATTACH",), ("DETACH",)):
        return Session.REPLAY
    if words[:1] == ("PRAGMA",):
        sets = {"=", "("}.intersection(statement.sql) and not _LASTING.intersection(words[1:3])
        return Session.REPLAY if sets else Session.NOTHING
    temporary = words[:1] == ("CREATE",) and _TEMPORARY.search(statement.sql[:_HEAD])
    return Session.LOST if temporary else Session.NOTHING


def judge(statement: Statement) -> Judgement:
    """Tell whether a statement outside a transaction took effect: those that can be repeated are."""
    words = statement.words
    if words[:1] == ("VACUUM",) and "INTO" in words:
        return Judgement(Verdict.UNKNOWN, "the file that VACUUM INTO writes may be there, whole or in part")
    if words[:1] in (("VACUUM",), ("ATTACH",), ("DETACH",), ("PRAGMA",)):
        return Judgement(Verdict.NOT_DONE, f"{words[0]} can be repeated")
    return Judgement(Verdict.UNKNOWN, "SQLite keeps no trace of it")
