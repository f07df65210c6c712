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
CREATE TABLE new_customers (id integer PRIMARY KEY, email text);
INSERT INTO new_customers SELECT id, email FROM customers;
DROP TABLE customers;
ALTER TABLE new_customers RENAME TO customers;
-- down
UPDATE customers SET email = '' WHERE email IS NULL;
CREATE TABLE new_customers (id integer PRIMARY KEY, email text NOT NULL);
INSERT INTO new_customers SELECT id, email FROM customers;
DROP TABLE customers;
ALTER TABLE new_customers RENAME TO customers;
