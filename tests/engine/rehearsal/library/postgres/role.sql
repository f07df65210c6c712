-- verdict: proven
-- own server: yes
-- up
CREATE ROLE clerk CREATEDB;
-- down
DROP ROLE clerk;
