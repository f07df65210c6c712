-- verdict: different
-- finds: procedure p: changed
-- base
CREATE PROCEDURE p() SELECT 'A';
-- up
DROP PROCEDURE p;
-- down
CREATE PROCEDURE p() SELECT 'a';
