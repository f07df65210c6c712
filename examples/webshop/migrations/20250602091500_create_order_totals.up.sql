CREATE VIEW order_totals AS
SELECT
    o.id AS order_id,
    c.full_name AS customer_name,
    o.status,
    o.placed_at,
    coalesce(sum(i.total_cents), 0)::bigint AS total_cents
FROM orders AS o
JOIN customers AS c ON c.id = o.customer_id
LEFT JOIN order_items AS i ON i.order_id = o.id
GROUP BY o.id, c.id;
