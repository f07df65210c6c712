-- A schema full of expressions that PostgreSQL writes in two ways.
CREATE SCHEMA "My shop";
CREATE DOMAIN kind AS varchar(10) CONSTRAINT kind_check CHECK (VALUE IN ('a', 'b'));
CREATE TABLE "My shop"."Orders" (
    id integer PRIMARY KEY, "The kind" varchar(10), price numeric, note text,
    CONSTRAINT "Kind?" CHECK ("The kind" IN ('a', 'b')),
    flag boolean DEFAULT ('a'::varchar(10) IN ('a', 'b')),
    listed boolean GENERATED ALWAYS AS ("The kind" IN ('a', 'b')) STORED
);
CREATE INDEX by_kind ON "My shop"."Orders" (id) WHERE "The kind" IN ('a', 'b');
CREATE INDEX by_expression ON "My shop"."Orders" (("The kind" IN ('a', 'b')));
CREATE VIEW kinds AS SELECT id FROM "My shop"."Orders" WHERE "The kind" IN ('a', 'b');
CREATE MATERIALIZED VIEW kept AS SELECT id FROM "My shop"."Orders" WHERE "The kind" IN ('a', 'b');
CREATE POLICY mine ON "My shop"."Orders" USING ("The kind" IN ('a', 'b') AND EXISTS (
    SELECT FROM "My shop"."Orders" o WHERE o.id = "Orders".id)) WITH CHECK ("The kind" IN ('a', 'b'));
CREATE RULE nothing AS ON DELETE TO "My shop"."Orders" WHERE old."The kind" IN ('a', 'b') DO INSTEAD NOTHING;
CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER "go ON" BEFORE UPDATE OF note ON "My shop"."Orders" FOR EACH ROW
    WHEN (new."The kind" IN ('a', 'b')) EXECUTE FUNCTION act();
CREATE STATISTICS joint ON id, ("The kind" IN ('a', 'b')) FROM "My shop"."Orders";
CREATE FUNCTION listed(k varchar) RETURNS boolean LANGUAGE sql RETURN k IN ('a', 'b');
