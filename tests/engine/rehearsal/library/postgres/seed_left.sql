-- verdict: lossy
-- finds: loss public.customers
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
-- up
INSERT INTO customers VALUES (1000000, 'a@example.org') ON CONFLICT DO NOTHING;
-- down
SELECT 1;
