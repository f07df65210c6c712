-- verdict: lossy
-- finds: loss orders
-- finds: (note)
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers (id),
    total numeric NOT NULL DEFAULT 0,
    note text
);
-- up
ALTER TABLE orders DROP COLUMN note;
-- down
ALTER TABLE orders ADD COLUMN note text;
