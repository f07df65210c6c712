-- verdict: lossy
-- finds: loss public.orders: 0 of 3 (), 1 left
-- base
CREATE TABLE orders (id serial PRIMARY KEY, note text);
-- up
INSERT INTO orders (note) VALUES ('seed');
-- down
DELETE FROM orders WHERE id = (SELECT max(id) FROM orders);
