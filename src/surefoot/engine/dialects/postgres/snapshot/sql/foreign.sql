-- Foreign data, and replication. `foreign_options` may hold secrets: they are masked before anybody sees them.

-- name: foreign_data_wrappers rare
SELECT f.tableoid AS class, f.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'foreign data wrapper' AS kind, quote_ident(f.fdwname) AS name,
    f.fdwowner AS owner,
    nullif(f.fdwhandler, 0)::regprocedure::text AS handler,
    nullif(f.fdwvalidator, 0)::regprocedure::text AS validator,
    f.fdwoptions AS foreign_options
FROM pg_foreign_data_wrapper f
WHERE f.oid >= 16384;

-- name: servers rare
SELECT s.tableoid AS class, s.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'server' AS kind, quote_ident(s.srvname) AS name,
    s.srvowner AS owner,
    quote_ident(f.fdwname) AS wrapper,
    s.srvtype AS type,
    s.srvversion AS version,
    s.srvoptions AS foreign_options
FROM pg_foreign_server s
JOIN pg_foreign_data_wrapper f ON f.oid = s.srvfdw
WHERE s.oid >= 16384;

-- name: publications rare
SELECT p.tableoid AS class, p.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'publication' AS kind, quote_ident(p.pubname) AS name,
    p.pubowner AS owner,
    CASE WHEN p.puballtables THEN 'true' END AS all_tables,
    concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
        CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END) AS publish,
    CASE p.pubgencols WHEN 's' THEN 'stored' WHEN 'n' THEN 'none' END AS publish_generated_columns, -- since 18
    p.pubviaroot::text AS publish_via_partition_root
FROM pg_publication p
WHERE p.oid >= 16384;

-- name: publication_tables rare
SELECT r.tableoid AS class, r.oid AS object, 0 AS part, 'pg_class'::regclass::oid AS of_class, r.prrelid AS of_object,
    'publication table' AS kind, r.prrelid::regclass || ' in ' || quote_ident(p.pubname) AS name,
    pg_get_expr(r.prqual, r.prrelid) AS where, -- since 15
    (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) -- since 15
        FROM pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)) AS columns, -- since 15
    quote_ident(p.pubname) AS publication
FROM pg_publication_rel r
JOIN pg_publication p ON p.oid = r.prpubid;

-- name: publication_schemas since 15 rare
SELECT s.tableoid AS class, s.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'publication schema' AS kind, quote_ident(n.nspname) || ' in ' || quote_ident(p.pubname) AS name,
    quote_ident(p.pubname) AS publication
FROM pg_publication_namespace s
JOIN pg_publication p ON p.oid = s.pnpubid
JOIN pg_namespace n ON n.oid = s.pnnspid;

-- name: subscriptions rare
-- Ordinary users may read these columns, and no others.
SELECT 'pg_subscription'::regclass::oid AS class, s.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'subscription' AS kind, quote_ident(s.subname) AS name,
    s.subowner AS owner,
    s.subenabled::text AS enabled,
    s.subslotname::text AS slot_name,
    s.subsynccommit AS synchronous_commit,
    s.subbinary::text AS binary, -- since 14
    s.substream::text AS streaming, -- since 14
    s.subtwophasestate::text AS two_phase, -- since 15
    s.subdisableonerr::text AS disable_on_error, -- since 15
    s.suborigin AS origin, -- since 16
    s.subpasswordrequired::text AS password_required, -- since 16
    s.subrunasowner::text AS run_as_owner, -- since 16
    s.subfailover::text AS failover, -- since 17
    (SELECT string_agg(p, ', ' ORDER BY p) FROM unnest(s.subpublications) p) AS publications
FROM pg_subscription s
WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database());
