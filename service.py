"""Builds the BentoML service from the discovered plugins, nothing else."""

from abintel.edge.bento import build

svc = build()
