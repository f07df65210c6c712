UPDATE orders SET currency = 'EUR' WHERE id BETWEEN 1 AND 5000;
