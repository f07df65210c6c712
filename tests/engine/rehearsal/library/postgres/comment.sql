-- verdict: proven
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
-- up
COMMENT ON TABLE orders IS 'What they buy';
COMMENT ON COLUMN orders.note IS 'Free text';
-- down
COMMENT ON TABLE orders IS NULL;
COMMENT ON COLUMN orders.note IS NULL;
