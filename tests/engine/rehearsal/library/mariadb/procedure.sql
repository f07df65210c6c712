-- verdict: proven
-- up
CREATE PROCEDURE tidy() SELECT 1;
-- down
DROP PROCEDURE tidy;
