DROP TABLE device_requests;
DROP TABLE api_tokens;
DROP TABLE invitations;
DROP TABLE members;
DROP FUNCTION keep_an_owner();
DROP TABLE workspaces;
