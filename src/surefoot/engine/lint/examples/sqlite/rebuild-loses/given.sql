CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER);
CREATE INDEX orders_total ON orders (total);
