CREATE TABLE identities (
    id uuid CONSTRAINT identities_pkey PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT identities_account_id_fkey REFERENCES accounts ON DELETE CASCADE,
    provider text NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    email text,
    linked_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT identities_issuer_subject_key UNIQUE (issuer, subject)
);
COMMENT ON TABLE identities IS 'Who people are at providers that they may sign in with';
COMMENT ON COLUMN identities.provider IS 'Its name in the operator''s file when it was linked, for people to read';
COMMENT ON COLUMN identities.subject IS 'With the issuer, who it is for ever; an e-mail address never is';
COMMENT ON COLUMN identities.email IS 'What the provider said last, where it was verified';
CREATE INDEX identities_account_id_idx ON identities (account_id);

CREATE TABLE social_attempts (
    digest bytea CONSTRAINT social_attempts_pkey PRIMARY KEY,
    provider text NOT NULL,
    purpose text NOT NULL CONSTRAINT social_attempts_purpose_check CHECK (purpose IN ('sign-in', 'link')),
    account_id uuid CONSTRAINT social_attempts_account_id_fkey REFERENCES accounts ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,
    CONSTRAINT social_attempts_account_check CHECK ((purpose = 'sign-in') = (account_id IS NULL))
);
COMMENT ON TABLE social_attempts IS 'Ways to a provider and back that have begun; each comes back once';
COMMENT ON COLUMN social_attempts.digest IS 'SHA-256 of the cookie''s secret, from which state, nonce and verifier are derived';
COMMENT ON COLUMN social_attempts.account_id IS 'Whose identity is to be linked';
CREATE INDEX social_attempts_expires_at_idx ON social_attempts (expires_at);
CREATE INDEX social_attempts_account_id_idx ON social_attempts (account_id);
