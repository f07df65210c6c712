-- Who may do what, who is who, and what was said about objects. Each of these queries has a reader of its own.

-- name: roles
SELECT r.oid, r.rolname, quote_ident(r.rolname),
    array_to_string(ARRAY[
        CASE WHEN r.rolsuper THEN 'SUPERUSER' END, CASE WHEN NOT r.rolinherit THEN 'NOINHERIT' END,
        CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END, CASE WHEN r.rolcreatedb THEN 'CREATEDB' END,
        CASE WHEN r.rolcanlogin THEN 'LOGIN' END, CASE WHEN r.rolreplication THEN 'REPLICATION' END,
        CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END], ', '),
    CASE WHEN r.rolconnlimit >= 0 THEN r.rolconnlimit::text END,
    nullif(r.rolvaliduntil, 'infinity')::text
FROM pg_roles r;

-- name: memberships
SELECT m.member, m.roleid, m.grantor, concat_ws(', ',
    CASE WHEN m.inherit_option THEN 'INHERIT' END, CASE WHEN m.set_option THEN 'SET' END, -- since 16
    CASE WHEN m.admin_option THEN 'ADMIN' END)
FROM pg_auth_members m;

-- name: passwords superuser rare
-- A password is never the same twice when it is stored: whether there is one has to do.
SELECT a.oid FROM pg_authid a WHERE a.rolpassword IS NOT NULL;

-- name: server_settings superuser rare
-- What ALTER SYSTEM wrote: one setting a line. The view pg_file_settings takes a millisecond.
SELECT line FROM regexp_split_to_table(pg_read_file('postgresql.auto.conf', 0, 1000000, true), '\n') line
WHERE line LIKE '% = %';

-- name: settings rare
SELECT s.setdatabase <> 0, s.setrole, s.setconfig
FROM pg_db_role_setting s
WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()));

-- name: privileges
-- One row for each grantee of an object; NULL for a grantor who is the owner. ACLs are few and shared: each is taken
-- apart once.
WITH granted AS (
    SELECT c.tableoid AS class, c.oid AS object, 0 AS part, c.relowner AS owner,
        coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner)) AS acl
    FROM pg_class c
    WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't'
    UNION ALL
    SELECT c.tableoid, c.oid, a.attnum, c.relowner, a.attacl
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.oid >= 16384 AND a.attacl IS NOT NULL AND NOT a.attisdropped AND c.relpersistence <> 't'
    UNION ALL
    SELECT tableoid, oid, 0, proowner, coalesce(proacl, acldefault('f', proowner)) FROM pg_proc WHERE oid >= 16384
    UNION ALL
    SELECT tableoid, oid, 0, nspowner, coalesce(nspacl, acldefault('n', nspowner))
    FROM pg_namespace WHERE oid >= 16384 OR nspname = 'public'
    UNION ALL
    SELECT tableoid, oid, 0, typowner, coalesce(typacl, acldefault('T', typowner))
    FROM pg_type t WHERE oid >= 16384 AND (typtype <> 'c' OR typacl IS NOT NULL)
    UNION ALL
    SELECT tableoid, oid, 0, lanowner, coalesce(lanacl, acldefault('l', lanowner)) FROM pg_language WHERE oid >= 16384
    UNION ALL
    SELECT tableoid, oid, 0, fdwowner, coalesce(fdwacl, acldefault('F', fdwowner)) FROM pg_foreign_data_wrapper
    UNION ALL
    SELECT tableoid, oid, 0, srvowner, coalesce(srvacl, acldefault('S', srvowner)) FROM pg_foreign_server
    UNION ALL
    SELECT tableoid, oid, 0, spcowner, coalesce(spcacl, acldefault('t', spcowner)) FROM pg_tablespace
    UNION ALL
    SELECT tableoid, oid, 0, datdba, coalesce(datacl, acldefault('d', datdba))
    FROM pg_database WHERE datname = current_database()
    UNION ALL -- since 15
    SELECT tableoid, oid, 0, 0, paracl FROM pg_parameter_acl -- since 15
), numbered AS (
    SELECT acl, row_number() OVER () AS number FROM (SELECT DISTINCT acl FROM granted) a
), entries AS (
    SELECT number, e.grantee, e.grantor, string_agg(
        e.privilege_type || CASE WHEN e.is_grantable THEN '*' ELSE '' END, ', ' ORDER BY e.privilege_type) AS privileges
    FROM numbered, aclexplode(acl) e
    GROUP BY number, e.grantee, e.grantor
)
SELECT g.class, g.object, g.part, e.grantee, nullif(e.grantor, g.owner), e.privileges
FROM granted g JOIN numbered USING (acl) JOIN entries e USING (number);

