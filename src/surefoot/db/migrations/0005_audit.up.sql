-- The audit trail. What happened stands in audit_events, by months. When a transaction commits, each of its events is
-- appended to the chain of its workspace (audit_links): a hash over everything before it. Nothing here is ever changed;
-- months that are old enough leave through audit_retire alone.

CREATE TABLE audit_events (
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  workspace uuid,
  actor_kind text NOT NULL,
  actor_id uuid,
  actor_label text NOT NULL,
  session uuid,
  token uuid,
  methods text[] NOT NULL,
  action text NOT NULL,
  about text NOT NULL,
  outcome text NOT NULL CONSTRAINT audit_events_outcome CHECK (outcome IN ('done', 'refused', 'failed')),
  reason text NOT NULL,
  before jsonb,
  after jsonb,
  address text NOT NULL,
  agent text NOT NULL,
  request_id text NOT NULL,
  trace_id text NOT NULL,
  node text NOT NULL,
  schema_version smallint NOT NULL,
  digest bytea NOT NULL CONSTRAINT audit_events_digest CHECK (octet_length(digest) = 32),
  CONSTRAINT audit_events_pkey PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);
COMMENT ON TABLE audit_events IS 'Who did what; only added to';
COMMENT ON COLUMN audit_events.workspace IS 'The workspace whose chain it is in; the system''s chain without one';
COMMENT ON COLUMN audit_events.digest IS 'SHA-256 of the other columns as canonical JSON (RFC 8785)';
CREATE INDEX audit_events_by_workspace ON audit_events (workspace, at, id);

-- What no month has a table for, such as the events of a machine whose clock is wrong: none is lost.
CREATE TABLE audit_events_other PARTITION OF audit_events DEFAULT;

CREATE TABLE audit_chains (
  chain uuid CONSTRAINT audit_chains_pkey PRIMARY KEY,
  seq bigint NOT NULL DEFAULT 0,
  hash bytea NOT NULL CONSTRAINT audit_chains_hash CHECK (octet_length(hash) = 32),
  at timestamptz NOT NULL
);
COMMENT ON TABLE audit_chains IS 'The end of each chain: one for each workspace, and the system''s with the nil UUID';

CREATE TABLE audit_links (
  chain uuid NOT NULL,
  seq bigint NOT NULL,
  event uuid NOT NULL,
  event_at timestamptz NOT NULL,
  hash bytea NOT NULL CONSTRAINT audit_links_hash CHECK (octet_length(hash) = 32),
  at timestamptz NOT NULL,
  CONSTRAINT audit_links_pkey PRIMARY KEY (chain, seq),
  CONSTRAINT audit_links_event UNIQUE (event)
);
COMMENT ON COLUMN audit_links.hash IS 'SHA256(hash before || seq || event || SHA256(record)); the first one''s before is SHA256(chain)';
COMMENT ON COLUMN audit_links.at IS 'When it was appended; never before the link before it';

CREATE TABLE audit_checkpoints (
  id uuid CONSTRAINT audit_checkpoints_pkey PRIMARY KEY,
  at timestamptz NOT NULL,
  line text NOT NULL
);
COMMENT ON COLUMN audit_checkpoints.line IS 'As in the file of checkpoints: the ends of the chains that moved, signed';

CREATE TABLE audit_checkpointed (
  chain uuid CONSTRAINT audit_checkpointed_pkey PRIMARY KEY,
  seq bigint NOT NULL
);
COMMENT ON TABLE audit_checkpointed IS 'Up to where each chain is covered by a checkpoint';

CREATE TABLE audit_segments (
  id uuid CONSTRAINT audit_segments_pkey PRIMARY KEY,
  until timestamptz NOT NULL,
  text text NOT NULL,
  signature bytea NOT NULL
);
COMMENT ON TABLE audit_segments IS 'What was retired: the first and last link of each chain and the digest of the exported file, signed';

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- audit_retire says so for the time of its own deletions.
  IF TG_OP = 'DELETE' AND current_setting('surefoot.audit_retires', true) = 'yes' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'The audit trail is only added to: % on % is refused.', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_events_fixed BEFORE UPDATE OR DELETE ON audit_events FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_events_kept BEFORE TRUNCATE ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_events_other_kept BEFORE TRUNCATE ON audit_events_other FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_links_fixed BEFORE UPDATE OR DELETE ON audit_links FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_links_kept BEFORE TRUNCATE ON audit_links FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_checkpoints_fixed BEFORE UPDATE OR DELETE ON audit_checkpoints FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_checkpoints_kept BEFORE TRUNCATE ON audit_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_segments_fixed BEFORE UPDATE OR DELETE ON audit_segments FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_segments_kept BEFORE TRUNCATE ON audit_segments FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

