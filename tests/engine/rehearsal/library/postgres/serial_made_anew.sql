-- verdict: lossy
-- finds: loss public.orders_id_seq: 1 of 1 (last_value)
-- base
CREATE TABLE orders (id serial PRIMARY KEY, note text);
-- up
ALTER TABLE orders ALTER id DROP DEFAULT;
DROP SEQUENCE orders_id_seq;
-- down
CREATE SEQUENCE orders_id_seq AS integer OWNED BY orders.id;
ALTER TABLE orders ALTER id SET DEFAULT nextval('orders_id_seq');
