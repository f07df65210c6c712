-- verdict: proven
-- finds: warning up-needs-other-rows
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
-- up
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
-- down
ALTER TABLE orders ALTER COLUMN note DROP NOT NULL;
