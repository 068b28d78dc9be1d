"""Turning a fetched page or a bare text into an article."""
