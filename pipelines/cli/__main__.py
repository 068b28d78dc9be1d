"""`python -m pipelines.cli` is the `newsbeam` command."""

from pipelines.cli.app import main

main()
