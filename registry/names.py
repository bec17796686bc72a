"""Names of registered models and experiments: readable, unique and allowed by MLflow."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping


def scope_key(scope: Mapping[str, str]) -> str:
    """A scope as canonical JSON, such as ``{"campaign_id":"Spring"}``."""
    return json.dumps(dict(scope), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def model_name(tenant: str, endpoint: str, scope: Mapping[str, str]) -> str:
    """The name of the registered model of one tenant, endpoint and scope.

    It has a slug for people and a hash for uniqueness, because a SKU or a plan may contain any character.

    >>> model_name("acme", "propensity_respond_campaign", {"campaign_id": "Spring Promo/2025"})
    'acme.propensity_respond_campaign.spring-promo-2025.2d999d929fc0'
    """
    digest = hashlib.sha256("\0".join([tenant, endpoint, scope_key(scope)]).encode()).hexdigest()
    parts = [tenant, endpoint]
    if scope:
        parts.append(_slug(" ".join(scope.values())))
    return ".".join([*parts, digest[:12]])


def experiment_name(tenant: str, endpoint: str) -> str:
    """The name of the MLflow experiment with the trainings of one tenant and endpoint."""
    return f"abintel.{tenant}.{endpoint}"


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48] or "scope"
