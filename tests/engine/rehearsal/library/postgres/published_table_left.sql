-- verdict: different
-- finds: publication
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
CREATE PUBLICATION news;
-- up
ALTER PUBLICATION news SET TABLE orders;
-- down
SELECT 1;
