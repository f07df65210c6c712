-- verdict: proven
-- base
CREATE FUNCTION seen() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
-- up
CREATE EVENT TRIGGER watch ON sql_drop EXECUTE FUNCTION seen();
-- down
DROP EVENT TRIGGER watch;
