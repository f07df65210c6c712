-- A column comes back at the end of its table only. So the two parts move behind the whole name, where they stood.
ALTER TABLE customers
    ADD COLUMN full_name text,
    ADD COLUMN new_first_name text,
    ADD COLUMN new_last_name text;

UPDATE customers SET
    full_name = btrim(first_name || ' ' || last_name),
    new_first_name = first_name,
    new_last_name = last_name;

CREATE OR REPLACE VIEW order_totals AS
SELECT
    o.id AS order_id,
    c.full_name AS customer_name,
    o.status,
    o.placed_at,
    coalesce(sum(i.total_cents), 0)::bigint AS total_cents
FROM orders AS o
JOIN customers AS c ON c.id = o.customer_id
LEFT JOIN order_items AS i ON i.order_id = o.id
GROUP BY o.id, c.id;

ALTER TABLE customers
    ALTER COLUMN full_name SET NOT NULL,
    ADD CONSTRAINT customers_full_name_trimmed CHECK (full_name = btrim(full_name) AND full_name <> ''),
    DROP COLUMN first_name,
    DROP COLUMN last_name;

ALTER TABLE customers RENAME COLUMN new_first_name TO first_name;
ALTER TABLE customers RENAME COLUMN new_last_name TO last_name;

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
