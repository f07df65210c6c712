"""Statements that would reach beyond a shadow: other servers, the machine, or what its server's other users share."""

from __future__ import annotations

import re
from collections.abc import Sequence

from surefoot.engine.model import Statement
from surefoot.errors import ShadowFailed

_COMMENT = re.compile(r"--[^\n]*|/\*(?:[^*]|\*(?!/))*\*/")
# Wherever they stand, in a DO block too: what they reach is real on any server.
_ELSEWHERE = re.compile(
    r"\bCREATE\s+SUBSCRIPTION\b(?!.*\bconnect\s*=\s*'?(?:false|off|0)\b)"
    r"|\bALTER\s+SUBSCRIPTION\b.*\b(?:ENABLE|REFRESH|CONNECTION|SET|ADD|DROP)\b"
    r"|\bdblink(?:_connect\w*|_exec|_open|_send_query)?\s*\(",
    re.IGNORECASE | re.DOTALL,
)
# The server runs as the user who rehearses, or is one that others use.
_MACHINE = re.compile(
    r"\bCOPY\b[^;]*\b(?:(?:FROM|TO)\s+PROGRAM\b|TO\s+E?')|\b(?:lo_export|pg_file_(?:write|rename|unlink))\s*\(",
    re.IGNORECASE,
)
# Of the whole server: beside real databases they are as real as those.
_SHARED = re.compile(
    r"\b(?:CREATE|ALTER|DROP)\s+(?:ROLE|GROUP|DATABASE|TABLESPACE|SYSTEM|USER(?!\s+MAPPING))\b"
    r"|\bDROP\s+OWNED\b|\bREASSIGN\s+OWNED\b"
    r"|\b(?:COMMENT|LABEL)\b[^;]*\bON\s+(?:ROLE|DATABASE|TABLESPACE)\b"
    r"|\b(?:GRANT|REVOKE)\b[^;]*\bON\s+(?:DATABASE|TABLESPACE|PARAMETER)\b"
    r"|\b(?:GRANT|REVOKE)\s(?:(?!\bON\b)[^;])*?\b(?:TO|FROM)\b"
    r"|\bpg_(?:terminate|cancel)_backend\b|\bpg_reload_conf\b",
    re.IGNORECASE,
)


def refuse_beyond(statements: Sequence[Statement], *, shared: bool) -> None:
    """Raise ShadowFailed for the first statement that would reach beyond the shadow.

    On a server that is `shared` with others this is also what changes the server as a whole: roles, other databases.
    """
    for statement in statements:
        text = _COMMENT.sub(" ", statement.sql)
        if _ELSEWHERE.search(text):
            raise _refusal(statement, "would connect to another server", "It cannot be rehearsed: try it by hand.")
        if _MACHINE.search(text):
            what = "would run a program or write a file on the server's machine"
            raise _refusal(statement, what, "It cannot be rehearsed: try it by hand.")
        if shared and _SHARED.search(text):
            raise _refusal(
                statement,
                "changes the server as a whole, which others use",
                'Rehearse on a server of our own: shadow = "local", without shadow_url.',
            )


def _refusal(statement: Statement, what: str, hint: str) -> ShadowFailed:
    return ShadowFailed(
        f"{statement.path}:{statement.line}: this statement {what}: it is not run on a shadow.",
        hint=hint,
        file=statement.path,
        line=statement.line,
        statement=statement.sql[:2000],
    )
