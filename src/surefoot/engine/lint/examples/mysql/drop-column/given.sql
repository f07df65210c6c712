CREATE TABLE orders (id bigint PRIMARY KEY, note text, INDEX notes (note(10)));
