"""What a credential may do."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import NamedTuple

from abintel.problem import Problem

_PATTERN = re.compile(r"[a-z0-9_*?]{1,100}")
_MOST_TEXT = 1000


class Permissions(NamedTuple):
    """The permissions of a credential. Without any argument it may call every route and train.

    Attributes:
        routes: patterns of route names, such as ``churn_*``; empty for every route. A pattern also covers
            the jobs and the models of its routes.
        read_only: whether it may neither train models nor submit or cancel jobs.
        reviewer: whether it may promote, reject and pin models.
    """

    routes: tuple[str, ...] = ()
    read_only: bool = False
    reviewer: bool = False

    def covers(self, endpoint: str) -> bool:
        """Whether the credential may use a route.

        >>> Permissions(("churn_*",)).covers("churn_risk"), Permissions(("churn_*",)).covers("nps")
        (True, False)
        """
        return not self.routes or any(fnmatchcase(endpoint, pattern) for pattern in self.routes)

    def check_route(self, endpoint: str) -> None:
        """Checks that the credential may use a route.

        Raises:
            Problem: 403.
        """
        if not self.covers(endpoint):
            raise forbidden(f"it is limited to the routes {', '.join(self.routes)}, without {endpoint}")

    def check_write(self, what: str) -> None:
        """Checks that the credential is not read-only.

        Args:
            what: the rejected action, such as ``submit jobs``.

        Raises:
            Problem: 403.
        """
        if self.read_only:
            raise forbidden(f"it is read-only, so it cannot {what}")

    def check_review(self) -> None:
        """Checks that the credential may review models.

        Raises:
            Problem: 403.
        """
        if not self.reviewer:
            raise forbidden("it lacks the permission `reviewer`")


class Caller(NamedTuple):
    """Who sends a request.

    Attributes:
        tenant: whose data and models the request is about.
        customer_api_id: the credential.
        permissions: of the credential.
    """

    tenant: str
    customer_api_id: str
    permissions: Permissions


def forbidden(reason: str) -> Problem:
    """403 for a credential that lacks a permission.

    Args:
        reason: which one, as the end of a sentence about the credential.
    """
    return Problem(403, "forbidden", f"This credential does not allow that: {reason}.")


def check_routes(patterns: tuple[str, ...]) -> None:
    """Checks patterns of route names.

    Raises:
        ValueError: a pattern is invalid, or they are too long together.
    """
    for pattern in patterns:
        if not _PATTERN.fullmatch(pattern):
            raise ValueError(
                f"{pattern[:80]!r} is no pattern of route names: wanted are lower case letters, digits, _, "
                "* for any text and ? for one letter, such as churn_*"
            )
    if len(" ".join(patterns)) > _MOST_TEXT:
        raise ValueError(f"the patterns of route names have more than {_MOST_TEXT} letters")
