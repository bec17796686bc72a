"""Fit once, store in MLflow, reuse for 30 days.

:mod:`registry.rules` decides which version is served. :mod:`registry.registry` gets the model for a request.
Only :mod:`registry.store` talks to MLflow.
"""
