-- verdict: proven
-- finds: warning sequence-moved
-- base
CREATE SEQUENCE numbers;
-- up
SELECT nextval('numbers');
-- down
SELECT 1;
