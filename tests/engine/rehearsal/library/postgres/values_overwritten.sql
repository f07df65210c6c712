-- verdict: lossy
-- finds: loss public.customers: 3 of 3 (email)
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
-- up
UPDATE customers SET email = lower(email) || '.org';
-- down
SELECT 1;