-- name: changed_privileges
-- Objects of the server and of extensions, where their privileges are not those that they came with. The server does not
-- remember what those of the information schema were. A privilege that was touched once stays written down.
WITH granted AS (
    SELECT tableoid AS class, oid AS object, 0 AS part, relowner AS owner, relacl AS acl,
        CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char" AS type
    FROM pg_class
    WHERE relacl IS NOT NULL AND relpersistence <> 't' AND relnamespace <> 'information_schema'::regnamespace
    UNION ALL
    SELECT 'pg_class'::regclass, attrelid, attnum, c.relowner, attacl, 'c'
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    WHERE attacl IS NOT NULL AND NOT attisdropped AND c.relpersistence <> 't'
        AND c.relnamespace <> 'information_schema'::regnamespace
    UNION ALL
    SELECT tableoid, oid, 0, proowner, proacl, 'f' FROM pg_proc WHERE proacl IS NOT NULL
    UNION ALL
    SELECT tableoid, oid, 0, nspowner, nspacl, 'n'
    FROM pg_namespace WHERE nspacl IS NOT NULL AND nspname NOT IN ('public', 'information_schema')
    UNION ALL
    SELECT tableoid, oid, 0, typowner, typacl, 'T' FROM pg_type WHERE typacl IS NOT NULL
    UNION ALL
    SELECT tableoid, oid, 0, lanowner, lanacl, 'l' FROM pg_language WHERE lanacl IS NOT NULL
    UNION ALL
    SELECT tableoid, oid, 0, fdwowner, fdwacl, 'F' FROM pg_foreign_data_wrapper WHERE fdwacl IS NOT NULL
    UNION ALL
    SELECT tableoid, oid, 0, srvowner, srvacl, 'S' FROM pg_foreign_server WHERE srvacl IS NOT NULL
), changed AS (
    SELECT g.class, g.object, g.part, g.owner, g.acl
    FROM granted g
    LEFT JOIN pg_init_privs i ON i.classoid = g.class AND i.objoid = g.object AND i.objsubid = g.part
    WHERE g.acl IS DISTINCT FROM i.initprivs
        AND (g.object < 16384 OR i.objoid IS NOT NULL OR EXISTS (
            SELECT FROM pg_depend d WHERE d.classid = g.class AND d.objid = g.object AND d.deptype = 'e'))
        AND NOT (g.acl @> coalesce(i.initprivs, acldefault(g.type, g.owner))
            AND g.acl <@ coalesce(i.initprivs, acldefault(g.type, g.owner)))
)
SELECT replace(o.type, 'table column', 'column'), o.identity, e.grantee, nullif(e.grantor, c.owner),
    string_agg(e.privilege_type || CASE WHEN e.is_grantable THEN '*' ELSE '' END, ', ' ORDER BY e.privilege_type)
FROM changed c
CROSS JOIN pg_identify_object(c.class, c.object, c.part) o
LEFT JOIN aclexplode(c.acl) e ON true
GROUP BY o.type, o.identity, e.grantee, e.grantor, c.owner;

-- name: default_privileges rare
SELECT d.defaclrole, quote_ident(n.nspname),
    CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types'
        WHEN 'n' THEN 'schemas' ELSE 'large objects' END,
    e.grantee, nullif(e.grantor, d.defaclrole),
    string_agg(e.privilege_type || CASE WHEN e.is_grantable THEN '*' ELSE '' END, ', ' ORDER BY e.privilege_type)
FROM pg_default_acl d
LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
LEFT JOIN aclexplode(d.defaclacl) e ON true
GROUP BY d.oid, d.defaclrole, n.nspname, d.defaclobjtype, e.grantee, e.grantor;

-- name: user_mappings rare
SELECT m.umuser, quote_ident(m.srvname), m.umoptions FROM pg_user_mappings m;

-- name: comments
SELECT classoid, objoid, objsubid, description FROM pg_description
WHERE objoid >= 16384 OR classoid IN ('pg_namespace'::regclass, 'pg_extension'::regclass)
UNION ALL
SELECT classoid, objoid, 0, description FROM pg_shdescription;

-- name: labels rare
SELECT classoid, objoid, objsubid, provider, label FROM pg_seclabel
UNION ALL
SELECT classoid, objoid, 0, provider, label FROM pg_shseclabel;

-- name: members
-- What belongs to an extension.
SELECT classid, objid, refobjid FROM pg_depend WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass;

-- name: dependents rare
-- What goes when an extension goes, by ALTER ... DEPENDS ON EXTENSION.
SELECT d.classid, d.objid, d.objsubid, quote_ident(e.extname)
FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
WHERE d.deptype = 'x' AND d.refclassid = 'pg_extension'::regclass
ORDER BY 4;

-- name: connections superuser rare
SELECT subname, subconninfo FROM pg_subscription
WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database());

-- name: identities
-- The sequences of identity columns: of which column, and what they are like.
SELECT o.refclassid, o.refobjid, o.refobjsubid, q.tableoid, q.oid, quote_ident(n.nspname) || '.' || quote_ident(q.relname),
    format('AS %s START %s INCREMENT %s MINVALUE %s MAXVALUE %s CACHE %s%s%s', format_type(s.seqtypid, NULL),
        s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' END,
        CASE q.relpersistence WHEN 'u' THEN ' UNLOGGED' END)
FROM pg_sequence s
JOIN pg_class q ON q.oid = s.seqrelid
JOIN pg_namespace n ON n.oid = q.relnamespace
JOIN pg_depend o ON o.classid = q.tableoid AND o.objid = q.oid AND o.refclassid = q.tableoid AND o.deptype = 'i'
WHERE q.relpersistence <> 't';

-- name: unnamed
-- Parts of objects that can be talked about, and are no objects here: their names only.
SELECT c.tableoid, c.oid, a.attnum, 'column', c.oid::regclass || '.' || quote_ident(a.attname)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
WHERE c.oid >= 16384 AND c.relpersistence <> 't' AND (c.relkind = 'c' OR a.attnum < 0 AND a.attacl IS NOT NULL)
UNION ALL
SELECT r.tableoid, r.oid, 0, 'rule', r.ev_class::regclass || '."_RETURN"'
FROM pg_rewrite r JOIN pg_description d ON d.classoid = r.tableoid AND d.objoid = r.oid
WHERE r.rulename = '_RETURN' AND r.oid >= 16384
UNION ALL -- since 15
SELECT p.tableoid, p.oid, 0, 'parameter', p.parname FROM pg_parameter_acl p; -- since 15
