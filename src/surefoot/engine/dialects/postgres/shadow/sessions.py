"""Sessions on a shadow: how the one that looks differs from the one on which migrations run."""

from __future__ import annotations

from psycopg.conninfo import make_conninfo

from surefoot.engine.dialects.postgres.connect import Connector

# They win over whatever the database or the role sets, so that the same facts always have the same text.
_FIXED = {
    "DateStyle": "ISO,MDY",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "search_path": "pg_catalog",
    "lock_timeout": "30s",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    # Where rows would be hidden from the session, it fails instead.
    "row_security": "off",
    "default_transaction_read_only": "off",
    "default_transaction_isolation": "read\\ committed",
    "session_replication_role": "origin",
    # What it reads would be told late, and count as a scan of the statement that is traced by then.
    "track_counts": "off",
}
_SUPERUSER_ONLY = ("session_replication_role", "track_counts")


def inspector(address: str, *, major: int, superuser: bool, timeout: float) -> Connector:
    """Opens sessions that look: with fixed settings, and out of reach of a migration's event triggers."""
    fixed = {key: value for key, value in _FIXED.items() if superuser or key not in _SUPERUSER_ONLY}
    if superuser and major >= 17:
        fixed["event_triggers"] = "off"
    options = " ".join(f"-c {key}={value}" for key, value in fixed.items())
    return Connector(make_conninfo(address, options=options, application_name="surefoot rehearsal"), timeout=timeout)
