"""Builds the BentoML service from the discovered plugins, nothing else."""

from server.http.bento import service_or_exit

svc = service_or_exit()
