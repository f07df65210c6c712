CREATE TABLE orders_new (id INTEGER PRIMARY KEY, total INTEGER NOT NULL);
INSERT INTO orders_new (id, total) SELECT id, total FROM orders;
DROP TABLE orders;
ALTER TABLE orders_new RENAME TO orders;
CREATE INDEX orders_total ON orders (total);
