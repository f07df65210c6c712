CREATE SCHEMA platform;
COMMENT ON SCHEMA platform IS 'Surefoot''s platform: accounts, workspaces, audit, jobs';
