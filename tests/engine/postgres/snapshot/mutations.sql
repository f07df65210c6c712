-- Statements that each change the schema of `rich.sql`, and behind each, indented, what takes it back.
-- `18:` is for that version and newer ones; a fingerprint leaves out what is `loose`: it does not belong to the database.

-- Tables
CREATE SCHEMA more
    DROP SCHEMA more
ALTER SCHEMA other OWNER TO mutant_a
    ALTER SCHEMA other OWNER TO CURRENT_USER
ALTER SCHEMA other RENAME TO another
    ALTER SCHEMA another RENAME TO other
CREATE TABLE fresh ()
    DROP TABLE fresh
DROP TABLE plain CASCADE; CREATE TABLE plain ()
    DROP TABLE plain; CREATE TABLE plain (a integer, b text, c text); CREATE RULE no_delete AS ON DELETE TO plain DO INSTEAD NOTHING; CREATE STATISTICS joint (ndistinct) ON a, b FROM plain; ALTER PUBLICATION news ADD TABLE plain; GRANT SELECT ON plain TO mutant_a; COMMENT ON TABLE plain IS 'a plain table'; COMMENT ON COLUMN plain.a IS 'a column'
ALTER TABLE plain RENAME TO plainer
    ALTER TABLE plainer RENAME TO plain
ALTER TABLE plain SET SCHEMA other
    ALTER TABLE other.plain SET SCHEMA public
ALTER TABLE parents OWNER TO mutant_a
    ALTER TABLE parents OWNER TO CURRENT_USER
ALTER TABLE typed SET UNLOGGED
    ALTER TABLE typed SET LOGGED
ALTER TABLE plain SET (fillfactor = 50)
    ALTER TABLE plain RESET (fillfactor)
ALTER TABLE plain SET (toast.autovacuum_enabled = false)
    ALTER TABLE plain RESET (toast.autovacuum_enabled)
ALTER TABLE plain SET TABLESPACE mutant_space
    ALTER TABLE plain SET TABLESPACE pg_default
ALTER TABLE plain SET ACCESS METHOD heap_too
    ALTER TABLE plain SET ACCESS METHOD heap
ALTER TABLE plain ENABLE ROW LEVEL SECURITY
    ALTER TABLE plain DISABLE ROW LEVEL SECURITY
ALTER TABLE plain FORCE ROW LEVEL SECURITY
    ALTER TABLE plain NO FORCE ROW LEVEL SECURITY
ALTER TABLE plain REPLICA IDENTITY FULL
    ALTER TABLE plain REPLICA IDENTITY DEFAULT
ALTER TABLE plain REPLICA IDENTITY NOTHING
    ALTER TABLE plain REPLICA IDENTITY DEFAULT
ALTER TABLE parents REPLICA IDENTITY USING INDEX parents_pkey
    ALTER TABLE parents REPLICA IDENTITY DEFAULT
ALTER TABLE typed NOT OF
    ALTER TABLE typed OF pair
ALTER TABLE heir NO INHERIT ancestor
    ALTER TABLE heir ALTER a DROP NOT NULL, INHERIT ancestor; DROP TABLE heir; CREATE TABLE heir (c integer) INHERITS (ancestor)
ALTER TABLE lone_heir INHERIT ancestor
    DROP TABLE lone_heir; CREATE TABLE lone_heir (a integer CONSTRAINT a_positive CHECK (a > 0), b integer)
DROP TABLE lone_heir; CREATE TABLE lone_heir (a integer CONSTRAINT a_positive CHECK (a > 0), b integer) INHERITS (ancestor, ancestor_two)
    DROP TABLE lone_heir; CREATE TABLE lone_heir (a integer CONSTRAINT a_positive CHECK (a > 0), b integer)
ALTER TABLE measures ATTACH PARTITION measures_two DEFAULT
    ALTER TABLE measures DETACH PARTITION measures_two; DROP TABLE measures_two; CREATE TABLE measures_two (at date NOT NULL, value integer)
ALTER TABLE measures DETACH PARTITION measures_one; ALTER TABLE measures ATTACH PARTITION measures_one FOR VALUES FROM ('2020-01-01') TO ('2022-01-01')
    ALTER TABLE measures DETACH PARTITION measures_one; DROP TABLE measures_one; CREATE TABLE measures_one PARTITION OF measures FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')
CREATE VIEW more AS SELECT 1 AS a
    DROP VIEW more
CREATE OR REPLACE VIEW names AS SELECT id, name FROM things WHERE id > 1
    CREATE OR REPLACE VIEW names AS SELECT id, name FROM things
ALTER VIEW names SET (security_barrier = true)
    ALTER VIEW names RESET (security_barrier)
ALTER VIEW names SET (security_invoker = true)
    ALTER VIEW names RESET (security_invoker)
ALTER VIEW names SET (check_option = local)
    ALTER VIEW names RESET (check_option)
ALTER VIEW names ALTER COLUMN name SET DEFAULT 'y'
    ALTER VIEW names ALTER COLUMN name DROP DEFAULT
ALTER VIEW names OWNER TO mutant_a
    ALTER VIEW names OWNER TO CURRENT_USER
COMMENT ON COLUMN names.name IS 'a name'
    COMMENT ON COLUMN names.name IS NULL
COMMENT ON RULE "_RETURN" ON names IS 'a rule'
    COMMENT ON RULE "_RETURN" ON names IS NULL
REFRESH MATERIALIZED VIEW totals WITH NO DATA
    REFRESH MATERIALIZED VIEW totals
ALTER MATERIALIZED VIEW totals SET (fillfactor = 40)
    ALTER MATERIALIZED VIEW totals RESET (fillfactor)
ALTER MATERIALIZED VIEW totals ALTER COLUMN total SET STATISTICS 7
    ALTER MATERIALIZED VIEW totals ALTER COLUMN total SET STATISTICS -1
ALTER MATERIALIZED VIEW totals CLUSTER ON totals_parent
    ALTER MATERIALIZED VIEW totals SET WITHOUT CLUSTER
ALTER MATERIALIZED VIEW totals DEPENDS ON EXTENSION plpgsql
    ALTER MATERIALIZED VIEW totals NO DEPENDS ON EXTENSION plpgsql
ALTER SEQUENCE free_numbers INCREMENT 2
    ALTER SEQUENCE free_numbers INCREMENT 1
ALTER SEQUENCE free_numbers CYCLE
    ALTER SEQUENCE free_numbers NO CYCLE
