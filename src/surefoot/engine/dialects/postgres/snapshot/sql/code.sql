-- Functions, procedures, aggregates, triggers, rules, event triggers and languages.

-- name: functions rare
SELECT p.tableoid AS class, p.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END AS kind,
    p.oid::regprocedure::text AS name,
    p.proowner AS owner,
    rtrim(pg_get_functiondef(p.oid), E'\n') AS definition
FROM pg_proc p
WHERE p.oid >= 16384 AND p.prokind <> 'a' AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
);

-- name: aggregates rare
SELECT p.tableoid AS class, p.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'aggregate' AS kind, p.oid::regprocedure::text AS name,
    p.proowner AS owner,
    pg_get_function_arguments(p.oid) AS arguments,
    pg_get_function_result(p.oid) AS result,
    CASE a.aggkind WHEN 'n' THEN 'normal' WHEN 'o' THEN 'ordered-set' ELSE 'hypothetical-set' END AS type,
    a.aggnumdirectargs::text AS direct_arguments,
    a.aggtransfn::regprocedure::text AS sfunc,
    format_type(a.aggtranstype, NULL) AS stype,
    nullif(a.aggtransspace, 0)::text AS sspace,
    nullif(a.aggfinalfn, 0)::regprocedure::text AS finalfunc,
    CASE WHEN a.aggfinalextra THEN 'true' END AS finalfunc_extra,
    a.aggfinalmodify::text AS finalfunc_modify,
    nullif(a.aggcombinefn, 0)::regprocedure::text AS combinefunc,
    nullif(a.aggserialfn, 0)::regprocedure::text AS serialfunc,
    nullif(a.aggdeserialfn, 0)::regprocedure::text AS deserialfunc,
    a.agginitval AS initcond,
    nullif(a.aggmtransfn, 0)::regprocedure::text AS msfunc,
    nullif(a.aggminvtransfn, 0)::regprocedure::text AS minvfunc,
    CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END AS mstype,
    nullif(a.aggmtransspace, 0)::text AS msspace,
    nullif(a.aggmfinalfn, 0)::regprocedure::text AS mfinalfunc,
    CASE WHEN a.aggmfinalextra THEN 'true' END AS mfinalfunc_extra,
    a.aggmfinalmodify::text AS mfinalfunc_modify,
    a.aggminitval AS minitcond,
    nullif(a.aggsortop, 0)::regoperator::text AS sortop,
    CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END AS parallel
FROM pg_aggregate a
JOIN pg_proc p ON p.oid = a.aggfnoid
WHERE p.oid >= 16384;

-- name: triggers rare
SELECT t.tableoid AS class, t.oid AS object, 0 AS part, 'pg_class'::regclass::oid AS of_class, t.tgrelid AS of_object,
    'trigger' AS kind, quote_ident(t.tgname) AS local,
    pg_get_triggerdef(t.oid) AS definition,
    CASE t.tgenabled WHEN 'O' THEN 'origin' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' ELSE 'always' END
        AS enabled,
    CASE WHEN t.tgparentid <> 0 THEN 'true' END AS inherited
FROM pg_trigger t
WHERE t.oid >= 16384 AND NOT t.tgisinternal;

-- name: rules rare
SELECT r.tableoid AS class, r.oid AS object, 0 AS part, 'pg_class'::regclass::oid AS of_class, r.ev_class AS of_object,
    'rule' AS kind, quote_ident(r.rulename) AS local,
    pg_get_ruledef(r.oid) AS definition,
    CASE r.ev_enabled WHEN 'O' THEN 'origin' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' ELSE 'always' END
        AS enabled
FROM pg_rewrite r
WHERE r.oid >= 16384 AND r.rulename <> '_RETURN';

-- name: event_triggers rare
SELECT e.tableoid AS class, e.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'event trigger' AS kind, quote_ident(e.evtname) AS name,
    e.evtowner AS owner,
    e.evtevent::text AS event,
    e.evtfoid::regprocedure::text AS function,
    array_to_string(e.evttags, ', ') AS tags,
    CASE e.evtenabled WHEN 'O' THEN 'origin' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' ELSE 'always' END
        AS enabled
FROM pg_event_trigger e
WHERE e.oid >= 16384;

-- name: languages rare
SELECT l.tableoid AS class, l.oid AS object, 0 AS part, NULL AS of_class, NULL AS of_object,
    'language' AS kind, quote_ident(l.lanname) AS name,
    l.lanowner AS owner,
    l.lanispl::text AS procedural,
    l.lanpltrusted::text AS trusted,
    nullif(l.lanplcallfoid, 0)::regprocedure::text AS handler,
    nullif(l.laninline, 0)::regprocedure::text AS inline,
    nullif(l.lanvalidator, 0)::regprocedure::text AS validator
FROM pg_language l
WHERE l.oid >= 16384;
