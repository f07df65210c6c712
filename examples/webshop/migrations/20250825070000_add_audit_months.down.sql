-- The events of these months go back to where they were before: the partition for the others.
CREATE TEMPORARY TABLE kept AS
    SELECT * FROM audit_events WHERE occurred_at >= '2025-08-01 00:00+00';

DROP TABLE
    audit_events_2025_08,
    audit_events_2025_09,
    audit_events_2025_10,
    audit_events_2025_11,
    audit_events_2025_12;

DELETE FROM audit_events_other WHERE occurred_at >= '2025-08-01 00:00+00';
INSERT INTO audit_events SELECT * FROM kept;
DROP TABLE kept;

DROP FUNCTION add_audit_month(date);
