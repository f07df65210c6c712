-- verdict: different
-- finds: index public.orders_pair: changed
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
CREATE INDEX orders_pair ON orders (customer_id, id);
-- up
DROP INDEX orders_pair;
-- down
CREATE INDEX orders_pair ON orders (id, customer_id);
