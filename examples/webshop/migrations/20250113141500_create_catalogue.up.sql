-- Money is kept in cents: sums stay exact, and every column refuses a negative amount in the same words.
CREATE DOMAIN amount_cents AS bigint
    CONSTRAINT amount_is_not_negative CHECK (VALUE >= 0);

CREATE TABLE categories (
    id        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parent_id integer REFERENCES categories ON DELETE RESTRICT,
    slug      text NOT NULL UNIQUE,
    name      text NOT NULL
);

CREATE TABLE products (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    category_id integer NOT NULL REFERENCES categories ON DELETE RESTRICT,
    sku         text NOT NULL UNIQUE,
    name        text NOT NULL,
    description text NOT NULL DEFAULT '',
    price_cents amount_cents NOT NULL,
    active      boolean NOT NULL DEFAULT true
);

-- PostgreSQL indexes the referenced side of a foreign key, never the referencing one.
CREATE INDEX categories_parent_id_idx ON categories (parent_id);
CREATE INDEX products_category_id_idx ON products (category_id);
