-- verdict: lossy
-- finds: loss public.tags: 3 of 3
-- base
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total numeric(10, 2) NOT NULL DEFAULT 0,
    note text
);
CREATE TABLE tags (id integer PRIMARY KEY, tag text);
-- up
DROP TABLE tags;
-- down
CREATE TABLE tags (id integer PRIMARY KEY, tag text);