ALTER SEQUENCE free_numbers CACHE 9
    ALTER SEQUENCE free_numbers CACHE 1
ALTER SEQUENCE free_numbers MINVALUE -5
    ALTER SEQUENCE free_numbers MINVALUE 1
ALTER SEQUENCE free_numbers MAXVALUE 500
    ALTER SEQUENCE free_numbers NO MAXVALUE
ALTER SEQUENCE free_numbers START 3
    ALTER SEQUENCE free_numbers START 1
ALTER SEQUENCE free_numbers AS integer
    ALTER SEQUENCE free_numbers AS bigint
ALTER SEQUENCE free_numbers OWNED BY plain.a
    ALTER SEQUENCE free_numbers OWNED BY NONE
ALTER SEQUENCE free_numbers SET UNLOGGED
    ALTER SEQUENCE free_numbers SET LOGGED
ALTER SEQUENCE numbers OWNED BY things.name
    ALTER SEQUENCE numbers OWNED BY things.spare

-- Columns
ALTER TABLE plain ADD COLUMN d integer
    ALTER TABLE plain DROP COLUMN d
ALTER TABLE plain RENAME COLUMN c TO d
    ALTER TABLE plain RENAME COLUMN d TO c
ALTER TABLE plain ALTER COLUMN c TYPE varchar(5)
    ALTER TABLE plain ALTER COLUMN c TYPE text
ALTER TABLE things ALTER COLUMN short TYPE varchar(11)
    ALTER TABLE things ALTER COLUMN short TYPE varchar(10)
ALTER TABLE things ALTER COLUMN made TYPE timestamptz(3)
    ALTER TABLE things ALTER COLUMN made TYPE timestamptz
ALTER TABLE plain ALTER COLUMN c SET NOT NULL
    ALTER TABLE plain ALTER COLUMN c DROP NOT NULL
ALTER TABLE things ALTER COLUMN name DROP DEFAULT
    ALTER TABLE things ALTER COLUMN name SET DEFAULT 'x'
ALTER TABLE things ALTER COLUMN name SET DEFAULT 'X'
    ALTER TABLE things ALTER COLUMN name SET DEFAULT 'x'
ALTER TABLE things ALTER COLUMN name SET DEFAULT NULL
    ALTER TABLE things ALTER COLUMN name SET DEFAULT 'x'
ALTER TABLE things ALTER COLUMN doubled DROP EXPRESSION
    ALTER TABLE things DROP COLUMN doubled, ADD COLUMN doubled numeric GENERATED ALWAYS AS (price * 2) STORED
17: ALTER TABLE things ALTER COLUMN doubled SET EXPRESSION AS (price * 3)
    ALTER TABLE things ALTER COLUMN doubled SET EXPRESSION AS (price * 2)
18: ALTER TABLE things DROP COLUMN doubled, ADD COLUMN doubled numeric GENERATED ALWAYS AS (price * 2) VIRTUAL
    ALTER TABLE things DROP COLUMN doubled, ADD COLUMN doubled numeric GENERATED ALWAYS AS (price * 2) STORED
ALTER TABLE things ALTER COLUMN id SET GENERATED BY DEFAULT
    ALTER TABLE things ALTER COLUMN id SET GENERATED ALWAYS
ALTER TABLE things ALTER COLUMN id SET INCREMENT 5
    ALTER TABLE things ALTER COLUMN id SET INCREMENT 1
ALTER TABLE things ALTER COLUMN id SET START 5
    ALTER TABLE things ALTER COLUMN id SET START 1
ALTER TABLE things ALTER COLUMN id DROP IDENTITY
    ALTER TABLE things ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY
ALTER SEQUENCE things_id_seq RENAME TO things_seq
    ALTER SEQUENCE things_seq RENAME TO things_id_seq
ALTER SEQUENCE things_id_seq SET UNLOGGED
    ALTER SEQUENCE things_id_seq SET LOGGED
GRANT USAGE ON SEQUENCE things_id_seq TO mutant_a
    REVOKE USAGE ON SEQUENCE things_id_seq FROM mutant_a
COMMENT ON SEQUENCE things_id_seq IS 'ids'
    COMMENT ON SEQUENCE things_id_seq IS NULL
ALTER TABLE plain ALTER COLUMN c TYPE text COLLATE "C"
    ALTER TABLE plain ALTER COLUMN c TYPE text
ALTER TABLE plain ALTER COLUMN c TYPE text COLLATE plain_order
    ALTER TABLE plain ALTER COLUMN c TYPE text
ALTER TABLE plain ALTER COLUMN c SET STORAGE external
    ALTER TABLE plain ALTER COLUMN c SET STORAGE extended
ALTER TABLE plain ALTER COLUMN c SET COMPRESSION pglz
    ALTER TABLE plain ALTER COLUMN c SET COMPRESSION default
ALTER TABLE plain ALTER COLUMN c SET STATISTICS 0
    ALTER TABLE plain ALTER COLUMN c SET STATISTICS -1
ALTER TABLE plain ALTER COLUMN c SET STATISTICS 500
    ALTER TABLE plain ALTER COLUMN c SET STATISTICS -1
ALTER TABLE plain ALTER COLUMN a SET (n_distinct = 5)
    ALTER TABLE plain ALTER COLUMN a RESET (n_distinct)
ALTER TABLE heir ADD COLUMN d integer; ALTER TABLE ancestor ADD COLUMN d integer
    ALTER TABLE ancestor DROP COLUMN d; ALTER TABLE heir DROP COLUMN d
GRANT SELECT (b) ON plain TO mutant_b
    REVOKE SELECT (b) ON plain FROM mutant_b
COMMENT ON COLUMN plain.a IS 'another'
    COMMENT ON COLUMN plain.a IS 'a column'
COMMENT ON COLUMN plain.a IS NULL
    COMMENT ON COLUMN plain.a IS 'a column'
ALTER FOREIGN TABLE remote ALTER COLUMN a OPTIONS (SET column_name 'y')
    ALTER FOREIGN TABLE remote ALTER COLUMN a OPTIONS (SET column_name 'x')

-- Constraints
ALTER TABLE things DROP CONSTRAINT price_check
    ALTER TABLE things ADD CONSTRAINT price_check CHECK (price > 0)
ALTER TABLE things RENAME CONSTRAINT price_check TO p
    ALTER TABLE things RENAME CONSTRAINT p TO price_check
