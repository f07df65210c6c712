-- verdict: lossy
-- finds: loss public.orders
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
-- up
ALTER TABLE orders ADD COLUMN kind text NOT NULL DEFAULT 'old';
ALTER TABLE orders ALTER COLUMN kind DROP DEFAULT;
-- down
DELETE FROM orders WHERE kind <> 'old';
ALTER TABLE orders DROP COLUMN kind;
