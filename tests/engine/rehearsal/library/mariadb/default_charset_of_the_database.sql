-- verdict: different
-- finds: schema itself: changed
-- up
ALTER DATABASE CHARACTER SET greek;
-- down
SELECT 1;