ALTER TABLE things DROP CONSTRAINT price_check, ADD CONSTRAINT price_check CHECK (price > 1)
    ALTER TABLE things DROP CONSTRAINT price_check, ADD CONSTRAINT price_check CHECK (price > 0)
ALTER TABLE things DROP CONSTRAINT price_check, ADD CONSTRAINT price_check CHECK (price > 0) NOT VALID
    ALTER TABLE things VALIDATE CONSTRAINT price_check
ALTER TABLE things DROP CONSTRAINT price_check, ADD CONSTRAINT price_check CHECK (price > 0) NO INHERIT
    ALTER TABLE things DROP CONSTRAINT price_check, ADD CONSTRAINT price_check CHECK (price > 0)
18: ALTER TABLE things DROP CONSTRAINT price_check, ADD CONSTRAINT price_check CHECK (price > 0) NOT ENFORCED
    ALTER TABLE things DROP CONSTRAINT price_check, ADD CONSTRAINT price_check CHECK (price > 0)
18: ALTER TABLE things ALTER CONSTRAINT things_parent NOT ENFORCED
    ALTER TABLE things ALTER CONSTRAINT things_parent ENFORCED
18: ALTER TABLE plain ADD CONSTRAINT c_there NOT NULL c NOT VALID
    ALTER TABLE plain DROP CONSTRAINT c_there
18: ALTER TABLE things RENAME CONSTRAINT things_name_not_null TO nn
    ALTER TABLE things RENAME CONSTRAINT nn TO things_name_not_null
ALTER TABLE things DROP CONSTRAINT things_parent, ADD CONSTRAINT things_parent FOREIGN KEY (parent) REFERENCES parents (id) NOT VALID
    ALTER TABLE things VALIDATE CONSTRAINT things_parent
ALTER TABLE things DROP CONSTRAINT things_parent, ADD CONSTRAINT things_parent FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE
    ALTER TABLE things DROP CONSTRAINT things_parent, ADD CONSTRAINT things_parent FOREIGN KEY (parent) REFERENCES parents (id)
ALTER TABLE things DROP CONSTRAINT things_parent, ADD CONSTRAINT things_parent FOREIGN KEY (parent) REFERENCES parents (id) ON UPDATE SET NULL
    ALTER TABLE things DROP CONSTRAINT things_parent, ADD CONSTRAINT things_parent FOREIGN KEY (parent) REFERENCES parents (id)
ALTER TABLE things DROP CONSTRAINT things_parent, ADD CONSTRAINT things_parent FOREIGN KEY (parent) REFERENCES parents (id) MATCH FULL
    ALTER TABLE things DROP CONSTRAINT things_parent, ADD CONSTRAINT things_parent FOREIGN KEY (parent) REFERENCES parents (id)
ALTER TABLE things ALTER CONSTRAINT things_parent DEFERRABLE
    ALTER TABLE things ALTER CONSTRAINT things_parent NOT DEFERRABLE
ALTER TABLE things ALTER CONSTRAINT things_parent DEFERRABLE INITIALLY DEFERRED
    ALTER TABLE things ALTER CONSTRAINT things_parent NOT DEFERRABLE
ALTER TABLE things DISABLE TRIGGER ALL
    ALTER TABLE things ENABLE TRIGGER ALL
ALTER TABLE parents DISABLE TRIGGER ALL
    ALTER TABLE parents ENABLE TRIGGER ALL
ALTER TABLE parents DROP CONSTRAINT other_code_key
    ALTER TABLE parents ADD CONSTRAINT other_code_key UNIQUE (other_code)
ALTER TABLE parents DROP CONSTRAINT other_code_key; CREATE UNIQUE INDEX other_code_key ON parents (other_code)
    DROP INDEX other_code_key; ALTER TABLE parents ADD CONSTRAINT other_code_key UNIQUE (other_code)
ALTER TABLE parents DROP CONSTRAINT other_code_key, ADD CONSTRAINT other_code_key UNIQUE (other_code) DEFERRABLE
    ALTER TABLE parents DROP CONSTRAINT other_code_key, ADD CONSTRAINT other_code_key UNIQUE (other_code)
ALTER TABLE parents DROP CONSTRAINT other_code_key, ADD CONSTRAINT other_code_key UNIQUE NULLS NOT DISTINCT (other_code)
    ALTER TABLE parents DROP CONSTRAINT other_code_key, ADD CONSTRAINT other_code_key UNIQUE (other_code)
ALTER TABLE parents DROP CONSTRAINT other_code_key, ADD CONSTRAINT other_code_key UNIQUE (other_code) INCLUDE (code)
    ALTER TABLE parents DROP CONSTRAINT other_code_key, ADD CONSTRAINT other_code_key UNIQUE (other_code)
ALTER TABLE parents DROP CONSTRAINT other_code_key, ADD CONSTRAINT other_code_key UNIQUE (other_code) WITH (fillfactor = 60)
    ALTER TABLE parents DROP CONSTRAINT other_code_key, ADD CONSTRAINT other_code_key UNIQUE (other_code)
ALTER TABLE plain ADD CONSTRAINT excluded EXCLUDE (a WITH =)
    ALTER TABLE plain DROP CONSTRAINT excluded
CREATE INDEX plain_a ON plain (a)
    DROP INDEX plain_a
DROP INDEX things_name; CREATE INDEX things_name ON things (name DESC)
    DROP INDEX things_name; CREATE INDEX things_name ON things (name)
DROP INDEX things_name; CREATE INDEX things_name ON things (name) WHERE id > 5
    DROP INDEX things_name; CREATE INDEX things_name ON things (name)
DROP INDEX things_name; CREATE INDEX things_name ON things USING hash (name)
    DROP INDEX things_name; CREATE INDEX things_name ON things (name)
DROP INDEX things_name; CREATE INDEX things_name ON things (name text_pattern_ops)
    DROP INDEX things_name; CREATE INDEX things_name ON things (name)
DROP INDEX things_name; CREATE INDEX things_name ON things (name COLLATE "C")
    DROP INDEX things_name; CREATE INDEX things_name ON things (name)
DROP INDEX things_name; CREATE UNIQUE INDEX things_name ON things (name)
    DROP INDEX things_name; CREATE INDEX things_name ON things (name)
ALTER INDEX things_name SET (fillfactor = 70)
    ALTER INDEX things_name RESET (fillfactor)
ALTER INDEX things_name SET TABLESPACE mutant_space
    ALTER INDEX things_name SET TABLESPACE pg_default
