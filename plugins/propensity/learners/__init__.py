"""Learners of a yes-or-no outcome: each one file, listed in ``roster.py``."""
