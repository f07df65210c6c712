-- verdict: lossy
-- finds: loss public.a: 3 of 3
-- finds: loss public.b: 3 of 3
-- base
CREATE TABLE a (id integer PRIMARY KEY);
CREATE TABLE b (id integer PRIMARY KEY, a_id integer NOT NULL REFERENCES a ON DELETE CASCADE);
-- up
DELETE FROM a;
-- down
SELECT 1;