CREATE FUNCTION audit_chain(workspace uuid) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(workspace, '00000000-0000-0000-0000-000000000000');

-- The chains that a transaction adds to are noted as it goes, so that at its end their ends are locked in one order:
-- two transactions that add to the same chains do not wait for one another.
CREATE FUNCTION audit_note() RETURNS trigger LANGUAGE plpgsql SET search_path = platform, pg_temp AS $$
DECLARE
  noted text := coalesce(current_setting('surefoot.audit_chains', true), '');
  chain text := audit_chain(NEW.workspace)::text;
BEGIN
  IF position(chain IN noted) = 0 THEN
    PERFORM set_config('surefoot.audit_chains', noted || ' ' || chain, true);
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER audit_events_note BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION audit_note();

-- At commit, as the owner of the tables: who writes events cannot write links.
CREATE FUNCTION audit_append() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = platform, pg_temp AS $$
DECLARE
  noted text := coalesce(current_setting('surefoot.audit_chains', true), '');
  chains uuid[];
  head audit_chains;
BEGIN
  IF noted <> '' THEN
    chains := string_to_array(ltrim(noted), ' ')::uuid[];
    INSERT INTO audit_chains (chain, hash, at)
      SELECT one, sha256(uuid_send(one)), clock_timestamp() FROM unnest(chains) AS one ORDER BY one
      ON CONFLICT DO NOTHING;
    PERFORM FROM audit_chains WHERE chain = ANY (chains) ORDER BY chain FOR UPDATE;
    PERFORM set_config('surefoot.audit_chains', '', true);
  END IF;
  UPDATE audit_chains
    SET seq = seq + 1, hash = sha256(hash || int8send(seq + 1) || uuid_send(NEW.id) || NEW.digest),
        at = greatest(at, clock_timestamp())
    WHERE chain = audit_chain(NEW.workspace)
    RETURNING * INTO STRICT head;
  INSERT INTO audit_links (chain, seq, event, event_at, hash, at)
    VALUES (head.chain, head.seq, NEW.id, NEW.at, head.hash, head.at);
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER audit_events_append AFTER INSERT ON audit_events DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION audit_append();

-- Makes the tables of a month and of those that follow, where they are missing. A month of which events already came,
-- to audit_events_other, gets none.
CREATE FUNCTION audit_prepare(since timestamptz, months integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = platform, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
  month timestamptz;
  name text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('surefoot.audit_prepare'));
  FOR month IN SELECT date_trunc('month', since) + make_interval(months => n) FROM generate_series(0, months) AS n LOOP
    name := 'audit_events_' || to_char(month, 'YYYY_MM');
    IF to_regclass(name) IS NULL AND NOT EXISTS (
      SELECT FROM audit_events_other WHERE at >= month AND at < month + interval '1 month'
    ) THEN
      -- Made aside and attached: writers of other months do not wait for that.
      EXECUTE format('CREATE TABLE %I (LIKE audit_events INCLUDING CONSTRAINTS)', name);
      EXECUTE format(
        'ALTER TABLE audit_events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        name, month, month + interval '1 month'
      );
      EXECUTE format(
        'CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()', name || '_kept', name
      );
    END IF;
  END LOOP;
END $$;

-- Takes away the links that a signed segment covers, with their events: those that were appended before its end. The
-- only way by which anything leaves the trail; nothing younger than 90 days does.
CREATE FUNCTION audit_retire(segment uuid) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = platform, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
  edge timestamptz;
  empty name[] := '{}';
  part name;
  gone bigint;
  kept boolean;