ALTER INDEX things_expression ALTER COLUMN 1 SET STATISTICS 99
    ALTER INDEX things_expression ALTER COLUMN 1 SET STATISTICS -1
ALTER INDEX things_name DEPENDS ON EXTENSION plpgsql
    ALTER INDEX things_name NO DEPENDS ON EXTENSION plpgsql
ALTER TABLE things CLUSTER ON things_name
    ALTER TABLE things SET WITHOUT CLUSTER
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'things_name'::regclass
    UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'things_name'::regclass
UPDATE pg_index SET indisready = false WHERE indexrelid = 'things_name'::regclass
    UPDATE pg_index SET indisready = true WHERE indexrelid = 'things_name'::regclass
COMMENT ON INDEX things_name IS 'an index'
    COMMENT ON INDEX things_name IS NULL
COMMENT ON CONSTRAINT price_check ON things IS 'a constraint'
    COMMENT ON CONSTRAINT price_check ON things IS NULL
COMMENT ON CONSTRAINT checked ON things IS 'a constraint'
    COMMENT ON CONSTRAINT checked ON things IS NULL
COMMENT ON CONSTRAINT positive_check ON DOMAIN positive IS 'a constraint'
    COMMENT ON CONSTRAINT positive_check ON DOMAIN positive IS NULL
ALTER TABLE ancestor DROP CONSTRAINT a_positive
    ALTER TABLE ancestor ADD CONSTRAINT a_positive CHECK (a > 0)
CREATE STATISTICS more ON b, c FROM plain
    DROP STATISTICS more
DROP STATISTICS joint; CREATE STATISTICS joint (dependencies) ON a, b FROM plain
    DROP STATISTICS joint; CREATE STATISTICS joint (ndistinct) ON a, b FROM plain
ALTER STATISTICS joint SET STATISTICS 8
    ALTER STATISTICS joint SET STATISTICS -1
ALTER STATISTICS joint OWNER TO mutant_a
    ALTER STATISTICS joint OWNER TO CURRENT_USER
COMMENT ON STATISTICS joint IS 'both'
    COMMENT ON STATISTICS joint IS NULL
DROP POLICY mine ON things
    CREATE POLICY mine ON things FOR SELECT TO mutant_a USING (id > 0)
ALTER POLICY mine ON things TO mutant_b
    ALTER POLICY mine ON things TO mutant_a
ALTER POLICY mine ON things TO PUBLIC
    ALTER POLICY mine ON things TO mutant_a
ALTER POLICY mine ON things USING (id > 1)
    ALTER POLICY mine ON things USING (id > 0)
DROP POLICY mine ON things; CREATE POLICY mine ON things FOR UPDATE TO mutant_a USING (id > 0)
    DROP POLICY mine ON things; CREATE POLICY mine ON things FOR SELECT TO mutant_a USING (id > 0)
DROP POLICY mine ON things; CREATE POLICY mine ON things AS RESTRICTIVE FOR SELECT TO mutant_a USING (id > 0)
    DROP POLICY mine ON things; CREATE POLICY mine ON things FOR SELECT TO mutant_a USING (id > 0)
CREATE POLICY check_only ON things FOR INSERT WITH CHECK (id > 9)
    DROP POLICY check_only ON things
COMMENT ON POLICY mine ON things IS 'a policy'
    COMMENT ON POLICY mine ON things IS NULL

