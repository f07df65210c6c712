-- Tables, views, sequences and their columns.
--
-- Every query of these files gives objects: which one it is (class, object, part), which one it is a part of (of_class,
-- of_object), its kind, its name (`local`: its name within the one it is a part of), and then its facts, as text.
-- `owner` is a role's OID. A line that ends with `since N` or `before N` is for servers of that major version only.
-- Objects whose OID is below 16384 came with the server.

-- name: tables
SELECT c.tableoid AS class, c.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    CASE c.relkind WHEN 'f' THEN 'foreign table' ELSE 'table' END AS kind,
    quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
    c.relowner AS owner,
    CASE c.relpersistence WHEN 'u' THEN 'unlogged' END AS persistence,
    CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS of_type,
    nullif(am.amname, 'heap') AS access_method,
    s.spcname AS tablespace,
    CASE WHEN c.reloptions IS NOT NULL
        THEN (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) o) END AS options,
    CASE WHEN toast.reloptions IS NOT NULL
        THEN (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(toast.reloptions) o) END AS toast_options,
    CASE WHEN c.relrowsecurity THEN 'true' END AS row_security,
    CASE WHEN c.relforcerowsecurity THEN 'true' END AS force_row_security,
    CASE c.relreplident WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full' WHEN 'i' THEN 'index' END AS replica_identity,
    CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
    CASE WHEN c.relispartition THEN p.parents END AS partition_of,
    CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS partition_bound,
    CASE WHEN p.detaching THEN 'true' END AS detach_pending, -- since 14
    CASE WHEN NOT c.relispartition THEN p.parents END AS inherits,
    fs.srvname::text AS server,
    ft.ftoptions AS foreign_options
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid AND toast.reloptions IS NOT NULL
LEFT JOIN pg_am am ON am.oid = c.relam
LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
LEFT JOIN pg_foreign_table ft ON ft.ftrelid = c.oid
LEFT JOIN pg_foreign_server fs ON fs.oid = ft.ftserver
LEFT JOIN (
    SELECT inhrelid, string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno) AS parents,
        bool_or(inhdetachpending) AS detaching, -- since 14
        count(*)
    FROM pg_inherits GROUP BY inhrelid
) p ON p.inhrelid = c.oid
WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't';

-- name: views rare
SELECT c.tableoid AS class, c.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    CASE c.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END AS kind,
    quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
    c.relowner AS owner,
    btrim(pg_get_viewdef(c.oid), E' \n;') AS definition,
    CASE WHEN c.reloptions IS NOT NULL
        THEN (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) o) END AS options,
    CASE WHEN toast.reloptions IS NOT NULL
        THEN (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(toast.reloptions) o) END AS toast_options,
    CASE c.relpersistence WHEN 'u' THEN 'unlogged' END AS persistence,
    nullif(am.amname, 'heap') AS access_method,
    s.spcname AS tablespace,
    CASE WHEN c.relkind = 'm' THEN
        CASE c.relreplident WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full' WHEN 'i' THEN 'index' END
    END AS replica_identity,
    CASE WHEN c.relkind = 'm' THEN c.relispopulated::text END AS populated
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid AND toast.reloptions IS NOT NULL
LEFT JOIN pg_am am ON am.oid = c.relam
LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
WHERE c.oid >= 16384 AND c.relkind IN ('v', 'm') AND c.relpersistence <> 't';

-- name: sequences
-- Those of identity columns are facts of their column. A position is data.
SELECT c.tableoid AS class, c.oid AS object, 0 AS part, o.refclassid AS of_class, o.refobjid AS of_object,
    'sequence' AS kind, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
    c.relowner AS owner,
    format_type(s.seqtypid, NULL) AS type, s.seqstart::text AS start, s.seqincrement::text AS increment,
    s.seqmin::text AS min, s.seqmax::text AS max, s.seqcache::text AS cache, s.seqcycle::text AS cycle,
    CASE c.relpersistence WHEN 'u' THEN 'unlogged' END AS persistence,
    o.refobjid::regclass::text || '.' || quote_ident(a.attname) AS owned_by
FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_depend o ON o.classid = c.tableoid AND o.objid = c.oid AND o.objsubid = 0
    AND o.refclassid = c.tableoid AND o.deptype IN ('a', 'i')
LEFT JOIN pg_attribute a ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid
WHERE c.oid >= 16384 AND c.relpersistence <> 't' AND o.deptype IS DISTINCT FROM 'i';

-- name: columns
SELECT c.tableoid AS class, c.oid AS object, a.attnum AS part, c.tableoid AS of_class, c.oid AS of_object,
    'column' AS kind, quote_ident(a.attname) AS local,
    format_type(a.atttypid, a.atttypmod) AS type,
    CASE WHEN a.attnotnull THEN 'true' END AS not_null,
    CASE WHEN a.attgenerated = '' THEN d.expression END AS default,
    CASE a.attgenerated WHEN 's' THEN 'STORED' WHEN 'v' THEN 'VIRTUAL' END AS generated,
    CASE WHEN a.attgenerated <> '' THEN d.expression END AS expression,
    CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END AS identity,
    CASE WHEN a.attcollation <> t.typcollation THEN (
        SELECT quote_ident(n.nspname) || '.' || quote_ident(l.collname)
        FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace WHERE l.oid = a.attcollation
    ) END AS collation,
    CASE WHEN a.attstorage <> t.typstorage THEN
        CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END
    END AS storage,
    CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression, -- since 14
    CASE WHEN a.attstattarget >= 0 THEN a.attstattarget::text END AS statistics,
    CASE WHEN a.attoptions IS NOT NULL
        THEN (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(a.attoptions) o) END AS options,
    a.attfdwoptions AS foreign_options,
    CASE WHEN a.attinhcount > 0 THEN a.attinhcount || CASE WHEN a.attislocal THEN ', local' ELSE '' END END AS inherited
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN (
    SELECT adrelid, adnum, pg_get_expr(adbin, adrelid) AS expression FROM pg_attrdef
) d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relpersistence <> 't'
ORDER BY c.oid, a.attnum;
