CREATE TABLE sessions (token TEXT PRIMARY KEY); -- found
