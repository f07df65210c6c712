-- What belongs to the server, and not to a schema.

-- name: database
-- What came with the server is in no dump, and nobody remembers what it was: enough to see that it changed.
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
    s.spcname AS tablespace,
    search.digest::text AS built_in_text_search,
    views.digest::text AS information_schema_privileges
FROM pg_database d JOIN pg_tablespace s ON s.oid = d.dattablespace
CROSS JOIN (
    SELECT (SELECT sum(hashtextextended(m::text, 0)) FROM pg_ts_config_map m WHERE m.mapcfg < 16384)
        + (SELECT sum(hashtextextended(concat_ws('/', t.dictname, t.dictinitoption), 0)) FROM pg_ts_dict t
            WHERE t.oid < 16384) AS digest
) search
CROSS JOIN (
    SELECT sum(hashtextextended(concat_ws('/', c.relname, c.relacl), 0)) AS digest
    FROM pg_class c WHERE c.relnamespace = 'information_schema'::regnamespace
) views
WHERE d.datname = current_database();

-- name: tablespaces rare
SELECT s.tableoid AS class, s.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'tablespace' AS kind, quote_ident(s.spcname) AS name,
    s.spcowner AS owner,
    pg_tablespace_location(s.oid) AS location,
    (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(s.spcoptions) o) AS options
FROM pg_tablespace s
WHERE s.oid >= 16384;
