-- A view may gain columns at its end without being dropped, so whatever reads it goes on reading.
CREATE OR REPLACE VIEW order_totals AS
SELECT
    o.id AS order_id,
    btrim(c.first_name || ' ' || c.last_name) AS customer_name,
    o.status,
    o.placed_at,
    coalesce(sum(i.total_cents), 0)::bigint AS total_cents,
    (SELECT coalesce(sum(p.amount_cents), 0) FROM payments AS p WHERE p.order_id = o.id)::bigint AS paid_cents
FROM orders AS o
JOIN customers AS c ON c.id = o.customer_id
LEFT JOIN order_items AS i ON i.order_id = o.id
GROUP BY o.id, c.id;
