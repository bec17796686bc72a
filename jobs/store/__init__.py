"""The record of jobs in the database, and their payloads and results as blobs."""
