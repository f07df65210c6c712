CREATE TABLE accounts (
    id uuid CONSTRAINT accounts_pkey PRIMARY KEY,
    email text NOT NULL,
    email_key text NOT NULL CONSTRAINT accounts_email_key_key UNIQUE,
    name text NOT NULL,
    password_hash text,
    password_changed_at timestamptz,
    verified_at timestamptz NOT NULL,
    failures integer NOT NULL DEFAULT 0 CONSTRAINT accounts_failures_check CHECK (failures >= 0),
    password_off_since timestamptz,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz,
    version integer NOT NULL DEFAULT 1
);
COMMENT ON TABLE accounts IS 'People. An account comes to be once its mailbox is proven, never before';
COMMENT ON COLUMN accounts.email IS 'As its owner wrote it';
COMMENT ON COLUMN accounts.email_key IS 'The same, normalised: by this it is unique and found';
COMMENT ON COLUMN accounts.password_hash IS 'argon2id; none where the person signs in otherwise';
COMMENT ON COLUMN accounts.failures IS 'Wrong passwords since the last right one';
COMMENT ON COLUMN accounts.password_off_since IS 'Too many wrong passwords: it is off until a reset';
COMMENT ON COLUMN accounts.version IS 'Grows with each edit of what its owner may edit';

CREATE TABLE sessions (
    id uuid CONSTRAINT sessions_pkey PRIMARY KEY,
    digest bytea NOT NULL CONSTRAINT sessions_digest_key UNIQUE,
    account_id uuid NOT NULL CONSTRAINT sessions_account_id_fkey REFERENCES accounts ON DELETE CASCADE,
    methods text[] NOT NULL,
    began_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    proven_at timestamptz,
    address text NOT NULL,
    agent text NOT NULL,
    device text NOT NULL
);
COMMENT ON TABLE sessions IS 'Who is signed in. A session that is ended is no longer here';
COMMENT ON COLUMN sessions.digest IS 'SHA-256 of what the browser holds';
COMMENT ON COLUMN sessions.proven_at IS 'When the person last proved who they are with the strongest factor they have; null for not yet';
CREATE INDEX sessions_account_id_idx ON sessions (account_id);
CREATE INDEX sessions_began_at_idx ON sessions (began_at);
CREATE INDEX sessions_seen_at_idx ON sessions (seen_at);

CREATE TABLE sign_in_places (
    account_id uuid NOT NULL CONSTRAINT sign_in_places_account_id_fkey REFERENCES accounts ON DELETE CASCADE,
    place bytea NOT NULL,
    seen_at timestamptz NOT NULL,
    CONSTRAINT sign_in_places_pkey PRIMARY KEY (account_id, place)
);
COMMENT ON TABLE sign_in_places IS 'From where and with what people signed in: a new place is told to them';
COMMENT ON COLUMN sign_in_places.place IS 'SHA-256 of the device and the network';
CREATE INDEX sign_in_places_seen_at_idx ON sign_in_places (seen_at);

CREATE TABLE link_tokens (
    digest bytea CONSTRAINT link_tokens_pkey PRIMARY KEY,
    purpose text NOT NULL
        CONSTRAINT link_tokens_purpose_check CHECK (purpose IN ('setup', 'verify', 'reset', 'email-change')),
    subject text NOT NULL,
    email text NOT NULL,
    account_id uuid CONSTRAINT link_tokens_account_id_fkey REFERENCES accounts ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,
    CONSTRAINT link_tokens_purpose_subject_key UNIQUE (purpose, subject)
);
COMMENT ON TABLE link_tokens IS 'Links that were mailed: each works once, and one at a time for each purpose and subject';
COMMENT ON COLUMN link_tokens.digest IS 'SHA-256 of the token in the link';
COMMENT ON COLUMN link_tokens.subject IS 'The normalised address, or the account';
CREATE INDEX link_tokens_account_id_idx ON link_tokens (account_id);
CREATE INDEX link_tokens_expires_at_idx ON link_tokens (expires_at);

CREATE TABLE challenges (
    digest bytea CONSTRAINT challenges_pkey PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT challenges_account_id_fkey REFERENCES accounts ON DELETE CASCADE,
    methods text[] NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE challenges IS 'Sign-ins that wait for a second factor';
COMMENT ON COLUMN challenges.methods IS 'What was proven so far';
CREATE INDEX challenges_account_id_idx ON challenges (account_id);
CREATE INDEX challenges_expires_at_idx ON challenges (expires_at);
