-- verdict: proven
-- finds: excuse constraint public.t.t_s
-- base
CREATE TABLE t (id integer PRIMARY KEY, s varchar(9), CONSTRAINT t_s CHECK (s IN ('a', 'b')));
-- up
ALTER TABLE t DROP CONSTRAINT t_s;
-- down
UPDATE t SET s = NULL WHERE s NOT IN ('a', 'b');
ALTER TABLE t ADD CONSTRAINT t_s CHECK (s::text = ANY (ARRAY['a'::varchar, 'b'::varchar]::text[]));
