"""``abintel tenants``: removes a tenant."""

from __future__ import annotations

from contextlib import closing

import click

from abintel.cli import Refusal
from abintel.credentials import open_store
from abintel.credentials.store import check_tenant
from abintel.rate_limit import RateLimiter
from abintel.settings import Settings


@click.group()
def commands() -> None:
    """Tenants, with all that is theirs."""


@commands.command()
@click.argument("tenant")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(tenant: str, yes: bool) -> None:
    """Remove the credentials and the models of TENANT; there is no way back."""
    check_tenant(tenant)
    settings = Settings.from_environment()
    if not yes:
        click.confirm(f"Remove all credentials and models of {tenant}?", abort=True)
    # Credentials first, so that nobody trains another model meanwhile.
    with closing(open_store(settings)) as store:
        removed = store.delete_tenant(tenant)
    click.echo(f"{tenant}: {_count(removed, 'credential')} removed")
    with closing(RateLimiter(settings)) as limiter:
        limiter.forget(tenant)
    # Imported here: MLflow takes seconds, and the credentials should not outlive them.
    from registry.administration import delete_tenant
    from registry.store import RegistryUnavailable

    try:
        models = delete_tenant(settings, tenant)
    except RegistryUnavailable as error:
        raise Refusal(f"the models of {tenant} are still there: {error}; say it again later") from error
    click.echo(f"{tenant}: {_count(models, 'model')} removed")


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
