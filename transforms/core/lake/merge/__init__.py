"""Merging a batch into the tables: base tables, derived tables, conflicts."""
