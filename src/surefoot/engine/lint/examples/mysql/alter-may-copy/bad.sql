ALTER TABLE orders MODIFY total bigint NOT NULL; -- found
