"""Tables, their columns and types, views, and DDL for other engines."""
