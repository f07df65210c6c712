"""Reports: what was found, in the shape in which somebody wants to read it."""
