"""The registry as the handler of one call sees it (:class:`abintel.endpoint.Models`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from abintel.endpoint import Endpoint, Served


class CallModels:
    """One tenant's models of one endpoint, for the duration of one call.

    Args:
        serve: trains, reuses or looks up the model for a request.
        champion: looks up the live champion of another endpoint of the same tenant.
    """

    def __init__(self, serve: Callable[[Any], Served], champion: Callable[[Endpoint, Any], Served]) -> None:
        self._serve = serve
        self._champion = champion

    def serve(self, request: Any) -> Served:
        """Trains, reuses or looks up the model for a request, by the 30-day rules."""
        return self._serve(request)

    def champion(self, endpoint: Endpoint, request: Any) -> Served:
        """The live champion of another endpoint of the same tenant; never trains."""
        return self._champion(endpoint, request)
