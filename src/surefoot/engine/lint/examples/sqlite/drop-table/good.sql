CREATE TABLE visits_new (id INTEGER PRIMARY KEY, page TEXT);
INSERT INTO visits_new (id) SELECT id FROM visits;
DROP TABLE visits;
ALTER TABLE visits_new RENAME TO visits;
