-- A schema with something of every kind; the mutations stand on it.
CREATE SCHEMA other;
SET check_function_bodies = off;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE spare AS ENUM ('a', 'b');
CREATE TYPE pair AS (x integer, y text);
CREATE DOMAIN positive AS integer CONSTRAINT positive_check CHECK (VALUE > 0);
CREATE TYPE spans AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE FUNCTION spans_diff(float8, float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
CREATE TYPE shell;
CREATE TYPE base;
CREATE FUNCTION base_in(cstring) RETURNS base LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION base_out(base) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE base (INPUT = base_in, OUTPUT = base_out, INTERNALLENGTH = VARIABLE, STORAGE = extended);
CREATE SEQUENCE numbers;
CREATE SEQUENCE free_numbers;
CREATE TABLE parents (id integer PRIMARY KEY, code text UNIQUE, other_code text, CONSTRAINT other_code_key UNIQUE (other_code));
CREATE TABLE things (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parent integer CONSTRAINT things_parent REFERENCES parents (id),
    name text NOT NULL DEFAULT 'x',
    price numeric(10, 2),
    doubled numeric GENERATED ALWAYS AS (price * 2) STORED,
    short varchar(10),
    mood mood DEFAULT 'ok',
    made timestamptz DEFAULT now(),
    tags text[],
    spare text,
    CONSTRAINT price_check CHECK (price > 0)
);
ALTER TABLE numbers OWNER TO CURRENT_USER;
ALTER SEQUENCE numbers OWNED BY things.spare;
CREATE INDEX things_name ON things (name);
CREATE INDEX things_expression ON things (lower(name));
CREATE TABLE plain (a integer, b text, c text);
CREATE TABLE typed OF pair;
CREATE TABLE ancestor (a integer CONSTRAINT a_positive CHECK (a > 0));
CREATE TABLE ancestor_two (b integer);
CREATE TABLE heir (c integer) INHERITS (ancestor);
CREATE TABLE lone_heir (a integer CONSTRAINT a_positive CHECK (a > 0), b integer);
CREATE TABLE measures (at date NOT NULL, value integer) PARTITION BY RANGE (at);
CREATE TABLE measures_one PARTITION OF measures FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE measures_two (at date NOT NULL, value integer);
CREATE INDEX measures_at ON measures (at);
CREATE VIEW names AS SELECT id, name FROM things;
CREATE MATERIALIZED VIEW totals AS SELECT parent, sum(price) AS total FROM things GROUP BY parent;
CREATE UNIQUE INDEX totals_parent ON totals (parent);
CREATE FUNCTION add(a integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
CREATE PROCEDURE work(a integer) LANGUAGE plpgsql AS 'BEGIN NULL; END';
CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0');
CREATE FUNCTION on_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION on_event() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN NULL; END';
CREATE TRIGGER changed BEFORE UPDATE ON things FOR EACH ROW EXECUTE FUNCTION on_change();
CREATE TRIGGER measured AFTER INSERT ON measures FOR EACH ROW EXECUTE FUNCTION on_change();
CREATE CONSTRAINT TRIGGER checked AFTER INSERT ON things DEFERRABLE FOR EACH ROW EXECUTE FUNCTION on_change();
CREATE RULE no_delete AS ON DELETE TO plain DO INSTEAD NOTHING;
CREATE EVENT TRIGGER on_end ON ddl_command_end WHEN TAG IN ('CREATE CAST') EXECUTE FUNCTION on_event();
CREATE POLICY mine ON things FOR SELECT TO mutant_a USING (id > 0);
CREATE STATISTICS joint (ndistinct) ON a, b FROM plain;
CREATE PUBLICATION news FOR TABLE plain;
CREATE SUBSCRIPTION feed CONNECTION 'host=nowhere password=hunter2' PUBLICATION news
    WITH (connect = false, slot_name = NONE);
CREATE FOREIGN DATA WRAPPER wrapper OPTIONS (debug 'true');
CREATE SERVER far TYPE 'a' VERSION '1' FOREIGN DATA WRAPPER wrapper OPTIONS (host 'h', password 'hunter2');
CREATE USER MAPPING FOR mutant_a SERVER far OPTIONS (user 'u', password 'hunter2');
CREATE FOREIGN TABLE remote (a integer OPTIONS (column_name 'x')) SERVER far OPTIONS (table_name 't');
CREATE CAST (pair AS spans) WITH INOUT;
CREATE OPERATOR === (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq, COMMUTATOR = ===);
CREATE FUNCTION less(integer, numeric) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 < $2';
CREATE OPERATOR !!! (LEFTARG = integer, RIGHTARG = numeric, FUNCTION = less);
CREATE OPERATOR FAMILY family USING btree;
CREATE OPERATOR CLASS backwards FOR TYPE integer USING btree FAMILY family AS
    OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 btint4cmp (integer, integer);
CREATE COLLATION plain_order (provider = libc, lc_collate = 'C', lc_ctype = 'C');
CREATE CONVERSION latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TEXT SEARCH DICTIONARY words (TEMPLATE = simple, stopwords = english);
CREATE TEXT SEARCH CONFIGURATION search (COPY = pg_catalog.simple);
CREATE TEXT SEARCH PARSER parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH TEMPLATE template (LEXIZE = dsimple_lexize, INIT = dsimple_init);
CREATE LANGUAGE own HANDLER plpgsql_call_handler;
CREATE TRUSTED LANGUAGE trusted HANDLER plpgsql_call_handler;
CREATE ACCESS METHOD heap_too TYPE TABLE HANDLER heap_tableam_handler;
CREATE TRANSFORM FOR boolean LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION boolrecv(internal));
ALTER DEFAULT PRIVILEGES IN SCHEMA other GRANT SELECT ON TABLES TO mutant_a;
GRANT SELECT ON plain TO mutant_a;
CREATE EXTENSION vector;
COMMENT ON TABLE plain IS 'a plain table';
COMMENT ON COLUMN plain.a IS 'a column';
