-- verdict: proven
-- base
CREATE TYPE pair AS (a integer, b integer);
CREATE FUNCTION as_text(pair) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''pair''';
-- up
CREATE CAST (pair AS text) WITH FUNCTION as_text(pair) AS ASSIGNMENT;
-- down
DROP CAST (pair AS text);
