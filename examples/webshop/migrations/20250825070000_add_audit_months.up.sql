-- The nightly job calls this, so that a month without a partition cannot happen again.
CREATE FUNCTION add_audit_month(month date) RETURNS void LANGUAGE plpgsql AS $body$
DECLARE
    first_day timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'UTC';
    next_month timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    EXECUTE format(
        $sql$CREATE TABLE IF NOT EXISTS %I PARTITION OF audit_events FOR VALUES FROM (%L) TO (%L);$sql$,
        'audit_events_' || to_char(month, 'YYYY_MM'), first_day, next_month
    );
END;
$body$;

-- August was missed, and its events went to audit_events_other: they have to leave before the month can be added.
CREATE TEMPORARY TABLE missed AS
    SELECT * FROM audit_events_other WHERE occurred_at >= '2025-08-01 00:00+00';
DELETE FROM audit_events_other WHERE occurred_at >= '2025-08-01 00:00+00';

DO $do$
DECLARE
    month date;
BEGIN
    FOREACH month IN ARRAY ARRAY['2025-08-01', '2025-09-01', '2025-10-01', '2025-11-01', '2025-12-01']::date[] LOOP
        PERFORM add_audit_month(month);
    END LOOP;
END;
$do$;

INSERT INTO audit_events SELECT * FROM missed;
DROP TABLE missed;
