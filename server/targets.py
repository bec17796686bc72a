"""What a path leads to: a route, a route as a job, or a page of jobs or of models."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from abintel.discovery import Roster
from abintel.endpoint import PREFIX, Endpoint
from abintel.media_types import JSON
from abintel.settings import Settings
from jobs.job import PREFIX as JOBS
from jobs.rows.forms import accepted

MODELS = "/api/v1/models"
SHORT_PREFIX = "/api/"
ASYNC = "_async"
_JOB = re.compile(rf"{JOBS}/([^/]+)(/result)?")


@dataclass(frozen=True)
class Target:
    """What a path leads to, and what must be so before its body is read.

    Attributes:
        label: its route in logs and metrics; nothing that a caller typed.
        path: under which the application knows it.
        methods: that it takes.
        max_body: bytes of the largest body; None where it takes none.
        forms: media types of the bodies that it takes.
        in_thread: whether each request to it works in a thread, and so counts against saturation.
    """

    label: str
    path: str
    methods: Sequence[str] = ("POST",)
    max_body: int | None = None
    forms: Sequence[str] = (JSON,)
    in_thread: bool = False


class Targets:
    """The paths of a server that need a credential.

    Args:
        roster: the routes that are served.
        settings: the limits.
    """

    def __init__(self, roster: Roster, settings: Settings) -> None:
        self._known: dict[str, Target] = {
            JOBS: Target(JOBS, JOBS, ("GET",)),
            MODELS: Target(MODELS, MODELS, ("GET",), in_thread=True),
        }
        for endpoint in roster.endpoints:
            if not endpoint.runs_as_job:
                limit = body_limit(settings, endpoint)
                self._add(Target(endpoint.route, endpoint.route, max_body=limit, in_thread=True))
        for path, endpoint in job_routes(roster).items():
            limit = job_limit(settings, endpoint)
            self._add(Target(path, path, max_body=limit, forms=accepted(endpoint)))

    def of(self, path: str) -> Target | None:
        """What a path leads to, None if that needs no credential or is not there."""
        known = self._known.get(path)
        if known is not None:
            return known
        job = _JOB.fullmatch(path)
        if job is None:
            return None
        if job[2]:
            return Target(f"{JOBS}/{{id}}/result", path, ("GET",))
        return Target(f"{JOBS}/{{id}}", path, ("GET", "DELETE"))

    def _add(self, target: Target) -> None:
        self._known[target.path] = target
        self._known[SHORT_PREFIX + target.path.removeprefix(PREFIX)] = target


def body_limit(settings: Settings, endpoint: Endpoint) -> int:
    """The largest body of a route in bytes."""
    return _lesser(settings.max_body_bytes, endpoint.max_body_mb)


def job_limit(settings: Settings, endpoint: Endpoint) -> int:
    """The largest body of a route's jobs in bytes."""
    return _lesser(settings.max_job_bytes, endpoint.max_body_mb if endpoint.limits_jobs else None)


def _lesser(limit: int, own_mb: float | None) -> int:
    return limit if own_mb is None else min(limit, int(own_mb * 2**20))


def job_routes(roster: Roster) -> Mapping[str, Endpoint]:
    """Path to endpoint of what submits jobs: a route's ``_async``, or the route if that runs as a job."""
    return {
        endpoint.route if endpoint.runs_as_job else endpoint.route + ASYNC: endpoint
        for endpoint in roster.endpoints
    }
