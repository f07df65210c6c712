CREATE FUNCTION order_count() RETURNS bigint LANGUAGE sql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS 'SELECT count(*) FROM orders';
