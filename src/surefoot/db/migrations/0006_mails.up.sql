CREATE TABLE mails (
    id uuid NOT NULL,
    recipient text NOT NULL,
    template text NOT NULL,
    sealed uuid,
    message_id text,
    state text NOT NULL DEFAULT 'queued',
    attempts integer NOT NULL DEFAULT 0,
    reason text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    CONSTRAINT mails_pkey PRIMARY KEY (id),
    CONSTRAINT mails_state_known CHECK (state IN ('queued', 'sent', 'failed')),
    CONSTRAINT mails_sealed_while_queued CHECK ((state = 'queued') = (sealed IS NOT NULL)),
    CONSTRAINT mails_ended CHECK ((state = 'queued') = (ended_at IS NULL))
);
CREATE INDEX mails_created_at ON mails (created_at);
COMMENT ON TABLE mails IS 'Mails to people: to be sent, sent, or given up';
COMMENT ON COLUMN mails.sealed IS 'What fills the template, links with their tokens among it; discarded when the mail ends';
COMMENT ON COLUMN mails.message_id IS 'Fixed at the first attempt: sent again after a lost reply, it is the same message';
COMMENT ON COLUMN mails.reason IS 'Why the last attempt failed';
