-- verdict: proven
-- up
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER far FOREIGN DATA WRAPPER nowhere OPTIONS (host 'h');
CREATE FOREIGN TABLE far_orders (id integer) SERVER far;
-- down
DROP FOREIGN TABLE far_orders;
DROP SERVER far;
DROP FOREIGN DATA WRAPPER nowhere;
