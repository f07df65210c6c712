-- verdict: different
-- finds: table public.orders: changed
-- own server: yes
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
CREATE ROLE clerk;
-- up
ALTER TABLE orders OWNER TO clerk;
-- down
SELECT 1;
