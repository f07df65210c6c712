-- verdict: different
-- finds: extension citext: added
-- only: pg18
-- up
CREATE EXTENSION IF NOT EXISTS citext;
CREATE TABLE t (e citext);
-- down
DROP TABLE t;
