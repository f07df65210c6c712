"""From a dialect to its shadow database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from surefoot.engine.dialects.shadow import Place, Shadow
from surefoot.errors import ConnectionLost, ShadowFailed, UsageError

DIALECTS = {"postgresql": "postgres", "postgres": "postgres", "mariadb": "mysql", "mysql": "mysql"}
DIALECTS |= {"sqlite": "sqlite", "sqlite3": "sqlite"}


def dialect_of(url: str) -> str:
    """The dialect of a database's URL: postgres, mysql or sqlite. Raises UsageError."""
    scheme = url.partition(":")[0].lower()
    if scheme not in DIALECTS:
        known = ", ".join(sorted(DIALECTS))
        raise UsageError(f"{scheme or 'An empty text'} is not a scheme that Surefoot knows.", hint=f"It knows {known}.")
    return DIALECTS[scheme]


def make_shadow(dialect: str, place: Place) -> Shadow:
    """The shadow database of a dialect, not made yet. Each is imported only where it is used.

    Raises UsageError where a server that was named is of another dialect, or there is no target to be beside.
    """
    if place.beside and not place.target_url:
        raise UsageError(
            "There is no target beside which a shadow database could be made.",
            hint='Give --url or set DATABASE_URL, or let it be made elsewhere: shadow = "local", or shadow_url.',
        )
    refuse_another_dialect(dialect, "the target", place.target_url)
    if dialect != "sqlite":
        refuse_another_dialect(dialect, "shadow_url", place.shadow_url)
    if dialect == "postgres":
        from surefoot.engine.dialects.postgres.shadow import PostgresShadow

        return PostgresShadow(place)
    if dialect == "mysql":
        from surefoot.engine.dialects.mysql.shadow import MysqlShadow

        return MysqlShadow(place)
    from surefoot.engine.dialects.sqlite.shadow import SqliteShadow

    return SqliteShadow(place)


def refuse_another_dialect(dialect: str, what: str, url: str | None) -> None:
    """Raise UsageError where the URL is of another dialect; `what` says what it is the URL of."""
    if url and dialect_of(url) != dialect:
        raise UsageError(
            f"The migrations are for {dialect}, and {what} is a database of {dialect_of(url)}.",
            hint="Name one of the same kind, or change `dialect` in surefoot.toml.",
        )


@contextmanager
def opened(dialect: str, place: Place) -> Iterator[Shadow]:
    """A shadow database for as long as the block runs, which works on no other database.

    Raises ShadowFailed, ToolFailed, and Unreachable where the target does not answer.
    """
    shadow = make_shadow(dialect, place)
    try:
        shadow.open()
        with _alive():
            yield shadow
    finally:
        shadow.close()


@contextmanager
def _alive() -> Iterator[None]:
    """Raise ShadowFailed where the shadow is lost: nothing real is."""
    try:
        yield
    except ConnectionLost as error:
        raise ShadowFailed(
            f"The shadow database went away: {error.message}",
            hint="Nothing else was touched. Run it again; where it happens again, see whether its server has the "
            "memory and the room on disk that it needs.",
        ) from error
