DROP TABLE orders CASCADE; -- found
