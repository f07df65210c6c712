-- verdict: lossy
-- finds: loss t:
-- base
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
-- up
UPDATE t SET a = rtrim(a);
-- down
SELECT 1;
