-- verdict: lossy
-- finds: loss customers
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers (id),
    total numeric NOT NULL DEFAULT 0,
    note text
);
-- up
INSERT OR IGNORE INTO customers VALUES (1000000, 'a@example.org');
-- down
SELECT 1;
