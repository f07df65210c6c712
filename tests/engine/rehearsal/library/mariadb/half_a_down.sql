-- verdict: failing
-- finds: failure down:
-- base
CREATE TABLE t (id int primary key, a int);
-- up
ALTER TABLE t ADD b int;
-- down
ALTER TABLE t DROP b; ALTER TABLE t DROP nix;
