-- verdict: different
-- finds: schema shop: added
-- up
CREATE SCHEMA IF NOT EXISTS shop;
CREATE TABLE shop.t (n integer);
-- down
DROP TABLE shop.t;
