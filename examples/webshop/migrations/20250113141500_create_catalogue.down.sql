DROP TABLE products;
DROP TABLE categories;
DROP DOMAIN amount_cents;
