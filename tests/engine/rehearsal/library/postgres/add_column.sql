-- verdict: proven
-- base
CREATE TABLE orders (id integer PRIMARY KEY, total numeric(10, 2) NOT NULL);
-- up
ALTER TABLE orders ADD COLUMN note text;
-- down
ALTER TABLE orders DROP COLUMN note;
