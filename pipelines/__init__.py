"""Pipelines: wire the stages, talk to people."""
