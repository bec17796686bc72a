"""Maps URL paths to targets: a route, a route as a job, the reader of files, or a page of jobs or models."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from abintel.discovery import Roster
from abintel.endpoint import PREFIX, Endpoint
from abintel.media_types import JSON, TABLE_FORMS
from abintel.settings import Settings
from jobs.job import PREFIX as JOBS
from jobs.rows.forms import accepted
from server.credentials.permissions import Permissions

MODELS = "/api/v1/models"
TABLES = "/api/v1/tables"
SHORT_PREFIX = "/api/"
ASYNC = "_async"
REVIEW_BYTES = 4096
"""The largest body of a review."""
_REVIEW = re.compile(rf"{MODELS}/[^/]+/(promote|reject|pin)")
_JOB = re.compile(rf"{JOBS}/([^/]+)(/result)?")


@dataclass(frozen=True)
class Target:
    """The target of a path, with the conditions that are checked before a body is read.

    Attributes:
        label: the route in logs and metrics; never text from a caller.
        path: the path in the application.
        methods: the allowed methods.
        max_body: the largest body in bytes; None if it takes no body.
        forms: media types of the bodies that it accepts.
        in_thread: whether its requests use a thread and so count against saturation.
        endpoint: the route's endpoint, if it belongs to one.
        submits: whether it submits a job.
        reviews: whether it changes the state of a model.
    """

    label: str
    path: str
    methods: Sequence[str] = ("POST",)
    max_body: int | None = None
    forms: Sequence[str] = (JSON,)
    in_thread: bool = False
    endpoint: str | None = None
    submits: bool = False
    reviews: bool = False

    def check(self, permissions: Permissions, method: str) -> None:
        """Checks what a credential may do here.

        Raises:
            Problem: 403.
        """
        if self.endpoint is not None:
            permissions.check_route(self.endpoint)
        if self.submits:
            permissions.check_write("submit jobs")
        if method == "DELETE":
            permissions.check_write("cancel jobs")
        if self.reviews:
            permissions.check_review()


class Targets:
    """The paths that need a credential.

    Args:
        roster: the served plugins.
        settings: the limits.
    """

    def __init__(self, roster: Roster, settings: Settings) -> None:
        self._by_path: dict[str, Target] = {
            JOBS: Target(JOBS, JOBS, ("GET",)),
            MODELS: Target(MODELS, MODELS, ("GET",), in_thread=True),
        }
        for endpoint in roster.endpoints:
            files = f"{TABLES}/{endpoint.name}"
            self._by_path[files] = Target(
                f"{TABLES}/{{route}}",
                files,
                max_body=settings.max_body_bytes,
                forms=TABLE_FORMS,
                in_thread=True,
                endpoint=endpoint.name,
            )
            if not endpoint.runs_as_job:
                limit = body_limit(settings, endpoint)
                self._add(
                    Target(
                        endpoint.route,
                        endpoint.route,
                        max_body=limit,
                        in_thread=True,
                        endpoint=endpoint.name,
                    )
                )
        for path, endpoint in job_routes(roster).items():
            limit = job_limit(settings, endpoint)
            self._add(
                Target(
                    path,
                    path,
                    max_body=limit,
                    forms=accepted(endpoint),
                    endpoint=endpoint.name,
                    submits=True,
                )
            )

    def of(self, path: str) -> Target | None:
        """The target of a path; None if the path needs no credential or does not exist."""
        target = self._by_path.get(path)
        if target is not None:
            return target
        review = _REVIEW.fullmatch(path)
        if review is not None:
            label = f"{MODELS}/{{name}}/{review[1]}"
            return Target(label, path, max_body=REVIEW_BYTES, in_thread=True, reviews=True)
        job = _JOB.fullmatch(path)
        if job is None:
            return None
        if job[2]:
            return Target(f"{JOBS}/{{id}}/result", path, ("GET",))
        return Target(f"{JOBS}/{{id}}", path, ("GET", "DELETE"))

    def _add(self, target: Target) -> None:
        self._by_path[target.path] = target
        self._by_path[SHORT_PREFIX + target.path.removeprefix(PREFIX)] = target


def body_limit(settings: Settings, endpoint: Endpoint) -> int:
    """The largest body of a route, in bytes."""
    return _lesser(settings.max_body_bytes, endpoint.max_body_mb)


def job_limit(settings: Settings, endpoint: Endpoint) -> int:
    """The largest body of a route's jobs, in bytes."""
    return _lesser(settings.max_job_bytes, endpoint.max_body_mb if endpoint.limits_jobs else None)


def _lesser(limit: int, own_mb: float | None) -> int:
    return limit if own_mb is None else min(limit, int(own_mb * 2**20))


def job_routes(roster: Roster) -> Mapping[str, Endpoint]:
    """The endpoints that submit jobs, by path: a route's ``_async``, or the route itself if it runs as a
    job."""
    return {
        endpoint.route if endpoint.runs_as_job else endpoint.route + ASYNC: endpoint
        for endpoint in roster.endpoints
    }
