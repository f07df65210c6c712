CREATE TABLE totp_factors (
    id uuid CONSTRAINT totp_factors_pkey PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT totp_factors_account_id_fkey REFERENCES accounts ON DELETE CASCADE,
    sealed_id uuid NOT NULL CONSTRAINT totp_factors_sealed_id_fkey REFERENCES sealed,
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0,
    used_at timestamptz
);
COMMENT ON TABLE totp_factors IS 'Authenticator apps: at most one that counts and one that waits to be confirmed, for each account';
COMMENT ON COLUMN totp_factors.sealed_id IS 'The secret, in the vault';
COMMENT ON COLUMN totp_factors.confirmed_at IS 'Null until a first code proved that the app holds the secret; until then it counts for nothing';
COMMENT ON COLUMN totp_factors.last_step IS 'The period of 30 s whose code was taken last; it and those before it are taken no more';
CREATE INDEX totp_factors_sealed_id_idx ON totp_factors (sealed_id);
CREATE UNIQUE INDEX totp_factors_confirmed_key ON totp_factors (account_id) WHERE confirmed_at IS NOT NULL;
CREATE UNIQUE INDEX totp_factors_waiting_key ON totp_factors (account_id) WHERE confirmed_at IS NULL;

CREATE TABLE recovery_codes (
    digest bytea CONSTRAINT recovery_codes_pkey PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT recovery_codes_account_id_fkey REFERENCES accounts ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    used_at timestamptz
);
COMMENT ON COLUMN recovery_codes.digest IS 'SHA-256 of the account and the code, which has 120 random bits';
CREATE INDEX recovery_codes_account_id_idx ON recovery_codes (account_id);

CREATE TABLE passkeys (
    id uuid CONSTRAINT passkeys_pkey PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT passkeys_account_id_fkey REFERENCES accounts ON DELETE CASCADE,
    credential_id bytea NOT NULL CONSTRAINT passkeys_credential_id_key UNIQUE,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    name text NOT NULL,
    transports text[] NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz
);
COMMENT ON COLUMN passkeys.public_key IS 'In the form of COSE (RFC 9052)';
COMMENT ON COLUMN passkeys.sign_count IS 'What the authenticator counted last; 0 where it does not count. It never goes back';
CREATE INDEX passkeys_account_id_idx ON passkeys (account_id);

CREATE TABLE passkey_challenges (
    digest bytea CONSTRAINT passkey_challenges_pkey PRIMARY KEY,
    purpose text NOT NULL
        CONSTRAINT passkey_challenges_purpose_check CHECK (purpose IN ('register', 'sign-in', 'second-factor', 'step-up')),
    account_id uuid CONSTRAINT passkey_challenges_account_id_fkey REFERENCES accounts ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,
    CONSTRAINT passkey_challenges_account_check CHECK ((purpose = 'sign-in') = (account_id IS NULL))
);
COMMENT ON TABLE passkey_challenges IS 'What authenticators were asked to sign; taken out with the first answer, right or wrong';
COMMENT ON COLUMN passkey_challenges.digest IS 'SHA-256 of the challenge';
CREATE INDEX passkey_challenges_expires_at_idx ON passkey_challenges (expires_at);
CREATE INDEX passkey_challenges_account_id_idx ON passkey_challenges (account_id);
