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
INSERT INTO customers VALUES (1000000, 'a@example.org'), (1000001, 'b@example.org');
-- down
DELETE FROM customers WHERE id IN (1000000, 1000001);
