-- verdict: lossy
-- finds: loss s: 1 of 1 (last_value)
-- base
CREATE SEQUENCE s NOCACHE; SELECT NEXTVAL(s); SELECT NEXTVAL(s);
-- up
CREATE TABLE t (id int);
-- down
DROP TABLE t; ALTER SEQUENCE s RESTART WITH 1;
