-- verdict: different
-- finds: setting server: added
-- own server: yes
-- up
-- surefoot: no-transaction
ALTER SYSTEM SET work_mem = '77MB';
-- down
SELECT 1;
