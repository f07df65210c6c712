CREATE TABLE carts (
    -- The id travels in a cookie before anybody signs in, so it must not be guessable.
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    customer_id bigint REFERENCES customers ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE cart_items (
    cart_id    uuid NOT NULL REFERENCES carts ON DELETE CASCADE,
    product_id bigint NOT NULL REFERENCES products ON DELETE CASCADE,
    quantity   integer NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (cart_id, product_id)
);

CREATE INDEX carts_customer_id_idx ON carts (customer_id);
CREATE INDEX cart_items_product_id_idx ON cart_items (product_id);
