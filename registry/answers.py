"""What a caller is told of the model behind an answer, or of why there is none."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from abintel.endpoint import Served
from abintel.problem import Problem
from registry.rules import Version
from registry.store import RegistryUnavailable, stamp

log = logging.getLogger(__name__)
Warn = Callable[[str, str], None]
"""Takes the code and the sentence of a warning."""


def reuse_info(version: Version, *, cached: bool) -> dict[str, Any]:
    """What ``model_info`` says of the version that answers, apart from its training."""
    return {
        "cached": cached,
        "model_version": version.number,
        "trained_at": stamp(version.trained_at),
        "expires_at": stamp(version.expires_at),
    }


def out_of_service(version: Version, warn: Warn) -> Served:
    """No model, because the champion is rejected or expired."""
    if version.rejected:
        return Served(None, {}, "the stored model was rejected in review")
    note = f"the stored model expired at {stamp(version.expires_at)}"
    warn("model_expired", f"{note[0].upper()}{note[1:]}; send labelled rows to train a new one.")
    return Served(None, {}, note)


def damaged(version: Version, warn: Warn) -> Served:
    """No model, because the champion's files are not those that were registered."""
    note = f"version {version.number} of the stored model is damaged and not served"
    warn("model_damaged", f"{note[0].upper()}{note[1:]}; send labelled rows to train a new one.")
    return Served(None, {}, note)


def unavailable(error: RegistryUnavailable) -> Problem:
    """503 for a request that needs a stored model while MLflow does not answer."""
    log.error("the model registry is unavailable: %s", error)
    return Problem(
        503,
        "registry-unavailable",
        "The model registry does not answer, and this request brings no labels to train with; try again.",
        headers={"Retry-After": "10"},
    )
