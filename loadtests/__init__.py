"""Load tests: send every route's examples to a server and compare with the objectives in ``slo.yaml``."""
