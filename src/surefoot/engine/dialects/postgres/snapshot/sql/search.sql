-- Text search.

-- name: search_configurations rare
SELECT c.tableoid AS class, c.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'text search configuration' AS kind, quote_ident(n.nspname) || '.' || quote_ident(c.cfgname) AS name,
    c.cfgowner AS owner,
    quote_ident(pn.nspname) || '.' || quote_ident(p.prsname) AS parser,
    (
        SELECT string_agg(token || ': ' || dictionaries, '; ' ORDER BY token COLLATE "C") FROM (
            SELECT coalesce(tt.alias, m.maptokentype::text) AS token,
                string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno) AS dictionaries
            FROM pg_ts_config_map m LEFT JOIN ts_token_type(c.cfgparser) tt ON tt.tokid = m.maptokentype
            WHERE m.mapcfg = c.oid GROUP BY 1
        ) tokens
    ) AS mappings
FROM pg_ts_config c
JOIN pg_namespace n ON n.oid = c.cfgnamespace
JOIN pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_namespace pn ON pn.oid = p.prsnamespace
WHERE c.oid >= 16384;

-- name: search_dictionaries rare
SELECT d.tableoid AS class, d.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'text search dictionary' AS kind, quote_ident(n.nspname) || '.' || quote_ident(d.dictname) AS name,
    d.dictowner AS owner,
    quote_ident(tn.nspname) || '.' || quote_ident(t.tmplname) AS template,
    d.dictinitoption AS options
FROM pg_ts_dict d
JOIN pg_namespace n ON n.oid = d.dictnamespace
JOIN pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_namespace tn ON tn.oid = t.tmplnamespace
WHERE d.oid >= 16384;

-- name: search_parsers rare
SELECT p.tableoid AS class, p.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'text search parser' AS kind, quote_ident(n.nspname) || '.' || quote_ident(p.prsname) AS name,
    p.prsstart::text AS start, p.prstoken::text AS gettoken, p.prsend::text AS end,
    nullif(p.prsheadline, 0)::regproc::text AS headline, p.prslextype::text AS lextypes
FROM pg_ts_parser p
JOIN pg_namespace n ON n.oid = p.prsnamespace
WHERE p.oid >= 16384;

-- name: search_templates rare
SELECT t.tableoid AS class, t.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'text search template' AS kind, quote_ident(n.nspname) || '.' || quote_ident(t.tmplname) AS name,
    nullif(t.tmplinit, 0)::regproc::text AS init, t.tmpllexize::text AS lexize
FROM pg_ts_template t
JOIN pg_namespace n ON n.oid = t.tmplnamespace
WHERE t.oid >= 16384;
