"""Rehearsals: up, down and up again on a shadow database, and the proof of it."""
