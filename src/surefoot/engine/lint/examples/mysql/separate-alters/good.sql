ALTER TABLE orders ADD COLUMN currency varchar(3), ADD COLUMN total bigint;
