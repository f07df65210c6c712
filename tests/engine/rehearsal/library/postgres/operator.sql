-- verdict: proven
-- base
CREATE FUNCTION near(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT abs($1 - $2) < 2';
-- up
CREATE OPERATOR =~= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = near, COMMUTATOR = =~=);
-- down
DROP OPERATOR =~= (integer, integer);
