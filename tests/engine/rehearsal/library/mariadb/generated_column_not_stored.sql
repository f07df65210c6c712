-- verdict: different
-- finds: column t.g: changed
-- base
CREATE TABLE t (id int primary key, a int, g int AS (a+1) STORED);
-- up
ALTER TABLE t DROP COLUMN g;
-- down
ALTER TABLE t ADD COLUMN g int AS (a+1) VIRTUAL;
