-- Schemas, extensions, types, and what makes types work: casts, collations, operators and their classes.

-- name: schemas
SELECT n.tableoid AS class, n.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'schema' AS kind, quote_ident(n.nspname) AS name,
    n.nspowner AS owner
FROM pg_namespace n
WHERE n.nspname = 'public' OR n.oid >= 16384 AND n.nspname NOT LIKE 'pg\_%';

-- name: extensions
SELECT e.tableoid AS class, e.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'extension' AS kind, quote_ident(e.extname) AS name,
    e.extowner AS owner,
    quote_ident(n.nspname) AS schema,
    e.extversion AS version,
    e.extrelocatable::text AS relocatable
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace;

-- name: base_types
SELECT t.tableoid AS class, t.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'type' AS kind, quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS name,
    t.typowner AS owner,
    CASE WHEN t.typtype = 'm' THEN 'multirange' WHEN t.typisdefined THEN 'base' ELSE 'shell' END AS form,
    t.typlen::text AS length,
    t.typbyval::text AS by_value,
    t.typalign::text AS alignment,
    t.typstorage::text AS storage,
    t.typcategory::text AS category,
    t.typispreferred::text AS preferred,
    t.typdelim::text AS delimiter,
    t.typdefault AS default,
    CASE WHEN t.typelem <> 0 THEN format_type(t.typelem, NULL) END AS element,
    CASE WHEN t.typcollation <> 0 THEN 'true' END AS collatable,
    nullif(t.typinput, 0)::regprocedure::text AS input,
    nullif(t.typoutput, 0)::regprocedure::text AS output,
    nullif(t.typreceive, 0)::regprocedure::text AS receive,
    nullif(t.typsend, 0)::regprocedure::text AS send,
    nullif(t.typmodin, 0)::regprocedure::text AS modifiers_in,
    nullif(t.typmodout, 0)::regprocedure::text AS modifiers_out,
    nullif(t.typsubscript, 0)::regprocedure::text AS subscript, -- since 14
    nullif(t.typanalyze, 0)::regprocedure::text AS analyze
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.oid >= 16384 AND t.typtype IN ('b', 'p', 'm') AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid);

-- name: composite_types
-- The row type of a table is an object of its own where somebody said something about it.
SELECT t.tableoid AS class, t.oid AS object, 0 AS part,
    CASE WHEN c.relkind <> 'c' THEN c.tableoid END AS of_class, CASE WHEN c.relkind <> 'c' THEN c.oid END AS of_object,
    'type' AS kind, quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS name,
    t.typowner AS owner,
    CASE c.relkind WHEN 'c' THEN 'composite' ELSE 'row' END AS form,
    CASE c.relkind WHEN 'c' THEN coalesce((
        SELECT string_agg(
            quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) || CASE
                WHEN a.attcollation <> ct.typcollation
                THEN ' COLLATE ' || quote_ident(ln.nspname) || '.' || quote_ident(l.collname) ELSE '' END,
            ', ' ORDER BY a.attnum)
        FROM pg_attribute a
        JOIN pg_type ct ON ct.oid = a.atttypid
        LEFT JOIN pg_collation l ON l.oid = a.attcollation
        LEFT JOIN pg_namespace ln ON ln.oid = l.collnamespace
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    ), '') END AS columns
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_class c ON c.oid = t.typrelid
WHERE t.oid >= 16384 AND t.typtype = 'c' AND c.relpersistence <> 't' AND (
    c.relkind = 'c' OR t.typacl IS NOT NULL
    OR EXISTS (SELECT FROM pg_description d WHERE d.classoid = t.tableoid AND d.objoid = t.oid)
    OR EXISTS (SELECT FROM pg_seclabel l WHERE l.classoid = t.tableoid AND l.objoid = t.oid)
);

-- name: domains rare
SELECT t.tableoid AS class, t.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'domain' AS kind, quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS name,
    t.typowner AS owner,
    format_type(t.typbasetype, t.typtypmod) AS type,
    coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault) AS default,
    CASE WHEN t.typnotnull THEN 'true' END AS not_null,
    CASE WHEN t.typcollation <> b.typcollation THEN (
        SELECT quote_ident(ln.nspname) || '.' || quote_ident(l.collname)
        FROM pg_collation l JOIN pg_namespace ln ON ln.oid = l.collnamespace WHERE l.oid = t.typcollation
    ) END AS collation
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_type b ON b.oid = t.typbasetype
WHERE t.oid >= 16384 AND t.typtype = 'd';

