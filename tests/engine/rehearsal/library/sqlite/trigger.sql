-- verdict: proven
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers (id),
    total numeric NOT NULL DEFAULT 0,
    note text
);
-- up
CREATE TRIGGER touched AFTER UPDATE ON orders BEGIN UPDATE orders SET note = trim(note) WHERE id = NEW.id; END;
-- down
DROP TRIGGER touched;
