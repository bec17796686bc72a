"""Alembic's environment (``env.py``) and the revisions; ``abintel.credentials.schema`` configures both."""
