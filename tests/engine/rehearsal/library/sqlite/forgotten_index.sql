-- verdict: different
-- finds: index orders_total: added
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers (id),
    total numeric NOT NULL DEFAULT 0,
    note text
);
-- up
ALTER TABLE orders ADD COLUMN extra text;
CREATE INDEX IF NOT EXISTS orders_total ON orders (total);
-- down
ALTER TABLE orders DROP COLUMN extra;
