-- verdict: different
-- finds: sequence public.t_ids: changed
-- base
CREATE TABLE t (id integer);
CREATE SEQUENCE t_ids OWNED BY t.id;
-- up
ALTER SEQUENCE t_ids OWNED BY NONE;
-- down
SELECT 1;
