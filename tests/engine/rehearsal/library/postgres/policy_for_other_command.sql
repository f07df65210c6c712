-- verdict: different
-- finds: policy public.orders.own: changed
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
CREATE POLICY own ON orders FOR SELECT USING (true);
-- up
DROP POLICY own ON orders;
-- down
CREATE POLICY own ON orders USING (true);
