-- verdict: different
-- finds: view public.v: changed
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
CREATE VIEW v AS SELECT id, total FROM orders WHERE total > 0 WITH CHECK OPTION;
-- up
DROP VIEW v;
-- down
CREATE VIEW v AS SELECT id, total FROM orders WHERE total > 0;
