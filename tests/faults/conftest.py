"""The registry's real MLflow store, migrated once for all files here."""

from __future__ import annotations

from tests.registry.conftest import ask, migrated, registry, settings

__all__ = ["ask", "migrated", "registry", "settings"]
