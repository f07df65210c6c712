"""Each pair of the library gets the verdict that it deserves."""

from __future__ import annotations

import pytest

from surefoot.engine.dialects.shadow import Place
from surefoot.engine.rehearsal.shadows import opened
from tests.databases import POSTGRES, Databases, postgres_bin
from tests.engine.rehearsal.cases import Case, cases, told, try_case

POSTGRES_CASES = [
    pytest.param(kind, case, id=f"{kind}-{case.name}")
    for case in cases("postgres")
    for kind in POSTGRES
    if case.only in (None, kind)
]


def expect(dialect: str, place: Place, case: Case) -> None:
    """Rehearse the pair, and hold what is said of it against what should be."""
    with opened(dialect, place) as shadow:
        rehearsed = try_case(shadow, case)
    said = list(told(rehearsed))
    assert (rehearsed.verdict, [text for text in case.finds if not any(text in line for line in said)]) == (
        case.verdict,
        [],
    ), "\n".join([str(rehearsed.verdict), *said])


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "case"), POSTGRES_CASES)
def test_verdict_on_postgres(kind: str, case: Case, databases: Databases) -> None:
    if case.own_server:
        expect("postgres", Place(postgres_bin=postgres_bin(kind)), case)
        return
    server = databases.postgres_server(kind)
    server.start()
    expect("postgres", Place(shadow_url=server.url()), case)


@pytest.mark.slow
@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in cases("mariadb")])
def test_verdict_on_mariadb(case: Case, mariadb_url: str) -> None:
    expect("mysql", Place(shadow_url=mariadb_url), case)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in cases("sqlite")])
def test_verdict_on_sqlite(case: Case) -> None:
    expect("sqlite", Place(), case)
