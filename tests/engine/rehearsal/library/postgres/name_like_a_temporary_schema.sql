-- verdict: different
-- finds: constraint public.orders.pg_temp_check: added
-- base
CREATE TABLE orders (id integer PRIMARY KEY, total integer);
-- up
ALTER TABLE orders DROP CONSTRAINT IF EXISTS pg_temp_check;
ALTER TABLE orders ADD CONSTRAINT pg_temp_check CHECK (total = total);
-- down
SELECT 1;