-- Code
CREATE OR REPLACE FUNCTION add(a integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT b + a'
    CREATE OR REPLACE FUNCTION add(a integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a + b'
CREATE OR REPLACE FUNCTION add(a integer, b integer DEFAULT 2) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a + b'
    CREATE OR REPLACE FUNCTION add(a integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a + b'
CREATE FUNCTION add(a text) RETURNS text LANGUAGE sql AS 'SELECT a'
    DROP FUNCTION add(text)
ALTER FUNCTION add(integer, integer) VOLATILE
    ALTER FUNCTION add(integer, integer) IMMUTABLE
ALTER FUNCTION add(integer, integer) STRICT
    ALTER FUNCTION add(integer, integer) CALLED ON NULL INPUT
ALTER FUNCTION add(integer, integer) SECURITY DEFINER
    ALTER FUNCTION add(integer, integer) SECURITY INVOKER
ALTER FUNCTION add(integer, integer) LEAKPROOF
    ALTER FUNCTION add(integer, integer) NOT LEAKPROOF
ALTER FUNCTION add(integer, integer) PARALLEL SAFE
    ALTER FUNCTION add(integer, integer) PARALLEL UNSAFE
ALTER FUNCTION add(integer, integer) COST 7
    ALTER FUNCTION add(integer, integer) COST 100
ALTER FUNCTION add(integer, integer) SET search_path = public
    ALTER FUNCTION add(integer, integer) RESET search_path
ALTER FUNCTION add(integer, integer) SUPPORT generate_series_int4_support
    DROP FUNCTION add(integer, integer); CREATE FUNCTION add(a integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a + b'
ALTER FUNCTION add(integer, integer) OWNER TO mutant_a
    ALTER FUNCTION add(integer, integer) OWNER TO CURRENT_USER
ALTER FUNCTION add(integer, integer) DEPENDS ON EXTENSION plpgsql
    ALTER FUNCTION add(integer, integer) NO DEPENDS ON EXTENSION plpgsql
DROP FUNCTION add(integer, integer); CREATE FUNCTION add(x integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a + b'
    DROP FUNCTION add(integer, integer); CREATE FUNCTION add(a integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a + b'
CREATE FUNCTION atomic() RETURNS integer LANGUAGE sql RETURN 1
    DROP FUNCTION atomic()
CREATE FUNCTION ranked() RETURNS bigint LANGUAGE internal WINDOW AS 'window_row_number'
    DROP FUNCTION ranked()
COMMENT ON FUNCTION add(integer, integer) IS 'adds'
    COMMENT ON FUNCTION add(integer, integer) IS NULL
CREATE OR REPLACE PROCEDURE work(a integer) LANGUAGE plpgsql AS 'BEGIN  NULL; END'
    CREATE OR REPLACE PROCEDURE work(a integer) LANGUAGE plpgsql AS 'BEGIN NULL; END'
DROP AGGREGATE total(integer); CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '1')
    DROP AGGREGATE total(integer); CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0')
DROP AGGREGATE total(integer); CREATE AGGREGATE total(integer) (SFUNC = int4mi, STYPE = integer, INITCOND = '0')
    DROP AGGREGATE total(integer); CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0')
DROP AGGREGATE total(integer); CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0', COMBINEFUNC = int4pl, PARALLEL = SAFE)
    DROP AGGREGATE total(integer); CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0')
DROP AGGREGATE total(integer); CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0', FINALFUNC = int4abs, FINALFUNC_MODIFY = SHAREABLE)
    DROP AGGREGATE total(integer); CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0')
DROP AGGREGATE total(integer); CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0', MSFUNC = int4pl, MINVFUNC = int4mi, MSTYPE = integer, MSSPACE = 9)
    DROP AGGREGATE total(integer); CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0')
DROP AGGREGATE total(integer); CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0', SSPACE = 64, SORTOP = >)
    DROP AGGREGATE total(integer); CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0')
COMMENT ON AGGREGATE total(integer) IS 'a total'
    COMMENT ON AGGREGATE total(integer) IS NULL
DROP TRIGGER changed ON things
    CREATE TRIGGER changed BEFORE UPDATE ON things FOR EACH ROW EXECUTE FUNCTION on_change()
CREATE OR REPLACE TRIGGER changed BEFORE UPDATE OF name ON things FOR EACH ROW EXECUTE FUNCTION on_change()
    CREATE OR REPLACE TRIGGER changed BEFORE UPDATE ON things FOR EACH ROW EXECUTE FUNCTION on_change()
CREATE OR REPLACE TRIGGER changed BEFORE UPDATE ON things FOR EACH ROW WHEN (OLD.id > 1) EXECUTE FUNCTION on_change()
    CREATE OR REPLACE TRIGGER changed BEFORE UPDATE ON things FOR EACH ROW EXECUTE FUNCTION on_change()
CREATE OR REPLACE TRIGGER changed BEFORE UPDATE ON things FOR EACH ROW EXECUTE FUNCTION on_change('x')
    CREATE OR REPLACE TRIGGER changed BEFORE UPDATE ON things FOR EACH ROW EXECUTE FUNCTION on_change()
CREATE OR REPLACE TRIGGER changed AFTER UPDATE ON things REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION on_change()
    CREATE OR REPLACE TRIGGER changed BEFORE UPDATE ON things FOR EACH ROW EXECUTE FUNCTION on_change()
ALTER TABLE things DISABLE TRIGGER changed
    ALTER TABLE things ENABLE TRIGGER changed
ALTER TABLE things ENABLE REPLICA TRIGGER changed
    ALTER TABLE things ENABLE TRIGGER changed
ALTER TABLE things ENABLE ALWAYS TRIGGER changed
    ALTER TABLE things ENABLE TRIGGER changed
ALTER TABLE measures_one DISABLE TRIGGER measured
    ALTER TABLE measures_one ENABLE TRIGGER measured
ALTER TRIGGER changed ON things RENAME TO altered
    ALTER TRIGGER altered ON things RENAME TO changed
ALTER TRIGGER changed ON things DEPENDS ON EXTENSION plpgsql
    ALTER TRIGGER changed ON things NO DEPENDS ON EXTENSION plpgsql
DROP TRIGGER checked ON things; CREATE CONSTRAINT TRIGGER checked AFTER INSERT ON things DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION on_change()
    DROP TRIGGER checked ON things; CREATE CONSTRAINT TRIGGER checked AFTER INSERT ON things DEFERRABLE FOR EACH ROW EXECUTE FUNCTION on_change()
COMMENT ON TRIGGER changed ON things IS 'a trigger'
    COMMENT ON TRIGGER changed ON things IS NULL
DROP RULE no_delete ON plain
    CREATE RULE no_delete AS ON DELETE TO plain DO INSTEAD NOTHING
CREATE OR REPLACE RULE no_delete AS ON DELETE TO plain DO NOTHING
    CREATE OR REPLACE RULE no_delete AS ON DELETE TO plain DO INSTEAD NOTHING
CREATE OR REPLACE RULE no_delete AS ON DELETE TO plain WHERE OLD.a > 1 DO INSTEAD NOTHING
    CREATE OR REPLACE RULE no_delete AS ON DELETE TO plain DO INSTEAD NOTHING
ALTER TABLE plain DISABLE RULE no_delete
    ALTER TABLE plain ENABLE RULE no_delete
COMMENT ON RULE no_delete ON plain IS 'a rule'
    COMMENT ON RULE no_delete ON plain IS NULL
DROP EVENT TRIGGER on_end
    CREATE EVENT TRIGGER on_end ON ddl_command_end WHEN TAG IN ('CREATE CAST') EXECUTE FUNCTION on_event()
ALTER EVENT TRIGGER on_end DISABLE
    ALTER EVENT TRIGGER on_end ENABLE
DROP EVENT TRIGGER on_end; CREATE EVENT TRIGGER on_end ON ddl_command_start WHEN TAG IN ('CREATE CAST') EXECUTE FUNCTION on_event()
    DROP EVENT TRIGGER on_end; CREATE EVENT TRIGGER on_end ON ddl_command_end WHEN TAG IN ('CREATE CAST') EXECUTE FUNCTION on_event()
DROP EVENT TRIGGER on_end; CREATE EVENT TRIGGER on_end ON ddl_command_end WHEN TAG IN ('DROP CAST') EXECUTE FUNCTION on_event()
    DROP EVENT TRIGGER on_end; CREATE EVENT TRIGGER on_end ON ddl_command_end WHEN TAG IN ('CREATE CAST') EXECUTE FUNCTION on_event()
COMMENT ON EVENT TRIGGER on_end IS 'an event'
    COMMENT ON EVENT TRIGGER on_end IS NULL
ALTER LANGUAGE own RENAME TO owned
    ALTER LANGUAGE owned RENAME TO own
ALTER LANGUAGE own OWNER TO mutant_super
    ALTER LANGUAGE own OWNER TO CURRENT_USER
CREATE OR REPLACE TRUSTED LANGUAGE own HANDLER plpgsql_call_handler
    CREATE OR REPLACE LANGUAGE own HANDLER plpgsql_call_handler
CREATE OR REPLACE LANGUAGE own HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler
    CREATE OR REPLACE LANGUAGE own HANDLER plpgsql_call_handler
COMMENT ON LANGUAGE own IS 'a language'
    COMMENT ON LANGUAGE own IS NULL

-- Types
ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'
    ALTER TYPE mood RENAME VALUE 'fine' TO 'ok'
ALTER TYPE spare ADD VALUE 'c'
    DROP TYPE spare; CREATE TYPE spare AS ENUM ('a', 'b')
DROP TYPE spare; CREATE TYPE spare AS ENUM ('b', 'a')
    DROP TYPE spare; CREATE TYPE spare AS ENUM ('a', 'b')
ALTER TYPE mood OWNER TO mutant_a
    ALTER TYPE mood OWNER TO CURRENT_USER
COMMENT ON TYPE mood IS 'a mood'
    COMMENT ON TYPE mood IS NULL
COMMENT ON TYPE plain IS 'a row'
    COMMENT ON TYPE plain IS NULL
GRANT USAGE ON TYPE mood TO mutant_a
    REVOKE USAGE ON TYPE mood FROM mutant_a
ALTER TYPE pair ADD ATTRIBUTE z integer CASCADE
    ALTER TYPE pair DROP ATTRIBUTE z CASCADE
ALTER TYPE pair RENAME ATTRIBUTE x TO w CASCADE
    ALTER TYPE pair RENAME ATTRIBUTE w TO x CASCADE
COMMENT ON COLUMN pair.x IS 'an attribute'
    COMMENT ON COLUMN pair.x IS NULL
ALTER TYPE spans RENAME TO widths
    ALTER TYPE widths RENAME TO spans
DROP CAST (pair AS spans); DROP TYPE spans; CREATE TYPE spans AS RANGE (subtype = float8)
    DROP TYPE spans; CREATE TYPE spans AS RANGE (subtype = float8, subtype_diff = float8mi); CREATE CAST (pair AS spans) WITH INOUT
COMMENT ON TYPE spans IS 'a range'
    COMMENT ON TYPE spans IS NULL
DROP TYPE shell
    CREATE TYPE shell
ALTER TYPE base SET (STORAGE = external)
    ALTER TYPE base SET (STORAGE = extended)
ALTER TYPE base SET (ANALYZE = range_typanalyze)
    ALTER TYPE base SET (ANALYZE = NONE)
ALTER TYPE base SET (TYPMOD_IN = varchartypmodin)
    ALTER TYPE base SET (TYPMOD_IN = NONE)
ALTER DOMAIN positive SET DEFAULT 5
    ALTER DOMAIN positive DROP DEFAULT
ALTER DOMAIN positive SET NOT NULL
    ALTER DOMAIN positive DROP NOT NULL
ALTER DOMAIN positive ADD CONSTRAINT small CHECK (VALUE < 9) NOT VALID
    ALTER DOMAIN positive DROP CONSTRAINT small
ALTER DOMAIN positive RENAME CONSTRAINT positive_check TO p
    ALTER DOMAIN positive RENAME CONSTRAINT p TO positive_check
DROP DOMAIN positive; CREATE DOMAIN positive AS bigint CONSTRAINT positive_check CHECK (VALUE > 0)
    DROP DOMAIN positive; CREATE DOMAIN positive AS integer CONSTRAINT positive_check CHECK (VALUE > 0)
COMMENT ON DOMAIN positive IS 'a domain'
    COMMENT ON DOMAIN positive IS NULL
CREATE DOMAIN sorted AS text COLLATE "C"
    DROP DOMAIN sorted
DROP CAST (pair AS spans)
    CREATE CAST (pair AS spans) WITH INOUT
DROP CAST (pair AS spans); CREATE CAST (pair AS spans) WITH INOUT AS ASSIGNMENT
    DROP CAST (pair AS spans); CREATE CAST (pair AS spans) WITH INOUT
COMMENT ON CAST (pair AS spans) IS 'a cast'
    COMMENT ON CAST (pair AS spans) IS NULL
DROP COLLATION plain_order; CREATE COLLATION plain_order (provider = libc, lc_collate = 'C', lc_ctype = 'POSIX')
    DROP COLLATION plain_order; CREATE COLLATION plain_order (provider = libc, lc_collate = 'C', lc_ctype = 'C')
ALTER COLLATION plain_order OWNER TO mutant_a
    ALTER COLLATION plain_order OWNER TO CURRENT_USER
COMMENT ON COLLATION plain_order IS 'an order'
    COMMENT ON COLLATION plain_order IS NULL
17: CREATE COLLATION built (provider = builtin, locale = 'C.UTF-8')
    DROP COLLATION built
ALTER CONVERSION latin RENAME TO roman
    ALTER CONVERSION roman RENAME TO latin
DROP CONVERSION latin; CREATE DEFAULT CONVERSION latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8
    DROP CONVERSION latin; CREATE CONVERSION latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8
COMMENT ON CONVERSION latin IS 'a conversion'
    COMMENT ON CONVERSION latin IS NULL
ALTER OPERATOR === (integer, integer) SET (RESTRICT = eqsel)
    ALTER OPERATOR === (integer, integer) SET (RESTRICT = NONE)
ALTER OPERATOR === (integer, integer) SET (JOIN = eqjoinsel)
    ALTER OPERATOR === (integer, integer) SET (JOIN = NONE)
17: ALTER OPERATOR === (integer, integer) SET (HASHES, MERGES)
    DROP OPERATOR === (integer, integer); CREATE OPERATOR === (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq, COMMUTATOR = ===)
ALTER OPERATOR === (integer, integer) OWNER TO mutant_a
    ALTER OPERATOR === (integer, integer) OWNER TO CURRENT_USER
COMMENT ON OPERATOR === (integer, integer) IS 'equal'
    COMMENT ON OPERATOR === (integer, integer) IS NULL
ALTER OPERATOR FAMILY family USING btree ADD FUNCTION 1 (smallint, smallint) btint2cmp (smallint, smallint)
    ALTER OPERATOR FAMILY family USING btree DROP FUNCTION 1 (smallint, smallint)
ALTER OPERATOR FAMILY family USING btree ADD OPERATOR 3 = (smallint, smallint)
    ALTER OPERATOR FAMILY family USING btree DROP OPERATOR 3 (smallint, smallint)
ALTER OPERATOR FAMILY integer_ops USING btree ADD OPERATOR 1 !!! (integer, numeric)
    ALTER OPERATOR FAMILY integer_ops USING btree DROP OPERATOR 1 (integer, numeric)
COMMENT ON OPERATOR FAMILY family USING btree IS 'a family'
    COMMENT ON OPERATOR FAMILY family USING btree IS NULL
ALTER OPERATOR CLASS backwards USING btree RENAME TO upside_down
    ALTER OPERATOR CLASS upside_down USING btree RENAME TO backwards
DROP OPERATOR CLASS backwards USING btree; CREATE OPERATOR CLASS backwards FOR TYPE integer USING btree FAMILY family AS OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, FUNCTION 1 btint4cmp (integer, integer)
    DROP OPERATOR CLASS backwards USING btree; CREATE OPERATOR CLASS backwards FOR TYPE integer USING btree FAMILY family AS OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 btint4cmp (integer, integer)
COMMENT ON OPERATOR CLASS backwards USING btree IS 'a class'
    COMMENT ON OPERATOR CLASS backwards USING btree IS NULL
DROP ACCESS METHOD heap_too
    CREATE ACCESS METHOD heap_too TYPE TABLE HANDLER heap_tableam_handler
COMMENT ON ACCESS METHOD heap_too IS 'a method'
    COMMENT ON ACCESS METHOD heap_too IS NULL
DROP TRANSFORM FOR boolean LANGUAGE sql
    CREATE TRANSFORM FOR boolean LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION boolrecv(internal))
CREATE OR REPLACE TRANSFORM FOR boolean LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal))
    CREATE OR REPLACE TRANSFORM FOR boolean LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION boolrecv(internal))
COMMENT ON TRANSFORM FOR boolean LANGUAGE sql IS 'a transform'
    COMMENT ON TRANSFORM FOR boolean LANGUAGE sql IS NULL
ALTER TEXT SEARCH DICTIONARY words (accept = false)
    ALTER TEXT SEARCH DICTIONARY words (accept)
ALTER TEXT SEARCH DICTIONARY words OWNER TO mutant_a
    ALTER TEXT SEARCH DICTIONARY words OWNER TO CURRENT_USER
COMMENT ON TEXT SEARCH DICTIONARY words IS 'words'
    COMMENT ON TEXT SEARCH DICTIONARY words IS NULL
ALTER TEXT SEARCH CONFIGURATION search ALTER MAPPING FOR word WITH words
    ALTER TEXT SEARCH CONFIGURATION search ALTER MAPPING FOR word WITH simple
ALTER TEXT SEARCH CONFIGURATION search ALTER MAPPING FOR word WITH words, simple
    ALTER TEXT SEARCH CONFIGURATION search ALTER MAPPING FOR word WITH simple
ALTER TEXT SEARCH CONFIGURATION search DROP MAPPING FOR word
    ALTER TEXT SEARCH CONFIGURATION search ADD MAPPING FOR word WITH simple
COMMENT ON TEXT SEARCH CONFIGURATION search IS 'a search'
    COMMENT ON TEXT SEARCH CONFIGURATION search IS NULL
ALTER TEXT SEARCH PARSER parser RENAME TO reader
    ALTER TEXT SEARCH PARSER reader RENAME TO parser
DROP TEXT SEARCH PARSER parser; CREATE TEXT SEARCH PARSER parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype, HEADLINE = prsd_headline)
    DROP TEXT SEARCH PARSER parser; CREATE TEXT SEARCH PARSER parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype)
