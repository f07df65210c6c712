-- verdict: different
-- finds: index public.orders_big: changed
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
CREATE INDEX orders_big ON orders (id) WHERE total > 100;
-- up
DROP INDEX orders_big;
-- down
CREATE INDEX orders_big ON orders (id);
