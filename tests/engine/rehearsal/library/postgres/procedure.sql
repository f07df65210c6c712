-- verdict: proven
-- up
CREATE PROCEDURE tidy() LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
-- down
DROP PROCEDURE tidy();
