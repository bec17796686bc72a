"""A served instance under load: every route's own examples against its objective in ``slo.yaml``."""
