"""The jobs: what each fetches or reads, the graph of a batch, and the runner that they share."""
