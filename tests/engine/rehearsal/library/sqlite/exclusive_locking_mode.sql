-- verdict: proven
-- up
PRAGMA locking_mode = EXCLUSIVE;
CREATE TABLE x (a);
-- down
DROP TABLE x;
