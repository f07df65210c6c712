-- verdict: irreversible
-- finds: way back: CREATE OR REPLACE FUNCTION public.f()
-- base
CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
-- up
CREATE OR REPLACE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 2';
