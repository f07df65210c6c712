-- verdict: different
-- finds: privilege view public.v to PUBLIC: removed
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
CREATE VIEW v AS SELECT id FROM orders;
GRANT SELECT ON v TO PUBLIC;
-- up
DROP VIEW v;
CREATE VIEW v AS SELECT id, note FROM orders;
-- down
DROP VIEW v;
CREATE VIEW v AS SELECT id FROM orders;
