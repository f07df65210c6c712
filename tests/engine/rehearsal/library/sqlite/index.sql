-- verdict: proven
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers (id),
    total numeric NOT NULL DEFAULT 0,
    note text
);
-- up
CREATE UNIQUE INDEX orders_pair ON orders (customer_id, id DESC) WHERE total > 0;
-- down
DROP INDEX orders_pair;
