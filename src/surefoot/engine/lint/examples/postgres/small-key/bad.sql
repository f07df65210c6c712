CREATE TABLE visits (id serial PRIMARY KEY); -- found
