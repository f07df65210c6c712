ALTER TABLE orders MODIFY status enum('new', 'paid', 'packed') NOT NULL;
