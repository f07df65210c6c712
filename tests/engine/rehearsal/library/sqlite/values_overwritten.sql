-- verdict: lossy
-- finds: loss customers: 3 of 3 (email)
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers (id),
    total numeric NOT NULL DEFAULT 0,
    note text
);
-- up
UPDATE customers SET email = email || '.org';
-- down
SELECT 1;
