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
CREATE SCHEMA shop;
ALTER TABLE orders SET SCHEMA shop;
-- down
ALTER TABLE shop.orders SET SCHEMA public;
DROP SCHEMA shop;
