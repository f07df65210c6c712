-- verdict: lossy
-- base
CREATE TABLE p (id int primary key); CREATE TABLE t (id int primary key, p int, CONSTRAINT f FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE);
-- up
CREATE TABLE pk AS SELECT * FROM p; DELETE FROM p;
-- down
INSERT INTO p SELECT * FROM pk; DROP TABLE pk;
