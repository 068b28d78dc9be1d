"""Taking out of an article what is not its own."""
