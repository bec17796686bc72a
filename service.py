"""Builds the BentoML service from the discovered plugins, nothing else."""

from abintel.edge.bento import service_or_exit

svc = service_or_exit()
