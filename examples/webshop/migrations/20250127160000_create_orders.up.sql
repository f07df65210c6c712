CREATE TYPE order_status AS ENUM ('pending', 'paid', 'shipped', 'cancelled');

CREATE TABLE orders (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers ON DELETE RESTRICT,
    status      order_status NOT NULL DEFAULT 'pending',
    placed_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE order_items (
    order_id         bigint NOT NULL REFERENCES orders ON DELETE CASCADE,
    product_id       bigint NOT NULL REFERENCES products ON DELETE RESTRICT,
    quantity         integer NOT NULL CHECK (quantity > 0),
    -- What the customer agreed to pay; the price of the product changes later.
    unit_price_cents amount_cents NOT NULL,
    total_cents      bigint NOT NULL GENERATED ALWAYS AS (quantity * unit_price_cents) STORED,
    PRIMARY KEY (order_id, product_id)
);

CREATE INDEX order_items_product_id_idx ON order_items (product_id);
