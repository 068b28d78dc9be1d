"""Records to rows (`to_rows`), rows to Arrow and Parquet (`arrow_rows`), and rows back to records
(`from_rows`)."""
