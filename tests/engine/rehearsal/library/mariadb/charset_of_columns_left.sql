-- verdict: different
-- base
CREATE TABLE t (id int primary key, a varchar(20)) CHARACTER SET latin1;
-- up
ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4;
-- down
ALTER TABLE t DEFAULT CHARACTER SET latin1;
