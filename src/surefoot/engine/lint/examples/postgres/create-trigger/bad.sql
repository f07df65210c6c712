CREATE TRIGGER orders_touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch(); -- found
UPDATE orders SET touched = now() WHERE touched IS NULL;
