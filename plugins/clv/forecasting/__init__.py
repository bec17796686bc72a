"""The fitted forecaster: what is stored, and what it predicts."""
