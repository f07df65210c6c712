-- verdict: lossy
-- finds: loss public.orders: 3 of 3 (price)
-- base
CREATE FUNCTION price(integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT $1';
CREATE TABLE orders (id integer PRIMARY KEY, net integer NOT NULL, price integer GENERATED ALWAYS AS (price(net)) STORED);
-- up
CREATE OR REPLACE FUNCTION price(integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT $1 + 1';
UPDATE orders SET net = net;
-- down
CREATE OR REPLACE FUNCTION price(integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT $1';
