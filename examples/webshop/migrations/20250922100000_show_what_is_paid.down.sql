-- Taking a column away is another matter: the view is made anew.
DROP VIEW order_totals;

CREATE VIEW order_totals AS
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
