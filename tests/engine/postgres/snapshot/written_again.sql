-- Statements that write the expressions of `settling.sql` down again, as PostgreSQL writes them.
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s', conrelid::regclass, conname, conname,
    pg_get_constraintdef(oid)) FROM pg_constraint WHERE conrelid = '"My shop"."Orders"'::regclass AND contype = 'c'
UNION ALL SELECT format('ALTER DOMAIN %s DROP CONSTRAINT %I; ALTER DOMAIN %s ADD CONSTRAINT %I %s', contypid::regtype, conname,
    contypid::regtype, conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE contypid <> 0
UNION ALL SELECT format('ALTER TABLE "My shop"."Orders" ALTER COLUMN flag SET DEFAULT %s', pg_get_expr(adbin, adrelid))
    FROM pg_attrdef WHERE adnum = 5
UNION ALL SELECT format('ALTER TABLE "My shop"."Orders" DROP COLUMN listed, ADD COLUMN listed boolean GENERATED ALWAYS AS (%s) STORED',
    pg_get_expr(adbin, adrelid)) FROM pg_attrdef WHERE adnum = 6
UNION ALL SELECT format('DROP INDEX %s; %s', indexrelid::regclass, pg_get_indexdef(indexrelid)) FROM pg_index
    WHERE indrelid = '"My shop"."Orders"'::regclass AND NOT indisprimary
UNION ALL SELECT 'CREATE OR REPLACE VIEW kinds AS ' || pg_get_viewdef('kinds'::regclass)
UNION ALL SELECT 'DROP MATERIALIZED VIEW kept; CREATE MATERIALIZED VIEW kept AS ' || pg_get_viewdef('kept'::regclass)
UNION ALL SELECT format('ALTER POLICY mine ON "My shop"."Orders" USING (%s) WITH CHECK (%s)', pg_get_expr(polqual, polrelid),
    pg_get_expr(polwithcheck, polrelid)) FROM pg_policy
UNION ALL SELECT 'DROP RULE nothing ON "My shop"."Orders"; ' || pg_get_ruledef(oid) FROM pg_rewrite WHERE rulename = 'nothing'
UNION ALL SELECT 'DROP TRIGGER "go ON" ON "My shop"."Orders"; ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'go ON'
UNION ALL SELECT 'DROP STATISTICS joint; ' || pg_get_statisticsobjdef(oid) FROM pg_statistic_ext
UNION ALL SELECT pg_get_functiondef('listed'::regproc)
