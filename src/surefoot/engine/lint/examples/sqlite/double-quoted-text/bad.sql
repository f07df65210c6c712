CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT DEFAULT "new"); -- found
