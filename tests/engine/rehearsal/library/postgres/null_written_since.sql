-- verdict: failing
-- finds: failure down: 
-- base
CREATE TABLE t (id integer PRIMARY KEY, s text NOT NULL);
-- up
ALTER TABLE t ALTER COLUMN s DROP NOT NULL;
-- down
ALTER TABLE t ALTER COLUMN s SET NOT NULL;
