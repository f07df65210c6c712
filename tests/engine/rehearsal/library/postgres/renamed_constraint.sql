-- verdict: different
-- finds: constraint public.orders.orders_sane: removed
-- finds: constraint public.orders.orders_total_sane: added
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
ALTER TABLE orders ADD CONSTRAINT orders_sane CHECK (total > -1000000000);
-- up
ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_sane;
-- down
ALTER TABLE orders ADD CONSTRAINT orders_total_sane CHECK (total > -1000000000);
