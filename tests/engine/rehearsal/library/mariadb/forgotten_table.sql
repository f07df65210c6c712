-- verdict: failing
-- finds: failure up again: 
-- up
CREATE TABLE a (n integer);
CREATE TABLE b (n integer);
-- down
DROP TABLE a;
