-- verdict: different
-- finds: role clerk: added
-- own server: yes
-- up
DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'clerk') THEN CREATE ROLE clerk; END IF; END $$;
-- down
SELECT 1;
