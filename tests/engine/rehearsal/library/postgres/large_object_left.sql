-- verdict: lossy
-- finds: loss pg_catalog.pg_largeobject: 0 of 0 (), 1 left
-- up
SELECT lo_from_bytea(0, 'seed');
-- down
SELECT 1;
