"""A role that may have one connection only: what needs eyes from outside is refused before it begins."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from surefoot.errors import Unreachable
from tests.engine.crash.bed import Bed


def test_an_index_build_that_nobody_could_watch_is_refused_before_it_begins(
    postgres18_url: str, tmp_path: Path
) -> None:
    with psycopg.connect(postgres18_url, autocommit=True) as connection:
        name = connection.info.dbname
        role = f"single_{name}"
        connection.execute(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 1")
        connection.execute(f"ALTER DATABASE {name} OWNER TO {role}")
        connection.execute(f"ALTER SCHEMA public OWNER TO {role}")
    user = urlsplit(postgres18_url).username or ""
    bed = Bed(postgres18_url.replace(f"//{user}@", f"//{role}@"), tmp_path / "m")
    bed.write({"1_base.up": "CREATE TABLE t (n int);", "2_index.up": "CREATE INDEX CONCURRENTLY i ON t (n);"})
    with pytest.raises(Unreachable, match="No second connection"):
        bed.up()
    with psycopg.connect(postgres18_url, autocommit=True) as connection:
        connection.execute(f"ALTER ROLE {role} CONNECTION LIMIT 2")
    assert bed.up() == ("2",)
    with psycopg.connect(postgres18_url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} OWNER TO {user}")
        connection.execute(f"REASSIGN OWNED BY {role} TO {user}")
        connection.execute(f"DROP ROLE {role}")
