-- verdict: different
-- finds: function public.f(integer,
-- base
CREATE FUNCTION f(a integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
-- up
CREATE OR REPLACE FUNCTION f(a integer, b integer DEFAULT 0) RETURNS integer LANGUAGE sql AS 'SELECT 2';
-- down
CREATE OR REPLACE FUNCTION f(a integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
