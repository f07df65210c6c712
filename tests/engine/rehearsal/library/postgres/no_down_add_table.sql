-- verdict: irreversible
-- finds: way back: DROP TABLE public.orders
-- up
CREATE TABLE orders (id integer PRIMARY KEY, total numeric(10, 2) NOT NULL);
COMMENT ON TABLE orders IS 'What customers buy';
