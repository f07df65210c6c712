-- Rows that have been ordered stay protected by their foreign keys: this then stops, and deletes nothing.
DELETE FROM products
WHERE sku IN ('HK-001', 'HK-002', 'HK-003', 'OD-001', 'OD-002', 'KT-001', 'KT-002', 'BK-001');

DELETE FROM categories WHERE slug = 'hiking';
DELETE FROM categories WHERE slug IN ('outdoors', 'kitchen', 'books');
