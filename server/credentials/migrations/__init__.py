"""Alembic's environment (``env.py``) and the revisions; ``server.credentials.schema`` configures both."""
