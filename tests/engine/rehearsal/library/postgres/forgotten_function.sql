-- verdict: different
-- finds: function public.f(): added
-- up
CREATE OR REPLACE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
-- down
SELECT 1;
