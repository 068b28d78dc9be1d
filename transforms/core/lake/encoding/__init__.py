"""Records to rows (`to_rows`), rows to Parquet (`parquet`), and rows back to records
(`from_rows`)."""
