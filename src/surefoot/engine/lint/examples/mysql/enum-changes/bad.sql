ALTER TABLE orders MODIFY status enum('new', 'packed', 'paid') NOT NULL; -- found
