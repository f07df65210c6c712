-- verdict: different
-- finds: column t.id: changed
-- base
CREATE TABLE t (id int primary key auto_increment, a varchar(20));
-- up
ALTER TABLE t MODIFY id bigint auto_increment;
-- down
ALTER TABLE t MODIFY id int;
