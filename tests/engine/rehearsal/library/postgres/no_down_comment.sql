-- verdict: irreversible
-- finds: way back: COMMENT ON TABLE public.orders IS 'Before'
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
COMMENT ON TABLE orders IS 'Before';
-- up
COMMENT ON TABLE orders IS 'After';
