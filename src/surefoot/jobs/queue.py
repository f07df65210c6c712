"""Background work on Procrastinate: jobs that commit with what asked for them and survive crashes."""

from __future__ import annotations

from psycopg.types.json import Jsonb

from surefoot.db.pool import Connection

NAME = "default"


class Queue:
    """Defers jobs. What runs them is a worker."""

    async def defer(
        self, connection: Connection, task: str, *, lock: str | None = None, priority: int = 0, **arguments: object
    ) -> int:
        """Put a job into the queue, in the connection's transaction; returns its number.

        `task` is the name of a registered task; `arguments` are JSON values, and no secrets. Jobs with the same `lock`
        run one after the other.
        """
        cursor = await connection.execute(
            """
            SELECT unnest(procrastinate_defer_jobs_v1(
                ARRAY[ROW(%s, %s, %s, %s, NULL, %s, NULL)::procrastinate_job_to_defer_v1]
            )) AS id
            """,
            (NAME, task, priority, lock, Jsonb(arguments)),
        )
        rows = await cursor.fetchall()
        return int(rows[0]["id"])
