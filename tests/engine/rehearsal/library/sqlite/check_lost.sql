-- verdict: different
-- finds: t
-- base
CREATE TABLE t (id integer PRIMARY KEY, n integer, CHECK (n > -1000000));
-- up
DROP TABLE t;
CREATE TABLE t (id integer PRIMARY KEY, n integer, CHECK (n > -2000000));
-- down
DROP TABLE t;
CREATE TABLE t (id integer PRIMARY KEY, n integer);
