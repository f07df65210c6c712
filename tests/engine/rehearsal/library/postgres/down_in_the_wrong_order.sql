-- verdict: failing
-- finds: failure down: 
-- up
CREATE TABLE a (id integer PRIMARY KEY);
CREATE TABLE b (a_id integer REFERENCES a);
-- down
DROP TABLE a;
DROP TABLE b;
