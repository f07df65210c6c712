CREATE TABLE orders (id bigint PRIMARY KEY, total_price decimal(19, 4) NOT NULL);
