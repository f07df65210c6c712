-- verdict: different
-- finds: comment column public.orders.note: removed
-- finds: loss public.orders
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
COMMENT ON COLUMN orders.note IS 'Free text';
-- up
ALTER TABLE orders DROP COLUMN note;
-- down
ALTER TABLE orders ADD COLUMN note text;
