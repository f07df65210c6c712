-- verdict: different
-- finds: index i: changed
-- base
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); CREATE INDEX i ON t (a) WHERE a > 'b';
-- up
DROP INDEX i;
-- down
CREATE INDEX i ON t (a);
