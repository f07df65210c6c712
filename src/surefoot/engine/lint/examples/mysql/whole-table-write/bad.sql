UPDATE orders SET currency = 'EUR'; -- found
