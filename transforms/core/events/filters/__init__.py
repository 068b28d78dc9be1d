"""Matches that are not events: idioms, opinion, accidents."""
