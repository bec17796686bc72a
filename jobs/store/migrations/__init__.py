"""Alembic revisions of the tables of jobs."""