COMMENT ON TEXT SEARCH PARSER parser IS 'a parser'
    COMMENT ON TEXT SEARCH PARSER parser IS NULL
DROP TEXT SEARCH TEMPLATE template; CREATE TEXT SEARCH TEMPLATE template (LEXIZE = dsimple_lexize)
    DROP TEXT SEARCH TEMPLATE template; CREATE TEXT SEARCH TEMPLATE template (LEXIZE = dsimple_lexize, INIT = dsimple_init)
COMMENT ON TEXT SEARCH TEMPLATE template IS 'a template'
    COMMENT ON TEXT SEARCH TEMPLATE template IS NULL

-- Foreign
ALTER FOREIGN DATA WRAPPER wrapper OPTIONS (SET debug 'false')
    ALTER FOREIGN DATA WRAPPER wrapper OPTIONS (SET debug 'true')
ALTER FOREIGN DATA WRAPPER wrapper OWNER TO mutant_super
    ALTER FOREIGN DATA WRAPPER wrapper OWNER TO CURRENT_USER
GRANT USAGE ON FOREIGN DATA WRAPPER wrapper TO mutant_a
    REVOKE USAGE ON FOREIGN DATA WRAPPER wrapper FROM mutant_a
COMMENT ON FOREIGN DATA WRAPPER wrapper IS 'a wrapper'
    COMMENT ON FOREIGN DATA WRAPPER wrapper IS NULL
