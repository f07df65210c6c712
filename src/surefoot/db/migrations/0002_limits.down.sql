DROP FUNCTION take_limits(bytea[], text[], integer[], double precision[]);
DROP FUNCTION refused_limits(bytea[], text[], integer[], double precision[]);
DROP TABLE limits;
