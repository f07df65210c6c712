-- verdict: lossy
-- finds: loss shop.orders: 3 of 3
-- base
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id integer PRIMARY KEY, note text);
-- up
ALTER SCHEMA shop RENAME TO store;
-- down
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id integer PRIMARY KEY, note text);
DROP SCHEMA store CASCADE;
