-- verdict: proven
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
-- up
ALTER TABLE orders ADD CONSTRAINT orders_pair UNIQUE (customer_id, id);
-- down
ALTER TABLE orders DROP CONSTRAINT orders_pair;
