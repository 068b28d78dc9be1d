"""The commands that work on files without a lake: pages, texts and feeds to JSON lines."""