ALTER SERVER far OPTIONS (SET host 'i')
    ALTER SERVER far OPTIONS (SET host 'h')
ALTER SERVER far OPTIONS (SET password 'hunter3')
    ALTER SERVER far OPTIONS (SET password 'hunter2')
ALTER SERVER far VERSION '2'
    ALTER SERVER far VERSION '1'
ALTER SERVER far OWNER TO mutant_super
    ALTER SERVER far OWNER TO CURRENT_USER
GRANT USAGE ON FOREIGN SERVER far TO mutant_a
    REVOKE USAGE ON FOREIGN SERVER far FROM mutant_a
COMMENT ON SERVER far IS 'a server'
    COMMENT ON SERVER far IS NULL
ALTER USER MAPPING FOR mutant_a SERVER far OPTIONS (SET password 'hunter3')
    ALTER USER MAPPING FOR mutant_a SERVER far OPTIONS (SET password 'hunter2')
ALTER USER MAPPING FOR mutant_a SERVER far OPTIONS (SET user 'v')
    ALTER USER MAPPING FOR mutant_a SERVER far OPTIONS (SET user 'u')
CREATE USER MAPPING FOR PUBLIC SERVER far
    DROP USER MAPPING FOR PUBLIC SERVER far
ALTER FOREIGN TABLE remote OPTIONS (SET table_name 'u')
    ALTER FOREIGN TABLE remote OPTIONS (SET table_name 't')
COMMENT ON FOREIGN TABLE remote IS 'far away'
    COMMENT ON FOREIGN TABLE remote IS NULL
ALTER PUBLICATION news ADD TABLE parents
    ALTER PUBLICATION news DROP TABLE parents
ALTER PUBLICATION news SET TABLE plain WHERE (a > 1)
    ALTER PUBLICATION news SET TABLE plain
ALTER PUBLICATION news SET TABLE plain (a, b)
    ALTER PUBLICATION news SET TABLE plain
ALTER PUBLICATION news ADD TABLES IN SCHEMA other
    ALTER PUBLICATION news DROP TABLES IN SCHEMA other
