-- verdict: lossy
-- finds: loss public.orders_id_seq: 1 of 1 (last_value)
-- base
CREATE TABLE orders (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text);
-- up
ALTER TABLE orders ALTER id DROP IDENTITY;
-- down
ALTER TABLE orders ALTER id ADD GENERATED ALWAYS AS IDENTITY;
