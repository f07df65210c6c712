-- A schema with one of nearly everything, several owners, and privileges. {owner}, {app} and {reader} are roles.
CREATE SCHEMA sales AUTHORIZATION {owner};
CREATE SCHEMA "Odd Name";
CREATE EXTENSION vector;
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA sales GRANT SELECT ON TABLES TO {reader};
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO {app};
CREATE TYPE sales.state AS ENUM ('new', 'paid', 'it''s odd');
CREATE DOMAIN sales.positive AS integer CHECK (VALUE > 0) NOT NULL DEFAULT 1;
CREATE TYPE sales.pair AS (a integer, b text);
CREATE TYPE sales.span AS RANGE (subtype = float8, multirange_type_name = sales.spans);
CREATE COLLATION sales.posix (locale = 'C');
CREATE SEQUENCE sales.numbers AS integer START 10 INCREMENT 5 CACHE 3 CYCLE MAXVALUE 1000;
CREATE TABLE sales.customers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text COLLATE sales.posix NOT NULL UNIQUE,
    dropped integer,
    state sales.state DEFAULT 'new',
    number integer DEFAULT nextval('sales.numbers'),
    amount sales.positive,
    doubled numeric GENERATED ALWAYS AS (number * 2) STORED,
    picture vector(3),
    seen timestamptz DEFAULT '2024-06-01 12:00+02',
    CONSTRAINT sane CHECK (email <> '')
);
ALTER TABLE sales.customers DROP COLUMN dropped;
ALTER TABLE sales.customers ALTER COLUMN email SET STATISTICS 500, ALTER COLUMN email SET STORAGE EXTERNAL;
ALTER TABLE sales.customers ADD CONSTRAINT later CHECK (number < 5000) NOT VALID;
ALTER TABLE sales.customers OWNER TO {owner};
CREATE TABLE sales.orders (
    id bigserial, placed date NOT NULL, customer bigint REFERENCES sales.customers ON DELETE CASCADE DEFERRABLE,
    PRIMARY KEY (id, placed)
) PARTITION BY RANGE (placed);
CREATE TABLE sales.orders_2024 PARTITION OF sales.orders FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE sales.orders_rest PARTITION OF sales.orders DEFAULT WITH (fillfactor = 70);
CREATE INDEX orders_customer ON sales.orders (customer) INCLUDE (placed);
CREATE INDEX customers_lower ON sales.customers (lower(email)) WHERE state = 'paid';
CREATE UNLOGGED TABLE "Odd Name"."Mixed Table" (a integer, b text, EXCLUDE USING gist (int4range(a, a, '[]') WITH &&));
CREATE TABLE sales.parents (a integer NOT NULL);
CREATE TABLE sales.children (b text) INHERITS (sales.parents);
CREATE VIEW sales.paid WITH (security_barrier) AS SELECT id, email FROM sales.customers WHERE state = 'paid';
CREATE MATERIALIZED VIEW sales.totals AS SELECT state, count(*) FROM sales.customers GROUP BY state;
CREATE UNIQUE INDEX totals_state ON sales.totals (state);
CREATE MATERIALIZED VIEW sales.waiting AS SELECT * FROM sales.totals WITH NO DATA;
CREATE FUNCTION sales.twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE SET search_path = sales AS 'SELECT $1 * 2';
CREATE FUNCTION sales.atomic(a integer) RETURNS integer LANGUAGE sql BEGIN ATOMIC SELECT a + 1; SELECT a + 2; END;
CREATE FUNCTION sales.touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.seen := now(); RETURN NEW; END$$;
CREATE PROCEDURE sales.clean() LANGUAGE plpgsql AS $$BEGIN DELETE FROM sales.parents; END$$;
CREATE AGGREGATE sales.product(integer) (SFUNC = int4mul, STYPE = integer, INITCOND = '1');
CREATE OPERATOR sales.=== (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq);
CREATE CAST (sales.pair AS text) WITH INOUT;
CREATE TRIGGER touching BEFORE UPDATE ON sales.customers FOR EACH ROW EXECUTE FUNCTION sales.touch();
ALTER TABLE sales.customers DISABLE TRIGGER touching;
CREATE RULE quiet AS ON DELETE TO sales.parents DO INSTEAD NOTHING;
CREATE STATISTICS sales.both (dependencies) ON state, number FROM sales.customers;
CREATE TEXT SEARCH CONFIGURATION sales.words (COPY = pg_catalog.english);
CREATE FUNCTION sales.watch() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$;
CREATE EVENT TRIGGER watching ON ddl_command_end WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION sales.watch();
CREATE PUBLICATION everything FOR TABLE sales.customers WHERE (id > 5);
CREATE FOREIGN DATA WRAPPER far;
CREATE SERVER away FOREIGN DATA WRAPPER far OPTIONS (host 'db.example.com');
CREATE USER MAPPING FOR {app} SERVER away OPTIONS (user 'app', password 'it''s (secret)');
CREATE FOREIGN TABLE sales.far_orders (id bigint OPTIONS (column_name 'key')) SERVER away;
ALTER TABLE sales.customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE sales.customers FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON sales.customers FOR SELECT TO {app} USING (number > 0);
GRANT USAGE ON SCHEMA sales TO {app}, {reader} WITH GRANT OPTION;
GRANT SELECT, UPDATE (email) ON sales.customers TO {app};
GRANT EXECUTE ON FUNCTION sales.twice(integer) TO {app};
REVOKE ALL ON FUNCTION sales.twice(integer) FROM PUBLIC;
GRANT SELECT ON sales.parents TO PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
COMMENT ON TABLE sales.customers IS 'who buys; "quoted" and
on two lines';
COMMENT ON COLUMN sales.customers.email IS 'its address';
COMMENT ON CONSTRAINT sane ON sales.customers IS 'not empty';
COMMENT ON SCHEMA sales IS 'sales';
INSERT INTO sales.customers (email) SELECT i || '@example.com' FROM generate_series(1, 40) i;
REFRESH MATERIALIZED VIEW sales.totals;
ANALYZE sales.customers;
