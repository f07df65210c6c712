-- What belongs to the server, and not to a schema.

-- name: database
SELECT d.tableoid AS class, d.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'database' AS kind, '(this)' AS name,
    d.datdba AS owner,
    pg_encoding_to_char(d.encoding)::text AS encoding,
    d.datcollate::text AS lc_collate,
    d.datctype::text AS lc_ctype,
    d.datlocprovider::text AS locale_provider, -- since 15
    d.daticulocale AS locale, -- since 15 before 17
    d.datlocale AS locale, -- since 17
    d.daticurules AS icu_rules, -- since 16
    d.datallowconn::text AS allow_connections,
    d.datistemplate::text AS is_template,
    CASE WHEN d.datconnlimit >= 0 THEN d.datconnlimit::text END AS connection_limit,
    s.spcname AS tablespace
FROM pg_database d JOIN pg_tablespace s ON s.oid = d.dattablespace
WHERE d.datname = current_database();

-- name: tablespaces
SELECT s.tableoid AS class, s.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'tablespace' AS kind, quote_ident(s.spcname) AS name,
    s.spcowner AS owner,
    pg_tablespace_location(s.oid) AS location,
    (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(s.spcoptions) o) AS options
FROM pg_tablespace s
WHERE s.oid >= 16384;
