"""What PostgreSQL's manual says of each operation's lock, rewrite and scan is what the tracer measures.

Sources: "Explicit Locking", and the notes of ALTER TABLE, CREATE INDEX, REINDEX, CLUSTER, VACUUM, TRUNCATE, REFRESH
MATERIALIZED VIEW and ALTER DOMAIN. The rows "dangerous" and "safe" are the table of dangerous operations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from surefoot.engine.dialects.postgres.trace_look import MODES
from surefoot.engine.effects import Effect
from tests.databases import POSTGRES, Databases
from tests.engine.postgres.tracing import Bench, bench, locks

ROW_SHARE, ROW_EXCLUSIVE, SHARE_UPDATE, SHARE, SHARE_ROW, EXCLUSIVE, ACCESS_EXCLUSIVE = MODES[1:]

SETUP = """
    CREATE SCHEMA trash;
    CREATE DOMAIN price AS int;
    CREATE TYPE state AS ENUM ('new', 'done');
    CREATE TABLE customers (id int PRIMARY KEY, name text);
    CREATE TABLE orders (
        id int PRIMARY KEY, customer int, total int, code varchar(20), note text, at timestamptz, cost numeric(8, 2),
        paid price, state state, extra int
    );
    CREATE INDEX orders_total ON orders (total);
    CREATE INDEX orders_code ON orders (code);
    CREATE VIEW recent AS SELECT id FROM orders;
    CREATE MATERIALIZED VIEW sums AS SELECT id, extra FROM orders;
    CREATE UNIQUE INDEX sums_id ON sums (id);
    CREATE UNLOGGED TABLE scratch (id int);
    CREATE TABLE events (day int, load int) PARTITION BY RANGE (day);
    CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (10);
    CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (10) TO (20);
    CREATE TABLE loose (day int, load int);
    CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE TRIGGER quiet AFTER INSERT ON orders EXECUTE FUNCTION noop();
    INSERT INTO customers VALUES (1, 'a'), (2, 'b');
    INSERT INTO orders VALUES (1, 1, 1, 'a', 'x', now(), 1, 1, 'new', 1), (2, 2, 2, 'b', 'y', now(), 2, 2, 'new', 2);
    INSERT INTO events VALUES (1), (11);
    INSERT INTO loose VALUES (21);
