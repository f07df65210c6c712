-- verdict: proven
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
CREATE VIEW totals AS SELECT customer_id FROM orders;
-- up
CREATE OR REPLACE VIEW totals AS SELECT customer_id, total FROM orders;
-- down
DROP VIEW totals;
CREATE VIEW totals AS SELECT customer_id FROM orders;
