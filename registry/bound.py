"""The registry as one call's handler sees it."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from abintel.endpoint import Endpoint, Served
from registry.answers import Warn

if TYPE_CHECKING:
    from registry.registry import Registry


class BoundModels:
    """One tenant's models of one endpoint, at one moment."""

    def __init__(
        self, registry: Registry, tenant: str, endpoint: Endpoint, now: datetime.datetime, warn: Warn
    ) -> None:
        self._registry = registry
        self._tenant = tenant
        self._endpoint = endpoint
        self._now = now
        self._warn = warn

    def serve(self, request: Any) -> Served:
        """Trains, reuses or finds the model for a request, by the 30-day rules."""
        return self._registry.serve(self._tenant, self._endpoint, request, self._now, self._warn)

    def champion(self, endpoint: Endpoint, request: Any) -> Served:
        """The live champion of another endpoint of the same tenant; never trains."""
        return self._registry.champion(self._tenant, endpoint, request, self._now, _said_elsewhere)


def _said_elsewhere(code: str, message: str) -> None:
    """What another endpoint would warn of is not for the caller of this one."""
