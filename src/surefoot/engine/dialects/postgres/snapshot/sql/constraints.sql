-- Constraints and indexes.

-- name: constraints
-- Disabled triggers of a foreign key switch it off: nothing else says so.
SELECT con.tableoid AS class, con.oid AS object, 0 AS part,
    CASE WHEN con.conrelid <> 0 THEN 'pg_class'::regclass ELSE 'pg_type'::regclass END::oid AS of_class,
    greatest(con.conrelid, con.contypid) AS of_object,
    'constraint' AS kind, quote_ident(con.conname) AS local,
    CASE con.contype WHEN 'c' THEN 'check' WHEN 'f' THEN 'foreign key' WHEN 'n' THEN 'not null'
        WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'x' THEN 'exclude' WHEN 't' THEN 'trigger' END AS type,
    pg_get_constraintdef(con.oid) AS definition,
    con.convalidated::text AS validated,
    con.conenforced::text AS enforced, -- since 18
    CASE WHEN con.contype = 'f' THEN con.conindid::regclass::text END AS uses_index,
    parent.conrelid::regclass || '.' || quote_ident(parent.conname) AS parent,
    CASE WHEN con.connoinherit AND con.contype IN ('c', 'n') THEN 'true' END AS no_inherit,
    CASE WHEN con.coninhcount > 0
        THEN con.coninhcount || CASE WHEN con.conislocal THEN ', local' ELSE '' END END AS inherited,
    off.triggers AS triggers
FROM pg_constraint con
LEFT JOIN pg_constraint parent ON parent.oid = con.conparentid
LEFT JOIN (
    SELECT tgconstraint,
        string_agg(tgrelid::regclass || ' ' || tgfoid::regproc || ' '
            || CASE tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' ELSE 'always' END, ', '
            ORDER BY tgrelid::regclass::text, tgfoid::regproc::text) AS triggers
    FROM pg_trigger WHERE tgisinternal AND tgconstraint <> 0 AND tgenabled <> 'O' GROUP BY tgconstraint
) off ON off.tgconstraint = con.oid
WHERE con.oid >= 16384;

-- name: indexes
SELECT c.tableoid AS class, c.oid AS object, 0 AS part, c.tableoid AS of_class, i.indrelid AS of_object,
    'index' AS kind, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
    i.indrelid::regclass::text AS table,
    pg_get_indexdef(i.indexrelid) AS definition,
    i.indisvalid::text AS valid,
    CASE WHEN NOT (i.indisready AND i.indislive) THEN 'false' END AS ready,
    quote_ident(con.conname) AS constraint,
    CASE WHEN i.indisclustered THEN 'true' END AS clustered,
    CASE WHEN i.indisreplident THEN 'true' END AS replica_identity,
    CASE WHEN NOT i.indimmediate THEN 'true' END AS deferrable,
    s.spcname AS tablespace,
    CASE WHEN c.reloptions IS NOT NULL
        THEN (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) o) END AS options,
    CASE WHEN i.indexprs IS NOT NULL THEN (
        SELECT string_agg(attnum || ': ' || attstattarget, ', ' ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = i.indexrelid AND attstattarget >= 0
    ) END AS statistics,
    p.inhparent::regclass::text AS parent
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_constraint con ON con.conindid = i.indexrelid AND con.contype IN ('p', 'u', 'x')
LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
LEFT JOIN pg_inherits p ON p.inhrelid = i.indexrelid
WHERE c.oid >= 16384 AND c.relkind IN ('i', 'I') AND c.relpersistence <> 't'
    AND n.nspname <> 'pg_toast';

-- name: statistics rare
SELECT x.tableoid AS class, x.oid AS object, 0 AS part, 'pg_class'::regclass::oid AS of_class, x.stxrelid AS of_object,
    'statistics' AS kind, quote_ident(n.nspname) || '.' || quote_ident(x.stxname) AS name,
    x.stxowner AS owner,
    x.stxrelid::regclass::text AS table,
    pg_get_statisticsobjdef(x.oid) AS definition,
    CASE WHEN x.stxstattarget >= 0 THEN x.stxstattarget::text END AS statistics
FROM pg_statistic_ext x
JOIN pg_namespace n ON n.oid = x.stxnamespace
WHERE x.oid >= 16384;

-- name: policies rare
SELECT p.tableoid AS class, p.oid AS object, 0 AS part, 'pg_class'::regclass::oid AS of_class, p.polrelid AS of_object,
    'policy' AS kind, quote_ident(p.polname) AS local,
    CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
        ELSE 'ALL' END AS command,
    CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END AS mode,
    p.polroles AS roles,
    pg_get_expr(p.polqual, p.polrelid) AS using,
    pg_get_expr(p.polwithcheck, p.polrelid) AS check
FROM pg_policy p
WHERE p.oid >= 16384;
