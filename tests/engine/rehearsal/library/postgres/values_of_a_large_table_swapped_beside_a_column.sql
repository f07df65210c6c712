-- verdict: lossy
-- finds: loss public.orders: 6000 of 6000
-- base
CREATE TABLE orders (id integer PRIMARY KEY, note text NOT NULL);
INSERT INTO orders SELECT g, 'note ' || g FROM generate_series(1, 6000) g;
-- up
ALTER TABLE orders ADD extra integer;
UPDATE orders a SET note = b.note FROM orders b WHERE b.id = 3 - a.id AND a.id IN (1, 2);
-- down
ALTER TABLE orders DROP extra;
