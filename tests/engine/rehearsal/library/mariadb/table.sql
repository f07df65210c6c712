-- verdict: proven
-- up
CREATE TABLE t (id bigint AUTO_INCREMENT PRIMARY KEY, s varchar(40) NOT NULL DEFAULT 'x') COMMENT 'A table';
-- down
DROP TABLE t;