"""
ORDERS = "public.orders"
ALL_OF_ORDERS = (
    "index public.orders_code",
    "index public.orders_pkey",
    "index public.orders_total",
    "public.orders",
)


@dataclass(frozen=True)
class Operation:
    """`sql` on the database of SETUP (and `first`), and what the manual says of its last statement.

    `locks` has the strongest lock on each relation that it names; others may be locked no more than to be read.
    """

    sql: str
    locks: Mapping[str, str]
    rewrites: tuple[str, ...] = ()
    scans: tuple[str, ...] = ()
    builds: tuple[str, ...] = ()
    first: str = ""
    since: int = 0

    def __str__(self) -> str:
        return " ".join(self.sql.split())[:60]


def alter(action: str, **facts: object) -> Operation:
    """An ALTER TABLE orders, which locks it against everything."""
    return Operation(f"ALTER TABLE orders {action}", {ORDERS: ACCESS_EXCLUSIVE}, **facts)  # type: ignore[arg-type]  # the fields of Operation


DANGEROUS = [
    alter("ALTER note SET NOT NULL", scans=(ORDERS,)),
    alter("ADD CHECK (total > 0)", scans=(ORDERS,)),
    Operation(
        "ALTER TABLE orders ADD FOREIGN KEY (customer) REFERENCES customers",
        {ORDERS: SHARE_ROW, "public.customers": SHARE_ROW},
        scans=("public.customers", ORDERS),
    ),
    Operation("CREATE INDEX ON orders (note)", {ORDERS: SHARE}, scans=(ORDERS,), builds=(ORDERS,)),
    Operation("DROP INDEX orders_total", {ORDERS: ACCESS_EXCLUSIVE, "index public.orders_total": ACCESS_EXCLUSIVE}),
    Operation(
        "REINDEX INDEX orders_total",
        {ORDERS: SHARE, "index public.orders_total": ACCESS_EXCLUSIVE},
        rewrites=("index public.orders_total",),
        scans=(ORDERS,),
        builds=(ORDERS,),
    ),
    alter("ADD UNIQUE (code)", scans=(ORDERS,), builds=(ORDERS,)),
    alter(
        "ADD PRIMARY KEY (total)",
        scans=(ORDERS,),
        builds=(ORDERS,),
        first="ALTER TABLE orders DROP CONSTRAINT orders_pkey",
    ),
    alter("ALTER total TYPE bigint", rewrites=ALL_OF_ORDERS, scans=(ORDERS,), builds=(ORDERS,)),
    alter("ADD COLUMN r float DEFAULT random()", rewrites=ALL_OF_ORDERS, scans=(ORDERS,), builds=(ORDERS,)),
    alter(
        "ADD COLUMN g int GENERATED ALWAYS AS (total * 2) STORED",
        rewrites=ALL_OF_ORDERS,
        scans=(ORDERS,),
        builds=(ORDERS,),
    ),
    Operation(
        "ALTER TABLE events DETACH PARTITION events_1",
        {"public.events": ACCESS_EXCLUSIVE, "public.events_1": ACCESS_EXCLUSIVE},
    ),
    Operation(
        "ALTER TABLE events ATTACH PARTITION loose FOR VALUES FROM (20) TO (30)",
        {"public.events": SHARE_UPDATE, "public.loose": ACCESS_EXCLUSIVE},
        scans=("public.loose",),
    ),
    Operation("ALTER DOMAIN price ADD CHECK (VALUE > 0)", {ORDERS: SHARE}, scans=(ORDERS,)),
    alter("RENAME TO purchases"),
    alter("RENAME total TO amount"),
    alter("DROP COLUMN note"),
    Operation("DROP TABLE loose", {"public.loose": ACCESS_EXCLUSIVE}),
    Operation("UPDATE orders SET total = total + 1", {ORDERS: ROW_EXCLUSIVE}, scans=(ORDERS,)),
    Operation("DELETE FROM orders", {ORDERS: ROW_EXCLUSIVE}, scans=(ORDERS,)),
    alter("ADD EXCLUDE USING btree (code WITH =)", scans=(ORDERS,), builds=(ORDERS,)),
    Operation(
        "CLUSTER orders USING orders_pkey",
        {ORDERS: ACCESS_EXCLUSIVE},
        rewrites=ALL_OF_ORDERS,
        builds=(ORDERS,),
        scans=(ORDERS,),
    ),
    Operation(
        "ALTER TABLE scratch SET LOGGED",
        {"public.scratch": ACCESS_EXCLUSIVE},
        rewrites=("public.scratch",),
        scans=("public.scratch",),
    ),
]
SAFE = [
    alter("ADD CONSTRAINT n NOT NULL note NOT VALID", since=18),
    Operation(
        "ALTER TABLE orders VALIDATE CONSTRAINT n",
        {ORDERS: SHARE_UPDATE},
        scans=(ORDERS,),
        first="ALTER TABLE orders ADD CONSTRAINT n NOT NULL note NOT VALID",
        since=18,
    ),
    alter("ADD CONSTRAINT n CHECK (note IS NOT NULL) NOT VALID"),
    Operation(
        "ALTER TABLE orders VALIDATE CONSTRAINT n",
        {ORDERS: SHARE_UPDATE},
        scans=(ORDERS,),
        first="ALTER TABLE orders ADD CONSTRAINT n CHECK (note IS NOT NULL) NOT VALID",
    ),
    alter("ALTER note SET NOT NULL", first="ALTER TABLE orders ADD CONSTRAINT n CHECK (note IS NOT NULL)"),
    alter("DROP CONSTRAINT n", first="ALTER TABLE orders ADD CONSTRAINT n CHECK (note IS NOT NULL)"),
    Operation(
        "ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (customer) REFERENCES customers NOT VALID",
        {ORDERS: SHARE_ROW, "public.customers": SHARE_ROW},
    ),
    Operation(
        "ALTER TABLE orders VALIDATE CONSTRAINT f",
        {ORDERS: SHARE_UPDATE, "public.customers": ROW_SHARE},
        scans=("public.customers", ORDERS),
        first="ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (customer) REFERENCES customers NOT VALID",
    ),
    Operation("CREATE INDEX ON ONLY events (day)", {"public.events": SHARE}),
    Operation(
        "ALTER INDEX whole ATTACH PARTITION part",
        {"index public.part": ACCESS_EXCLUSIVE},
        first="CREATE INDEX whole ON ONLY events (day); CREATE INDEX part ON events_1 (day)",
    ),
    alter("ADD UNIQUE USING INDEX u", first="CREATE UNIQUE INDEX u ON orders (code)"),
    alter(
        "ADD PRIMARY KEY USING INDEX u",
        first="ALTER TABLE orders DROP CONSTRAINT orders_pkey; CREATE UNIQUE INDEX u ON orders (id)",
    ),
    alter("ALTER code TYPE text"),
    alter("ALTER code TYPE varchar(40)"),
    alter("ALTER note TYPE varchar"),
    alter("ALTER cost TYPE numeric(12, 2)"),
    alter("ALTER at TYPE timestamp", first="SET timezone TO 'UTC'"),
    alter("ADD COLUMN x int"),
    alter("ADD COLUMN x int NOT NULL DEFAULT 1"),
    alter("ADD COLUMN x timestamptz DEFAULT now()"),
    alter("ADD COLUMN x int GENERATED ALWAYS AS (total * 2) VIRTUAL", since=18),
    alter("ALTER note SET DEFAULT ''"),
    alter("ALTER note DROP DEFAULT"),
    alter("ALTER note DROP NOT NULL"),
    Operation(
        "ALTER TABLE events ADD FOREIGN KEY (load) REFERENCES customers NOT VALID",
        {
            "public.events": SHARE_ROW,
            "public.events_1": SHARE_ROW,
            "public.events_2": SHARE_ROW,
            "public.customers": SHARE_ROW,
        },
        since=18,
    ),
    Operation("ALTER DOMAIN price ADD CHECK (VALUE > 0) NOT VALID", {}),
    Operation(
        "ALTER DOMAIN price VALIDATE CONSTRAINT positive",
        {ORDERS: SHARE},
        scans=(ORDERS,),
        first="ALTER DOMAIN price ADD CONSTRAINT positive CHECK (VALUE > 0) NOT VALID",
    ),
    Operation(
        "ALTER TABLE events ATTACH PARTITION loose FOR VALUES FROM (20) TO (30)",
        {"public.events": SHARE_UPDATE, "public.loose": ACCESS_EXCLUSIVE},
        first="ALTER TABLE loose ADD CHECK (day >= 20 AND day < 30 AND day IS NOT NULL)",
    ),
    alter("SET SCHEMA trash"),
    Operation(
        "UPDATE orders SET total = 1 WHERE id BETWEEN 1 AND 1000",
        {ORDERS: ROW_EXCLUSIVE},
        first="SET enable_seqscan = off",
    ),
]
OTHERS = [
    alter("ALTER code TYPE varchar(5)", rewrites=ALL_OF_ORDERS, scans=(ORDERS,), builds=(ORDERS,)),
    alter("ADD COLUMN x serial", rewrites=ALL_OF_ORDERS, scans=(ORDERS,), builds=(ORDERS,)),
    alter("ADD COLUMN x int GENERATED ALWAYS AS IDENTITY", rewrites=ALL_OF_ORDERS, scans=(ORDERS,), builds=(ORDERS,)),
    alter("ADD COLUMN x int UNIQUE", scans=(ORDERS,), builds=(ORDERS,)),
    alter("ALTER note SET STORAGE EXTERNAL"),
    alter("ENABLE ROW LEVEL SECURITY"),
    alter("REPLICA IDENTITY FULL"),
    alter("OWNER TO CURRENT_USER"),
    Operation("ALTER TABLE orders SET (fillfactor = 80)", {ORDERS: SHARE_UPDATE}),
    Operation("ALTER TABLE orders ALTER total SET STATISTICS 100", {ORDERS: SHARE_UPDATE}),
    Operation("ALTER TABLE orders CLUSTER ON orders_pkey", {ORDERS: SHARE_UPDATE}),
    Operation("ALTER TABLE orders DISABLE TRIGGER quiet", {ORDERS: SHARE_ROW}),
    Operation("CREATE TRIGGER t AFTER INSERT ON orders EXECUTE FUNCTION noop()", {ORDERS: SHARE_ROW}),
    Operation("DROP TRIGGER quiet ON orders", {ORDERS: ACCESS_EXCLUSIVE}),
    Operation("CREATE RULE r AS ON DELETE TO orders DO ALSO NOTIFY x", {ORDERS: ACCESS_EXCLUSIVE}),
    Operation("CREATE POLICY p ON orders USING (true)", {ORDERS: ACCESS_EXCLUSIVE}),
    Operation("CREATE STATISTICS s ON id, total FROM orders", {ORDERS: SHARE_UPDATE}),
    Operation("COMMENT ON TABLE orders IS 'x'", {ORDERS: SHARE_UPDATE}),
    Operation("ANALYZE orders", {ORDERS: SHARE_UPDATE}),
    Operation("ALTER INDEX orders_total RENAME TO o", {"index public.orders_total": SHARE_UPDATE}),
    Operation("TRUNCATE orders", {ORDERS: ACCESS_EXCLUSIVE}),
    Operation("CREATE VIEW v AS SELECT * FROM orders", {}),
    Operation("CREATE OR REPLACE VIEW recent AS SELECT id FROM orders", {"view public.recent": ACCESS_EXCLUSIVE}),
    Operation(
        "REINDEX TABLE orders",
        {ORDERS: SHARE, "index public.orders_total": ACCESS_EXCLUSIVE},
        rewrites=ALL_OF_ORDERS[:3],
        scans=(ORDERS,),
        builds=(ORDERS,),
    ),
    Operation(
        "REFRESH MATERIALIZED VIEW sums",
        {"public.sums": ACCESS_EXCLUSIVE},
        rewrites=("index public.sums_id", "public.sums"),
        scans=(ORDERS, "public.sums"),
        builds=("public.sums",),
    ),
    Operation("REFRESH MATERIALIZED VIEW CONCURRENTLY sums", {"public.sums": EXCLUSIVE}, scans=(ORDERS, "public.sums")),
    Operation("LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE", {ORDERS: SHARE_ROW}),
    Operation("SELECT FROM orders WHERE id = 1 FOR UPDATE", {ORDERS: ROW_SHARE}, first="SET enable_seqscan = off"),
    Operation("INSERT INTO orders (id) VALUES (9)", {ORDERS: ROW_EXCLUSIVE}),
    Operation(
        "MERGE INTO orders o USING (VALUES (9)) v (id) ON o.id = v.id WHEN NOT MATCHED THEN INSERT (id) VALUES (v.id)",
        {ORDERS: ROW_EXCLUSIVE},
        first="SET enable_seqscan = off",
    ),
    Operation(
        "DO $$ BEGIN ALTER TABLE orders ALTER total TYPE bigint; END $$",
        {ORDERS: ACCESS_EXCLUSIVE},
        rewrites=ALL_OF_ORDERS,
        scans=(ORDERS,),
        builds=(ORDERS,),
    ),
    Operation(
        "ALTER TABLE events ALTER load TYPE bigint",
        {"public.events": ACCESS_EXCLUSIVE, "public.events_1": ACCESS_EXCLUSIVE, "public.events_2": ACCESS_EXCLUSIVE},
        rewrites=("public.events_1", "public.events_2"),
        scans=("public.events_1", "public.events_2"),
    ),
    Operation(
        "CREATE INDEX ON events (day)",
        {"public.events": SHARE, "public.events_1": SHARE, "public.events_2": SHARE},
        scans=("public.events_1", "public.events_2"),
        builds=("public.events_1", "public.events_2"),
    ),
    Operation("CREATE TABLE fresh (id int PRIMARY KEY, c int REFERENCES customers)", {"public.customers": SHARE_ROW}),
    Operation("CREATE TABLE copied AS SELECT * FROM orders", {}, scans=(ORDERS,)),
    Operation("ALTER TYPE state ADD VALUE 'lost'", {}),
]


@pytest.fixture(scope="module", params=POSTGRES)
def shop(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Bench]:
    """A database for all operations on this server: `carry_out` sets it up anew for each."""
    with databases.postgres(request.param) as url, bench(url) as made:
        yield made


@pytest.mark.parametrize("operation", [*DANGEROUS, *SAFE, *OTHERS], ids=str)
def test_an_operation_does_what_the_manual_says(shop: Bench, operation: Operation) -> None:
    if shop.admin.info.server_version >= operation.since * 10000:
        effect = carry_out(shop, operation)
        assert told_locks(effect, operation) == dict(operation.locks)
        assert effect.rewrites == operation.rewrites
        assert effect.scans == operation.scans
        assert effect.builds == operation.builds


def carry_out(made: Bench, operation: Operation) -> Effect:
    """The effect of the operation; a setting before it belongs to its own session."""
    made.ask(f"DROP SCHEMA IF EXISTS public, trash CASCADE; CREATE SCHEMA public; {SETUP}")
    if operation.first.startswith("SET"):
        return made.trace(f"{operation.first}; {operation.sql}")[-1]
    if operation.first:
        made.ask(operation.first)
    [effect] = made.trace(operation.sql)
    return effect


def told_locks(effect: Effect, operation: Operation) -> dict[str, str]:
    """The strongest lock on each relation; of those that the manual does not mention, tables that are not only read."""
    others = {each: mode for each, mode in locks(effect).items() if mode != MODES[0] and not each.startswith("index")}
    return others | {each: mode for each, mode in locks(effect).items() if each in operation.locks}
