-- verdict: failing
-- finds: failure up: 
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers (id),
    total numeric NOT NULL DEFAULT 0,
    note text
);
-- up
ALTER TABLE nowhere ADD COLUMN extra integer;
-- down
SELECT 1;
