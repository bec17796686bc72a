"""Who may call: tenants' credentials, stored as keyed hashes, and the check that every request passes."""

from __future__ import annotations

from abintel.settings import Settings
from server.credentials import schema
from server.credentials.store import CredentialStore
from stores.pepper import load_pepper


def open_store(settings: Settings) -> CredentialStore:
    """The store of credentials that the settings name, its tables made where there are none.

    Raises:
        SettingError: ``ABINTEL_DATABASE_URL`` names no database that can be used.
        CannotStart: the store or the pepper cannot be read, or the store's schema is not the code's.
    """
    pepper = load_pepper(settings)
    schema.ensure(settings.database_url)
    return CredentialStore(settings.database_url, pepper)
