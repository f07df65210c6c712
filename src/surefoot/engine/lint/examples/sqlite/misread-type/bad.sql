CREATE TABLE places (id INTEGER PRIMARY KEY, postcode STRING); -- found
