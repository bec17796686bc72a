"""Job bodies and results as rows: NDJSON, CSV and Parquet."""
