"""Fit once, store in MLflow, reuse for 30 days.

Read :mod:`registry.rules` for what is served when, :mod:`registry.registry` for how a request gets its model.
Only :mod:`registry.store` speaks to MLflow.
"""
