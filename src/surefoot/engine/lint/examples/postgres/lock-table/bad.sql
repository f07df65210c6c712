LOCK TABLE orders; -- found
UPDATE orders SET total = 0 WHERE id = 1;
