-- verdict: lossy
-- finds: loss r:
-- base
CREATE VIRTUAL TABLE r USING rtree(id, x0, x1); INSERT INTO r VALUES (1, 1, 2), (2, 3, 4);
-- up
DELETE FROM r WHERE id = 1;
-- down
INSERT INTO r VALUES (1, 1, 3);
