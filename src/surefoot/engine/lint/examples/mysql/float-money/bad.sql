CREATE TABLE orders (id bigint PRIMARY KEY, total_price double NOT NULL); -- found
