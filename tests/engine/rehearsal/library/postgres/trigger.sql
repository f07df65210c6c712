-- verdict: proven
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
-- up
CREATE TRIGGER touched BEFORE UPDATE OF note ON orders FOR EACH ROW WHEN (NEW.note IS NOT NULL) EXECUTE FUNCTION touch();
-- down
DROP TRIGGER touched ON orders;
