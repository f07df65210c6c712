-- verdict: different
-- finds: column orders.total: changed
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers (id),
    total numeric NOT NULL DEFAULT 0,
    note text
);
-- up
ALTER TABLE orders DROP COLUMN note;
-- down
CREATE TABLE new_orders (id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES customers (id), total numeric NOT NULL, note text);
INSERT INTO new_orders SELECT id, customer_id, total, NULL FROM orders;
DROP TABLE orders;
ALTER TABLE new_orders RENAME TO orders;
