-- verdict: different
-- finds: column public.t.b: changed
-- base
CREATE TABLE t (a integer, b integer GENERATED ALWAYS AS (a + 1) STORED);
-- up
ALTER TABLE t DROP COLUMN b;
-- down
ALTER TABLE t ADD COLUMN b integer GENERATED ALWAYS AS (a + 2) STORED;
