"""The command line: commands, options, and what a terminal shows."""

from pipelines.cli.app import app, main, run

__all__ = ["app", "main", "run"]
