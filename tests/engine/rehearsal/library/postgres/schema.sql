-- verdict: proven
-- up
CREATE SCHEMA shop;
CREATE TABLE shop.t (n integer);
-- down
DROP TABLE shop.t;
DROP SCHEMA shop;
