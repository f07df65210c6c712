-- verdict: different
-- finds: pragma user_version: changed
-- up
CREATE TABLE t (a);
PRAGMA user_version = 7;
-- down
DROP TABLE t;
