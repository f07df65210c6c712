ALTER TABLE orders ADD COLUMN currency text;
-- next migration
UPDATE orders SET currency = 'EUR' WHERE currency IS NULL;
