-- verdict: different
-- finds: column t.at: changed
-- base
CREATE TABLE t (id int primary key, at timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp());
-- up
ALTER TABLE t MODIFY at datetime NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp();
-- down
ALTER TABLE t MODIFY at timestamp NOT NULL DEFAULT current_timestamp();
