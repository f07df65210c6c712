ALTER TABLE orders ADD COLUMN placed TEXT NOT NULL; -- found
