-- verdict: irreversible
-- finds: way back: CREATE INDEX orders_note ON public.orders
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
CREATE INDEX orders_note ON orders (note);
-- up
DROP INDEX orders_note;
