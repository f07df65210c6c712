"""The engine: a folder of SQL and a database, nothing else. `surefoot.engine.api` is what callers use."""
