-- verdict: irreversible
-- finds: way back: DROP TABLE
-- up
CREATE TABLE t (id integer PRIMARY KEY);
