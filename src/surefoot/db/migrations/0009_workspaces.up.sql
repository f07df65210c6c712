CREATE TABLE workspaces (
  id uuid CONSTRAINT workspaces_key PRIMARY KEY,
  name text NOT NULL,
  slug text NOT NULL CONSTRAINT workspaces_slug UNIQUE,
  require_second_factor boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  version integer NOT NULL DEFAULT 1
);
COMMENT ON COLUMN workspaces.slug IS 'A short name for people; programs use the id';
COMMENT ON COLUMN workspaces.version IS 'Counts changes, for ETags';

CREATE TABLE members (
  workspace_id uuid NOT NULL CONSTRAINT members_workspace REFERENCES workspaces ON DELETE CASCADE,
  account_id uuid NOT NULL CONSTRAINT members_account REFERENCES accounts ON DELETE CASCADE,
  role text NOT NULL CONSTRAINT members_role CHECK (role IN ('owner', 'admin', 'operator', 'reviewer', 'viewer')),
  joined_at timestamptz NOT NULL,
  CONSTRAINT members_key PRIMARY KEY (workspace_id, account_id)
);
CREATE INDEX members_account_id ON members (account_id);

CREATE FUNCTION keep_an_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Whoever takes an owner away waits here for the others who do, and then sees what they left.
  PERFORM FROM workspaces WHERE id = OLD.workspace_id FOR NO KEY UPDATE;
  IF FOUND AND NOT EXISTS (SELECT FROM members WHERE workspace_id = OLD.workspace_id AND role = 'owner') THEN
    RAISE EXCEPTION 'a workspace keeps an owner' USING ERRCODE = 'check_violation', CONSTRAINT = 'members_owner';
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION keep_an_owner() IS 'The last owner of a workspace cannot leave, be removed or be given a lesser role';
CREATE TRIGGER members_owner AFTER UPDATE OR DELETE ON members
  FOR EACH ROW WHEN (OLD.role = 'owner') EXECUTE FUNCTION keep_an_owner();

CREATE TABLE invitations (
  id uuid CONSTRAINT invitations_key PRIMARY KEY,
  workspace_id uuid NOT NULL CONSTRAINT invitations_workspace REFERENCES workspaces ON DELETE CASCADE,
  email text NOT NULL,
  email_key text NOT NULL,
  role text NOT NULL CONSTRAINT invitations_role CHECK (role IN ('owner', 'admin', 'operator', 'reviewer', 'viewer')),
  digest bytea NOT NULL CONSTRAINT invitations_digest UNIQUE,
  invited_by uuid NOT NULL CONSTRAINT invitations_invited_by REFERENCES accounts ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  CONSTRAINT invitations_one_live UNIQUE (workspace_id, email_key)
);
COMMENT ON COLUMN invitations.email_key IS 'The address in the form that two spellings of one have in common';
COMMENT ON COLUMN invitations.digest IS 'SHA-256 of the token in the link';
CREATE INDEX invitations_email_key ON invitations (email_key);
CREATE INDEX invitations_inviter ON invitations (invited_by);

CREATE TABLE api_tokens (
  id uuid CONSTRAINT api_tokens_key PRIMARY KEY,
  account_id uuid CONSTRAINT api_tokens_account REFERENCES accounts ON DELETE CASCADE,
  workspace_id uuid CONSTRAINT api_tokens_workspace REFERENCES workspaces ON DELETE CASCADE,
  name text NOT NULL,
  scopes text[] NOT NULL CONSTRAINT api_tokens_scopes CHECK (cardinality(scopes) > 0),
  prefix text NOT NULL,
  digest bytea NOT NULL CONSTRAINT api_tokens_digest UNIQUE,
  earlier_digest bytea CONSTRAINT api_tokens_earlier_digest UNIQUE,
  earlier_until timestamptz,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  rotated_at timestamptz,
  used_at timestamptz,
  CONSTRAINT api_tokens_one_owner CHECK ((account_id IS NULL) <> (workspace_id IS NULL)),
  CONSTRAINT api_tokens_earlier CHECK ((earlier_digest IS NULL) = (earlier_until IS NULL))
);
COMMENT ON TABLE api_tokens IS 'Personal tokens belong to an account, service tokens to a workspace';
COMMENT ON COLUMN api_tokens.digest IS 'SHA-256 of the token';
COMMENT ON COLUMN api_tokens.earlier_digest IS 'The secret before the last rotation, which is good until earlier_until';
COMMENT ON COLUMN api_tokens.created_by IS 'Who made it, for people: an address';
CREATE INDEX api_tokens_of_account ON api_tokens (account_id, id);
CREATE INDEX api_tokens_of_workspace ON api_tokens (workspace_id, id);

CREATE TABLE device_requests (
  digest bytea CONSTRAINT device_requests_key PRIMARY KEY,
  user_code text NOT NULL CONSTRAINT device_requests_user_code UNIQUE,
  client text NOT NULL,
  scopes text[] NOT NULL,
  address text NOT NULL,
  state text NOT NULL DEFAULT 'pending'
    CONSTRAINT device_requests_state CHECK (state IN ('pending', 'approved', 'denied')),
  account_id uuid CONSTRAINT device_requests_account REFERENCES accounts ON DELETE CASCADE,
  pause integer NOT NULL,
  polled_at timestamptz,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  decided_at timestamptz,
  CONSTRAINT device_requests_decided CHECK ((state = 'pending') = (account_id IS NULL)),
  CONSTRAINT device_requests_decided_at CHECK ((state = 'pending') = (decided_at IS NULL))
);
COMMENT ON TABLE device_requests IS 'Programs that ask for a token and wait for a person to approve it (RFC 8628)';
COMMENT ON COLUMN device_requests.digest IS 'SHA-256 of the device code, which only the program knows';
COMMENT ON COLUMN device_requests.pause IS 'Seconds that the program has to wait between two questions; asking too soon adds five';
CREATE INDEX device_requests_account_id ON device_requests (account_id);
CREATE INDEX device_requests_expiry ON device_requests (expires_at);
