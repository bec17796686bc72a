"""From the request of a forecast to its answer."""