-- name: enums rare
SELECT t.tableoid AS class, t.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'enum' AS kind, quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS name,
    t.typowner AS owner,
    coalesce(
        (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid),
        '') AS labels
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.oid >= 16384 AND t.typtype = 'e';

-- name: ranges rare
SELECT t.tableoid AS class, t.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'type' AS kind, quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS name,
    t.typowner AS owner,
    'range' AS form,
    format_type(r.rngsubtype, NULL) AS subtype,
    quote_ident(cn.nspname) || '.' || quote_ident(oc.opcname) AS operator_class,
    quote_ident(ln.nspname) || '.' || quote_ident(l.collname) AS collation,
    nullif(r.rngcanonical, 0)::regprocedure::text AS canonical,
    format_type(r.rngmultitypid, NULL) AS multirange, -- since 14
    nullif(r.rngsubdiff, 0)::regprocedure::text AS subtype_diff
FROM pg_range r
JOIN pg_type t ON t.oid = r.rngtypid
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_opclass oc ON oc.oid = r.rngsubopc
JOIN pg_namespace cn ON cn.oid = oc.opcnamespace
LEFT JOIN pg_collation l ON l.oid = r.rngcollation
LEFT JOIN pg_namespace ln ON ln.oid = l.collnamespace
WHERE t.oid >= 16384;

-- name: casts rare
SELECT c.tableoid AS class, c.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'cast' AS kind, '(' || format_type(c.castsource, NULL) || ' AS ' || format_type(c.casttarget, NULL) || ')' AS name,
    nullif(c.castfunc, 0)::regprocedure::text AS function,
    CASE c.castcontext WHEN 'e' THEN 'explicit' WHEN 'a' THEN 'assignment' ELSE 'implicit' END AS context,
    CASE c.castmethod WHEN 'f' THEN 'function' WHEN 'i' THEN 'inout' ELSE 'binary' END AS method
FROM pg_cast c
WHERE c.oid >= 16384;

-- name: collations rare
SELECT c.tableoid AS class, c.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'collation' AS kind, quote_ident(n.nspname) || '.' || quote_ident(c.collname)
        || CASE WHEN c.collencoding >= 0 AND c.collencoding <> d.encoding
            THEN ' for ' || pg_encoding_to_char(c.collencoding) ELSE '' END AS name,
    c.collowner AS owner,
    CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'c' THEN 'libc' WHEN 'b' THEN 'builtin' ELSE 'default' END AS provider,
    c.collisdeterministic::text AS deterministic,
    c.collencoding::text AS encoding,
    c.collcollate AS lc_collate,
    c.collctype AS lc_ctype,
    c.colliculocale AS locale, -- since 15 before 17
    c.colllocale AS locale, -- since 17
    c.collicurules AS rules, -- since 16
    c.collversion AS version
FROM pg_collation c
JOIN pg_namespace n ON n.oid = c.collnamespace
JOIN pg_database d ON d.datname = current_database()
WHERE c.oid >= 16384;

-- name: conversions rare
SELECT c.tableoid AS class, c.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'conversion' AS kind, quote_ident(n.nspname) || '.' || quote_ident(c.conname) AS name,
    c.conowner AS owner,
    pg_encoding_to_char(c.conforencoding)::text AS source,
    pg_encoding_to_char(c.contoencoding)::text AS target,
    c.conproc::regprocedure::text AS function,
    c.condefault::text AS default
FROM pg_conversion c
JOIN pg_namespace n ON n.oid = c.connamespace
WHERE c.oid >= 16384;

-- name: operators rare
SELECT o.tableoid AS class, o.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'operator' AS kind, o.oid::regoperator::text AS name,
    o.oprowner AS owner,
    nullif(o.oprresult, 0)::regtype::text AS result,
    nullif(o.oprcode, 0)::regprocedure::text AS function,
    nullif(o.oprcom, 0)::regoperator::text AS commutator,
    nullif(o.oprnegate, 0)::regoperator::text AS negator,
    nullif(o.oprrest, 0)::regprocedure::text AS restrict,
    nullif(o.oprjoin, 0)::regprocedure::text AS join,
    CASE WHEN o.oprcanhash THEN 'true' END AS hashes,
    CASE WHEN o.oprcanmerge THEN 'true' END AS merges
FROM pg_operator o
WHERE o.oid >= 16384;

-- name: operator_families rare
SELECT f.tableoid AS class, f.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'operator family' AS kind,
    quote_ident(n.nspname) || '.' || quote_ident(f.opfname) || ' USING ' || quote_ident(am.amname) AS name,
    f.opfowner AS owner
