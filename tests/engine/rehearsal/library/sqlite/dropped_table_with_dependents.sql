-- verdict: failing
-- finds: failure up: 
-- base
CREATE TABLE p (id integer PRIMARY KEY);
CREATE TABLE c (id integer PRIMARY KEY, p_id integer NOT NULL REFERENCES p (id));
-- up
DROP TABLE p;
-- down
CREATE TABLE p (id integer PRIMARY KEY);
