-- verdict: proven
-- finds: warning up-needs-other-rows
-- base
CREATE TABLE t (id integer PRIMARY KEY, yes boolean NOT NULL);
-- up
CREATE UNIQUE INDEX t_yes ON t (yes);
-- down
DROP INDEX t_yes;
