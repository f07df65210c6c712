ALTER TABLE orders ADD COLUMN currency varchar(3);
ALTER TABLE orders ADD COLUMN total bigint; -- found
