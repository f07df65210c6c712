-- verdict: failing
-- finds: failure down: 
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers (id),
    total numeric NOT NULL DEFAULT 0,
    note text
);
-- up
CREATE INDEX orders_note ON orders (note);
-- down
DROP INDEX orders_note_idx;
