"""Rows for a rehearsal: generated from what a schema says, the same ones on every machine."""
