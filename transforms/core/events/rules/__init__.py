"""Event rules and their vocabulary, read from the rule files."""
