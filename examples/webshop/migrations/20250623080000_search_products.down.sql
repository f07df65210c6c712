DROP FUNCTION search_products(text);
DROP INDEX CONCURRENTLY products_search_idx;
ALTER TABLE products DROP COLUMN search;
