-- verdict: failing
-- finds: failure up: 
-- finds: warning up-needs-empty-tables
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
-- up
ALTER TABLE orders ADD COLUMN code text NOT NULL;
-- down
ALTER TABLE orders DROP COLUMN code;
