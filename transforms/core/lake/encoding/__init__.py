"""Records to rows to Parquet, and back."""