BEGIN
  SELECT until INTO STRICT edge FROM audit_segments WHERE id = segment;
  IF edge > clock_timestamp() - interval '90 days' THEN
    RAISE EXCEPTION 'Events are kept for 90 days at least: % is too late.', edge USING ERRCODE = 'check_violation';
  END IF;
  PERFORM set_config('surefoot.audit_retires', 'yes', true);
  CREATE TEMPORARY TABLE audit_retired ON COMMIT DROP AS
    WITH gone AS (DELETE FROM audit_links WHERE at < edge RETURNING event, event_at)
    SELECT event, event_at FROM gone;
  GET DIAGNOSTICS gone = ROW_COUNT;
  FOR part IN
    SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = 'audit_events'::regclass
  LOOP
    EXECUTE format(
      'SELECT EXISTS (SELECT FROM %I e LEFT JOIN audit_retired r ON r.event = e.id AND r.event_at = e.at '
      'WHERE r.event IS NULL)', part
    ) INTO kept;
    IF kept OR part = 'audit_events_other' THEN
      EXECUTE format('DELETE FROM %I e USING audit_retired r WHERE r.event = e.id AND r.event_at = e.at', part);
    ELSIF to_timestamp(right(part, 7), 'YYYY_MM') + interval '1 month' <= edge THEN
      empty := empty || part;
    END IF;
  END LOOP;
  -- Last: from here until the end of the transaction nobody else reads or writes the trail.
  FOREACH part IN ARRAY empty LOOP
    EXECUTE format('DROP TABLE %I', part);
  END LOOP;
  DROP TABLE audit_retired;
  PERFORM set_config('surefoot.audit_retires', '', true);
  RETURN gone;
END $$;

-- The log of reads. What a process saw in a short while is written as one batch, with its digest and a signature: it
-- shows what was changed later, and not what a crash kept from being written.

CREATE TABLE access_batches (
  number bigint CONSTRAINT access_batches_pkey PRIMARY KEY,
  at timestamptz NOT NULL,
  reads integer NOT NULL,
  previous bytea NOT NULL,
  hash bytea NOT NULL CONSTRAINT access_batches_hash CHECK (octet_length(hash) = 32),
  signature bytea NOT NULL
);
COMMENT ON COLUMN access_batches.hash IS 'SHA256(hash of the batch before || number || at || SHA256(record) of each read)';

CREATE TABLE access_log (
  batch bigint NOT NULL,
  place integer NOT NULL,
  at timestamptz NOT NULL,
  workspace uuid,
  actor_kind text NOT NULL,
  actor_id uuid,
  actor_label text NOT NULL,
  session uuid,
  token uuid,
  operation text NOT NULL,
  about text NOT NULL,
  address text NOT NULL,
  agent text NOT NULL,
  request_id text NOT NULL,
  CONSTRAINT access_log_pkey PRIMARY KEY (batch, place)
);
CREATE INDEX access_log_by_workspace ON access_log (workspace, at);

CREATE TRIGGER access_batches_fixed BEFORE UPDATE OR DELETE ON access_batches FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER access_batches_kept BEFORE TRUNCATE ON access_batches FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER access_log_fixed BEFORE UPDATE OR DELETE ON access_log FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER access_log_kept BEFORE TRUNCATE ON access_log FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

-- Deletes the batches of before a time; nothing younger than 30 days. The newest batch stays: the next one builds on it.
CREATE FUNCTION access_retire(edge timestamptz) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = platform, pg_temp AS $$
DECLARE
  gone bigint;
  newest bigint := (SELECT max(number) FROM access_batches);
BEGIN
  IF edge > clock_timestamp() - interval '30 days' THEN
    RAISE EXCEPTION 'Reads are kept for 30 days at least: % is too late.', edge USING ERRCODE = 'check_violation';
  END IF;
  PERFORM set_config('surefoot.audit_retires', 'yes', true);
  DELETE FROM access_log l USING access_batches b WHERE b.number = l.batch AND b.at < edge AND b.number < newest;
  DELETE FROM access_batches WHERE at < edge AND number < newest;
  GET DIAGNOSTICS gone = ROW_COUNT;
  PERFORM set_config('surefoot.audit_retires', '', true);
  RETURN gone;
END $$;
