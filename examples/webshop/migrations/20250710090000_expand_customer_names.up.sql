-- Step 1 of 2: the new columns stand beside the old one while both releases of the shop are running.
ALTER TABLE customers
    ADD COLUMN first_name text,
    ADD COLUMN last_name text;

-- Everything before the first space, everything after it: joined again, they give the very same name.
UPDATE customers SET
    first_name = split_part(full_name, ' ', 1),
    last_name = substr(full_name, length(split_part(full_name, ' ', 1)) + 2);

CREATE FUNCTION keep_customer_names_together() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.full_name IS NULL OR (TG_OP = 'UPDATE' AND NEW.full_name = OLD.full_name) THEN
        -- The new release wrote the two parts.
        NEW.full_name := btrim(concat_ws(' ', NEW.first_name, NEW.last_name));
    ELSE
        -- The old release wrote the whole name.
        NEW.first_name := split_part(NEW.full_name, ' ', 1);
        NEW.last_name := substr(NEW.full_name, length(NEW.first_name) + 2);
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER customers_keep_names_together
    BEFORE INSERT OR UPDATE ON customers
    FOR EACH ROW EXECUTE FUNCTION keep_customer_names_together();
