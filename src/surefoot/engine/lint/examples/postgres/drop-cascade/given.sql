CREATE TABLE orders (id bigint PRIMARY KEY, total bigint);
CREATE VIEW big_orders AS SELECT id FROM orders WHERE total > 1000;
