-- verdict: proven
-- up
CREATE AGGREGATE product(numeric) (SFUNC = numeric_mul, STYPE = numeric, INITCOND = '1');
-- down
DROP AGGREGATE product(numeric);
