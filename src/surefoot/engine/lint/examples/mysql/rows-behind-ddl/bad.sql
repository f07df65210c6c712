ALTER TABLE orders ADD COLUMN currency varchar(3);
UPDATE orders SET currency = 'EUR' WHERE currency IS NULL; -- found
