-- verdict: lossy
-- finds: loss public.customers: 3 of 3
-- finds: loss public.orders: 3 of 3
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
-- up
TRUNCATE customers CASCADE;
-- down
SELECT 1;
