-- The generated column rewrites the table under a lock: a moment for the few thousand products that we have.
ALTER TABLE products ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (
    setweight(to_tsvector('english', name), 'A') || setweight(to_tsvector('english', description), 'B')
) STORED;

-- The GIN index takes longer, so it waits for nobody and nobody waits for it.
CREATE INDEX CONCURRENTLY products_search_idx ON products USING gin (search);

CREATE FUNCTION search_products(phrase text) RETURNS SETOF products
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.*
    FROM products AS p, websearch_to_tsquery('english', phrase) AS query
    WHERE p.active AND p.search @@ query
    ORDER BY ts_rank(p.search, query) DESC, p.id;
END;
