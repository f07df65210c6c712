-- verdict: different
-- finds: column public.t.s: changed
-- base
CREATE TABLE t (id integer PRIMARY KEY, s text COLLATE "C");
-- up
ALTER TABLE t ALTER COLUMN s TYPE varchar COLLATE "C";
-- down
ALTER TABLE t ALTER COLUMN s TYPE text;
