-- verdict: failing
-- finds: failure up: 
-- up
INSERT INTO nowhere VALUES (1);
-- down
SELECT 1;
