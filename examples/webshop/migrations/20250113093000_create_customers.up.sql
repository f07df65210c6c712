CREATE TABLE customers (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email         text NOT NULL CHECK (email LIKE '%_@_%'),
    registered_at timestamptz NOT NULL DEFAULT now(),
    full_name     text NOT NULL,
    CONSTRAINT customers_full_name_trimmed CHECK (full_name = btrim(full_name) AND full_name <> '')
);

-- Nobody should get a second account by typing an address in capitals.
CREATE UNIQUE INDEX customers_email_key ON customers (lower(email));
