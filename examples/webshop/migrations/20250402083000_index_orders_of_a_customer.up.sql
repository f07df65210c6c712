-- "My orders" reads the newest first. The table is written to all day, so the index is built beside the traffic.
CREATE INDEX CONCURRENTLY orders_customer_id_placed_at_idx ON orders (customer_id, placed_at DESC);