FROM pg_opfamily f
JOIN pg_namespace n ON n.oid = f.opfnamespace
JOIN pg_am am ON am.oid = f.opfmethod
WHERE f.oid >= 16384;

-- name: operator_classes rare
SELECT c.tableoid AS class, c.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'operator class' AS kind,
    quote_ident(n.nspname) || '.' || quote_ident(c.opcname) || ' USING ' || quote_ident(am.amname) AS name,
    c.opcowner AS owner,
    format_type(c.opcintype, NULL) AS type,
    c.opcdefault::text AS default,
    quote_ident(fn.nspname) || '.' || quote_ident(f.opfname) AS family,
    CASE WHEN c.opckeytype <> 0 THEN format_type(c.opckeytype, NULL) END AS storage
FROM pg_opclass c
JOIN pg_namespace n ON n.oid = c.opcnamespace
JOIN pg_am am ON am.oid = c.opcmethod
JOIN pg_opfamily f ON f.oid = c.opcfamily
JOIN pg_namespace fn ON fn.oid = f.opfnamespace
WHERE c.oid >= 16384;

-- name: family_members rare
-- A member belongs to an operator class, or is loose in its family: pg_depend alone says which. Those that were added to
-- a family of the server's own are objects like any other.
SELECT m.class, m.object, 0 AS part, CASE WHEN f.oid >= 16384 THEN f.tableoid END AS of_class,
    CASE WHEN f.oid >= 16384 THEN f.oid END AS of_object,
    'operator family member' AS kind,
    quote_ident(n.nspname) || '.' || quote_ident(f.opfname) || ' USING ' || quote_ident(am.amname) || ' ' || m.slot AS name,
    m.routine AS routine,
    m.sort_family AS sort_family,
    quote_ident(cn.nspname) || '.' || quote_ident(c.opcname) AS operator_class
FROM (
    SELECT o.tableoid AS class, o.oid AS object, o.amopfamily AS family,
        format('OPERATOR %s (%s, %s)', o.amopstrategy, format_type(o.amoplefttype, NULL),
            format_type(o.amoprighttype, NULL)) AS slot,
        o.amopopr::regoperator::text || CASE o.amoppurpose WHEN 'o' THEN ' FOR ORDER BY' ELSE '' END AS routine,
        CASE WHEN s.oid IS NOT NULL THEN quote_ident(sn.nspname) || '.' || quote_ident(s.opfname) END AS sort_family
    FROM pg_amop o
    LEFT JOIN pg_opfamily s ON s.oid = o.amopsortfamily
    LEFT JOIN pg_namespace sn ON sn.oid = s.opfnamespace
    WHERE o.oid >= 16384
    UNION ALL
    SELECT p.tableoid, p.oid, p.amprocfamily,
        format('FUNCTION %s (%s, %s)', p.amprocnum, format_type(p.amproclefttype, NULL),
            format_type(p.amprocrighttype, NULL)),
        p.amproc::regprocedure::text, NULL
    FROM pg_amproc p
    WHERE p.oid >= 16384
) m
JOIN pg_opfamily f ON f.oid = m.family
JOIN pg_namespace n ON n.oid = f.opfnamespace
JOIN pg_am am ON am.oid = f.opfmethod
LEFT JOIN pg_depend d ON d.classid = m.class AND d.objid = m.object AND d.refclassid = 'pg_opclass'::regclass
    AND d.deptype = 'i'
LEFT JOIN pg_opclass c ON c.oid = d.refobjid
LEFT JOIN pg_namespace cn ON cn.oid = c.opcnamespace;

-- name: access_methods rare
SELECT a.tableoid AS class, a.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'access method' AS kind, quote_ident(a.amname) AS name,
    a.amhandler::regprocedure::text AS handler,
    CASE a.amtype WHEN 't' THEN 'table' ELSE 'index' END AS type
FROM pg_am a
WHERE a.oid >= 16384;

-- name: transforms rare
SELECT t.tableoid AS class, t.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'transform' AS kind, 'FOR ' || format_type(t.trftype, NULL) || ' LANGUAGE ' || quote_ident(l.lanname) AS name,
    nullif(t.trffromsql, 0)::regprocedure::text AS from_sql,
    nullif(t.trftosql, 0)::regprocedure::text AS to_sql
FROM pg_transform t
JOIN pg_language l ON l.oid = t.trflang
WHERE t.oid >= 16384;
