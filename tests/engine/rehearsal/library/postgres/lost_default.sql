-- verdict: different
-- finds: column public.orders.total: changed
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
-- up
ALTER TABLE orders ALTER COLUMN total DROP DEFAULT;
ALTER TABLE orders ALTER COLUMN total TYPE numeric(12, 2);
-- down
ALTER TABLE orders ALTER COLUMN total TYPE numeric(10, 2);