ALTER PUBLICATION news SET (publish = 'insert, update')
    ALTER PUBLICATION news SET (publish = 'insert, update, delete, truncate')
ALTER PUBLICATION news SET (publish_via_partition_root = true)
    ALTER PUBLICATION news SET (publish_via_partition_root = false)
18: ALTER PUBLICATION news SET (publish_generated_columns = stored)
    ALTER PUBLICATION news SET (publish_generated_columns = none)
CREATE PUBLICATION everything FOR ALL TABLES
    DROP PUBLICATION everything
COMMENT ON PUBLICATION news IS 'news'
    COMMENT ON PUBLICATION news IS NULL
ALTER SUBSCRIPTION feed CONNECTION 'host=nowhere password=hunter3'
    ALTER SUBSCRIPTION feed CONNECTION 'host=nowhere password=hunter2'
ALTER SUBSCRIPTION feed SET (binary = true)
    ALTER SUBSCRIPTION feed SET (binary = false)
ALTER SUBSCRIPTION feed SET (synchronous_commit = local)
    ALTER SUBSCRIPTION feed SET (synchronous_commit = off)
ALTER SUBSCRIPTION feed SET (disable_on_error = true)
    ALTER SUBSCRIPTION feed SET (disable_on_error = false)
ALTER SUBSCRIPTION feed SET (origin = none)
    ALTER SUBSCRIPTION feed SET (origin = any)
ALTER SUBSCRIPTION feed SET (run_as_owner = true)
    ALTER SUBSCRIPTION feed SET (run_as_owner = false)
ALTER SUBSCRIPTION feed SET PUBLICATION olds WITH (refresh = false)
    ALTER SUBSCRIPTION feed SET PUBLICATION news WITH (refresh = false)
COMMENT ON SUBSCRIPTION feed IS 'a feed'
    COMMENT ON SUBSCRIPTION feed IS NULL
DROP EXTENSION vector
    CREATE EXTENSION vector
ALTER EXTENSION vector SET SCHEMA other
    ALTER EXTENSION vector SET SCHEMA public
COMMENT ON EXTENSION vector IS 'vectors'
    COMMENT ON EXTENSION vector IS 'vector data type and ivfflat and hnsw access methods'

-- Access
GRANT INSERT ON plain TO mutant_a
    REVOKE INSERT ON plain FROM mutant_a
GRANT SELECT ON plain TO mutant_a WITH GRANT OPTION
    REVOKE GRANT OPTION FOR SELECT ON plain FROM mutant_a
GRANT SELECT ON plain TO PUBLIC
    REVOKE SELECT ON plain FROM PUBLIC
REVOKE ALL ON plain FROM CURRENT_USER
    GRANT ALL ON plain TO CURRENT_USER
REVOKE TRIGGER ON parents FROM CURRENT_USER
    GRANT TRIGGER ON parents TO CURRENT_USER
GRANT SELECT ON names TO mutant_b
    REVOKE SELECT ON names FROM mutant_b
GRANT USAGE ON SCHEMA other TO mutant_a
    REVOKE USAGE ON SCHEMA other FROM mutant_a
GRANT CREATE ON SCHEMA public TO PUBLIC
    REVOKE CREATE ON SCHEMA public FROM PUBLIC
REVOKE EXECUTE ON FUNCTION add(integer, integer) FROM PUBLIC
    GRANT EXECUTE ON FUNCTION add(integer, integer) TO PUBLIC
GRANT EXECUTE ON PROCEDURE work(integer) TO mutant_a
    REVOKE EXECUTE ON PROCEDURE work(integer) FROM mutant_a
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep(double precision) FROM PUBLIC
    GRANT EXECUTE ON FUNCTION pg_catalog.pg_sleep(double precision) TO PUBLIC
GRANT SELECT ON pg_catalog.pg_authid TO mutant_a
    REVOKE SELECT ON pg_catalog.pg_authid FROM mutant_a
GRANT SELECT (rolname) ON pg_catalog.pg_authid TO mutant_a
    REVOKE SELECT (rolname) ON pg_catalog.pg_authid FROM mutant_a
GRANT EXECUTE ON FUNCTION public.l2_distance(vector, vector) TO mutant_a
    REVOKE EXECUTE ON FUNCTION public.l2_distance(vector, vector) FROM mutant_a
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC
    GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC
REVOKE USAGE ON LANGUAGE trusted FROM PUBLIC
    GRANT USAGE ON LANGUAGE trusted TO PUBLIC
ALTER DEFAULT PRIVILEGES IN SCHEMA other GRANT INSERT ON TABLES TO mutant_a
    ALTER DEFAULT PRIVILEGES IN SCHEMA other REVOKE INSERT ON TABLES FROM mutant_a
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC
    ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM CURRENT_USER
    ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO CURRENT_USER
ALTER DEFAULT PRIVILEGES FOR ROLE mutant_a GRANT USAGE ON SCHEMAS TO mutant_b
    ALTER DEFAULT PRIVILEGES FOR ROLE mutant_a REVOKE USAGE ON SCHEMAS FROM mutant_b
COMMENT ON SCHEMA public IS 'ours'
    COMMENT ON SCHEMA public IS 'standard public schema'
INSERT INTO pg_seclabel VALUES ('plain'::regclass, 'pg_class'::regclass, 0, 'test', 'secret')
    DELETE FROM pg_seclabel
INSERT INTO pg_seclabel VALUES ('plain'::regtype, 'pg_type'::regclass, 0, 'test', 'secret')
    DELETE FROM pg_seclabel
loose: COMMENT ON ROLE mutant_a IS 'a role'
    COMMENT ON ROLE mutant_a IS NULL
loose: ALTER ROLE mutant_a CREATEDB
    ALTER ROLE mutant_a NOCREATEDB
loose: ALTER ROLE mutant_a CONNECTION LIMIT 5
    ALTER ROLE mutant_a CONNECTION LIMIT -1
loose: ALTER ROLE mutant_a VALID UNTIL '2030-01-01'
    ALTER ROLE mutant_a VALID UNTIL 'infinity'
loose: ALTER ROLE mutant_a NOINHERIT
    ALTER ROLE mutant_a INHERIT
loose: GRANT mutant_b TO mutant_a
    REVOKE mutant_b FROM mutant_a
loose: ALTER ROLE mutant_a SET work_mem = '5MB'
    ALTER ROLE mutant_a RESET work_mem
loose: CREATE ROLE mutant_c
    DROP ROLE mutant_c
