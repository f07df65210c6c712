"""Forgetting jobs that have ended: a queue that keeps them grows slow."""

from __future__ import annotations

from surefoot.db.pool import Database

_BATCH = 1000
# The failed ones are kept for longer: somebody may want to know why.
_DELETE = """
DELETE FROM procrastinate_jobs WHERE id IN (
    SELECT id FROM procrastinate_jobs job
    WHERE NOT EXISTS (
        SELECT FROM procrastinate_events event WHERE event.job_id = job.id AND event.at >= now() - CASE
            WHEN job.status = 'failed' THEN interval '30 days' ELSE interval '3 days' END
    ) AND status NOT IN ('todo', 'doing')
    LIMIT %s
    FOR UPDATE SKIP LOCKED
)
"""


async def remove_old_jobs(database: Database) -> int:
    """Delete jobs that ended three days ago, or failed a month ago; returns how many. Raises Unavailable."""
    removed = 0
    while True:
        async with database.connection() as connection:
            gone = (await connection.execute(_DELETE, (_BATCH,))).rowcount
        removed += gone
        if gone < _BATCH:
            return removed
