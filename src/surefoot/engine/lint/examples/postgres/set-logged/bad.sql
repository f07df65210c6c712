ALTER TABLE visits SET LOGGED; -- found
