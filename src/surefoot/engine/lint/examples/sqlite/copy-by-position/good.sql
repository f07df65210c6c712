CREATE TABLE orders_copy (id INTEGER PRIMARY KEY, note TEXT, total INTEGER);
INSERT INTO orders_copy (id, note, total) SELECT id, note, total FROM orders;
