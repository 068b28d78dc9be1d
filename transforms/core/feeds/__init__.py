"""Feeds: which to poll, when, and what their documents say."""
