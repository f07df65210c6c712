-- verdict: different
-- finds: function f: changed
-- base
CREATE FUNCTION f() RETURNS int DETERMINISTIC RETURN 1;
-- up
DROP FUNCTION f;
-- down
CREATE FUNCTION f() RETURNS int RETURN 1;
