DO $$
BEGIN
    IF EXISTS (SELECT FROM orders WHERE total < 0) THEN
        RAISE EXCEPTION 'orders with a negative total';
    END IF;
END $$;
