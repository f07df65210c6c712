CREATE TABLE customers_new (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO customers_new (id) SELECT id FROM customers;
DROP TABLE customers;
ALTER TABLE customers_new RENAME TO customers;
