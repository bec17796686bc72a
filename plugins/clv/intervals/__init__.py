"""Intervals around predictions."""
