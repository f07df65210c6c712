CREATE TABLE orders_copy (id INTEGER PRIMARY KEY, note TEXT, total INTEGER);
INSERT INTO orders_copy SELECT * FROM orders; -- found
