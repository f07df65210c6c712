-- verdict: lossy
-- finds: loss public.t
-- finds: (n)
-- base
CREATE TABLE t (id integer PRIMARY KEY, n numeric(10, 2) NOT NULL);
INSERT INTO t VALUES (1000000, 1.25);
-- up
ALTER TABLE t ALTER COLUMN n TYPE integer;
-- down
ALTER TABLE t ALTER COLUMN n TYPE numeric(10, 2);
