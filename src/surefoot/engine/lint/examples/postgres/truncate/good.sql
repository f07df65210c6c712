CREATE TABLE visits_before AS SELECT * FROM visits;
DELETE FROM visits WHERE id <= 10000;
