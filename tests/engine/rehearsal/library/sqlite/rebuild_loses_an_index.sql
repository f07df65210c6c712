-- verdict: different
-- finds: index customers_email: removed
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers (id),
    total numeric NOT NULL DEFAULT 0,
    note text
);
CREATE INDEX customers_email ON customers (email);
-- up
CREATE TABLE new_customers (id integer PRIMARY KEY, email text NOT NULL, name text);
INSERT INTO new_customers (id, email) SELECT id, email FROM customers;
DROP TABLE customers;
ALTER TABLE new_customers RENAME TO customers;
-- down
ALTER TABLE customers DROP COLUMN name;
