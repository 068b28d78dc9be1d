"""What archives hold: WARC records, files, rows, and lists of links, read without a network."""
