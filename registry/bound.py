"""The registry as one call's handler sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from abintel.endpoint import Endpoint, Served


class BoundModels:
    """One tenant's models of one endpoint, at one moment.

    Args:
        serve: trains, reuses or finds the model for a request.
        champion: finds the live champion of another endpoint of the same tenant.
    """

    def __init__(self, serve: Callable[[Any], Served], champion: Callable[[Endpoint, Any], Served]) -> None:
        self._serve = serve
        self._champion = champion

    def serve(self, request: Any) -> Served:
        """Trains, reuses or finds the model for a request, by the 30-day rules."""
        return self._serve(request)

    def champion(self, endpoint: Endpoint, request: Any) -> Served:
        """The live champion of another endpoint of the same tenant; never trains."""
        return self._champion(endpoint, request)
