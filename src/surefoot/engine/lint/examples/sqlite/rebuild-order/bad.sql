ALTER TABLE customers RENAME TO customers_old; -- found
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO customers (id) SELECT id FROM customers_old;
DROP TABLE customers_old;
