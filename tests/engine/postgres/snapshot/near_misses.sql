-- Changes of `settling.sql`, one a paragraph, that nothing excuses.

ALTER TABLE "My shop"."Orders" DROP CONSTRAINT "Kind?", ADD CONSTRAINT "Kind?" CHECK ("The kind" IN ('a', 'c'))

ALTER TABLE "My shop"."Orders" DROP CONSTRAINT "Kind?", ADD CONSTRAINT "Kind?" CHECK ("The kind" IN ('a'))

ALTER TABLE "My shop"."Orders" DROP CONSTRAINT "Kind?", ADD CONSTRAINT "Kind?" CHECK ("The kind" IN ('a', 'b')) NO INHERIT

ALTER TABLE "My shop"."Orders" DROP CONSTRAINT "Kind?", ADD CONSTRAINT "Kind?" CHECK ("The kind" = ANY (ARRAY['a', 'b'])) NOT VALID

ALTER TABLE "My shop"."Orders" ALTER COLUMN flag SET DEFAULT ('a'::varchar(10) IN ('a', 'c'))

ALTER TABLE "My shop"."Orders" ALTER COLUMN flag DROP DEFAULT

DROP INDEX "My shop".by_kind; CREATE INDEX by_kind ON "My shop"."Orders" (id) WHERE "The kind" IN ('a')

DROP INDEX "My shop".by_kind; CREATE UNIQUE INDEX by_kind ON "My shop"."Orders" (id) WHERE "The kind" IN ('a', 'b')

DROP INDEX "My shop".by_kind; CREATE INDEX by_kind ON "My shop"."Orders" (id DESC) WHERE "The kind" IN ('a', 'b')

CREATE OR REPLACE VIEW kinds AS SELECT id FROM "My shop"."Orders" WHERE "The kind" IN ('a')

CREATE OR REPLACE VIEW kinds AS SELECT id + 0 AS id FROM "My shop"."Orders" WHERE "The kind" IN ('a', 'b')

ALTER POLICY mine ON "My shop"."Orders" USING (true)

ALTER POLICY mine ON "My shop"."Orders" WITH CHECK ("The kind" IN ('a', 'c'))

CREATE OR REPLACE RULE nothing AS ON DELETE TO "My shop"."Orders" DO INSTEAD NOTHING

CREATE OR REPLACE RULE nothing AS ON DELETE TO "My shop"."Orders" WHERE old."The kind" IN ('a', 'b') DO NOTHING

ALTER TABLE "My shop"."Orders" DISABLE TRIGGER "go ON"

DROP TRIGGER "go ON" ON "My shop"."Orders"; CREATE TRIGGER "go ON" BEFORE UPDATE OF id ON "My shop"."Orders" FOR EACH ROW
    WHEN (new."The kind" IN ('a', 'b')) EXECUTE FUNCTION act()

CREATE OR REPLACE FUNCTION listed(k varchar) RETURNS boolean LANGUAGE sql RETURN k IN ('a', 'c')

CREATE OR REPLACE FUNCTION listed(k varchar) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN k IN ('a', 'b')

CREATE OR REPLACE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN  RETURN NEW; END'

DROP STATISTICS joint; CREATE STATISTICS joint (mcv) ON id, ("The kind" IN ('a', 'b')) FROM "My shop"."Orders"

COMMENT ON CONSTRAINT "Kind?" ON "My shop"."Orders" IS 'x'
