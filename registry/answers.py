"""What an answer says about its model, or about why there is no model."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from abintel.endpoint import Served
from abintel.problem import Problem
from registry.circuit_breaker import RegistryRefused, RegistryUnavailable
from registry.rules import Version
from registry.store import stamp

log = logging.getLogger(__name__)
Warn = Callable[[str, str], None]
"""Receives the code and the sentence of a warning."""
NO_LABELS = ", and this request brings no labels to train with"
"""Why a request needs a stored model, for :func:`unavailable`."""


def reuse_info(version: Version, *, cached: bool) -> dict[str, Any]:
    """The part of ``model_info`` that describes the version, as opposed to its training."""
    return {
        "cached": cached,
        "model_version": version.number,
        "trained_at": stamp(version.trained_at),
        "expires_at": stamp(version.expires_at),
    }


def out_of_service(version: Version, warn: Warn) -> Served:
    """No model: the champion is rejected or has expired."""
    if version.rejected:
        return Served(None, {}, "the stored model was rejected in review")
    note = f"the stored model expired at {stamp(version.expires_at)}"
    warn("model_expired", f"{note[0].upper()}{note[1:]}; send labelled rows to train a new one.")
    return Served(None, {}, note)


def damaged(version: Version, warn: Warn) -> Served:
    """No model: the champion's files differ from those that were registered."""
    note = f"version {version.number} of the stored model is damaged and not served"
    warn("model_damaged", f"{note[0].upper()}{note[1:]}; send labelled rows to train a new one.")
    return Served(None, {}, note)


def unavailable(error: RegistryUnavailable, because: str = "") -> Problem:
    """503 for a request that needs MLflow while MLflow does not answer or refuses this server.

    Args:
        error: the failure. It is logged.
        because: why this request needs MLflow, as the end of a sentence.
    """
    log.error("%s: %s", error.headline, error)
    detail = f"{error.headline[0].upper()}{error.headline[1:]}{because}; {error.remedy}."
    if isinstance(error, RegistryRefused):
        # Without Retry-After: a refusal does not pass by itself.
        return Problem(503, "registry-refused", detail)
    return Problem(503, "registry-unavailable", detail, headers={"Retry-After": "10"})
