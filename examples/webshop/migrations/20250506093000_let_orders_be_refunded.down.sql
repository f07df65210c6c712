-- PostgreSQL cannot take a value out of an enum, so the type is made anew. Where an order has been refunded the
-- cast fails and nothing changes: what such an order should become is for a person to decide.
ALTER TYPE order_status RENAME TO order_status_with_refunded;
CREATE TYPE order_status AS ENUM ('pending', 'paid', 'shipped', 'cancelled');

ALTER TABLE orders
    ALTER COLUMN status DROP DEFAULT,
    ALTER COLUMN status TYPE order_status USING status::text::order_status,
    ALTER COLUMN status SET DEFAULT 'pending';

DROP TYPE order_status_with_refunded;
