"""The commands that work on files without a lake: pages, texts and feeds in, JSON lines out."""
