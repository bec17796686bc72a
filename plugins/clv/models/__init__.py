"""The models of customer value, a file each, and the roster of those that compete."""
