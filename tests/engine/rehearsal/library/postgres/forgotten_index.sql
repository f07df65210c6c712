-- verdict: different
-- finds: index public.orders_note: added
-- base
CREATE TABLE orders (id integer PRIMARY KEY, total numeric(10, 2) NOT NULL);
-- up
ALTER TABLE orders ADD COLUMN note text;
CREATE INDEX IF NOT EXISTS orders_note ON orders (total);
-- down
ALTER TABLE orders DROP COLUMN note;
