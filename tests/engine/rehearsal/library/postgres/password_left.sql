-- verdict: different
-- finds: role app: changed
-- own server: yes
-- base
CREATE ROLE app;
-- up
ALTER ROLE app PASSWORD 'x';
-- down
SELECT 1;
