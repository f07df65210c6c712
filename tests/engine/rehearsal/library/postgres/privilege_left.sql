-- verdict: different
-- finds: privilege table public.orders to PUBLIC: added
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
-- up
GRANT SELECT ON orders TO PUBLIC;
-- down
SELECT 1;
