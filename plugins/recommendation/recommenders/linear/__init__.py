"""Recommenders whose scores are sums over the user's own items."""
