-- verdict: proven
-- up
CREATE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS 'SELECT n * 2';
-- down
DROP FUNCTION twice(integer);
