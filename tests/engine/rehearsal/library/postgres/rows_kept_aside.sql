-- verdict: proven
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
-- up
ALTER TABLE orders ADD COLUMN old_note text;
UPDATE orders SET old_note = note, note = upper(note);
-- down
UPDATE orders SET note = old_note WHERE old_note IS NOT NULL OR note IS NULL;
ALTER TABLE orders DROP COLUMN old_note;
