"""Pipelines: wire the stages, talk to people."""

__version__ = "0.1.0"
