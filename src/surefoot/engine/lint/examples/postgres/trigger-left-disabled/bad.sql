ALTER TABLE orders DISABLE TRIGGER USER; -- found
UPDATE orders SET total = 0 WHERE id = 1;
