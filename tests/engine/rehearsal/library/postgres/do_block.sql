-- verdict: proven
-- up
DO $$ BEGIN EXECUTE 'CREATE TABLE made (n integer)'; END $$;
-- down
DROP TABLE made;
