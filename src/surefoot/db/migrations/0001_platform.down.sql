DROP SCHEMA platform;
