CREATE TABLE payments (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id     bigint NOT NULL REFERENCES orders ON DELETE RESTRICT,
    method       text NOT NULL CHECK (method IN ('card', 'transfer', 'invoice')),
    amount_cents amount_cents NOT NULL,
    reference    text NOT NULL,
    received_at  timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX payments_order_id_idx ON payments (order_id);
