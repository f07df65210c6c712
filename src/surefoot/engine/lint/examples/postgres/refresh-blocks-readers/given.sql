CREATE TABLE orders (id bigint PRIMARY KEY, total bigint);
CREATE MATERIALIZED VIEW sales AS SELECT id, total FROM orders;
CREATE UNIQUE INDEX sales_id ON sales (id);
