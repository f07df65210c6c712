-- Step 2 of 2: the old release is gone, and with it the need for full_name.
DROP TRIGGER customers_keep_names_together ON customers;
DROP FUNCTION keep_customer_names_together();

ALTER TABLE customers
    ALTER COLUMN first_name SET NOT NULL,
    ALTER COLUMN last_name SET NOT NULL;

CREATE OR REPLACE VIEW order_totals AS
SELECT
    o.id AS order_id,
    btrim(c.first_name || ' ' || c.last_name) AS customer_name,
    o.status,
    o.placed_at,
    coalesce(sum(i.total_cents), 0)::bigint AS total_cents
FROM orders AS o
JOIN customers AS c ON c.id = o.customer_id
LEFT JOIN order_items AS i ON i.order_id = o.id
GROUP BY o.id, c.id;

ALTER TABLE customers DROP COLUMN full_name;
