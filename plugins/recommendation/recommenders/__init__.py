"""Recommender algorithms: how they learn, score, rank and explain. `roster.py` lists them."""
