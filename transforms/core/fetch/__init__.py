"""Fetching: which addresses are public, when a site may be asked again, and how much of an answer is read."""
