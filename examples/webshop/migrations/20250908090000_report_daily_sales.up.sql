CREATE MATERIALIZED VIEW daily_sales AS
SELECT
    (o.placed_at AT TIME ZONE 'UTC')::date AS day,
    p.category_id,
    count(DISTINCT o.id) AS orders,
    sum(i.quantity) AS pieces,
    sum(i.total_cents)::bigint AS total_cents
FROM orders AS o
JOIN order_items AS i ON i.order_id = o.id
JOIN products AS p ON p.id = i.product_id
WHERE o.status IN ('paid', 'shipped')
GROUP BY 1, 2;

-- REFRESH MATERIALIZED VIEW CONCURRENTLY wants a unique index.
CREATE UNIQUE INDEX daily_sales_key ON daily_sales (day, category_id);
