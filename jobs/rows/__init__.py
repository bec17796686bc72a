"""Rows in and out of jobs: NDJSON, CSV and Parquet."""
