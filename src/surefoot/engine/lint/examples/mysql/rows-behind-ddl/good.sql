ALTER TABLE orders ADD COLUMN currency varchar(3);
-- next migration
UPDATE orders SET currency = 'EUR' WHERE currency IS NULL;
