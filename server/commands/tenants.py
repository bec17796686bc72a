"""``abintel tenants``: deletes a tenant."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

import click

from abintel.settings import Settings
from server.cli import Refusal
from server.credentials import open_store
from server.credentials.audit import command_line
from server.credentials.store import check_tenant
from server.load.rate_limit import RateLimiter


@click.group()
def commands() -> None:
    """Manage tenants."""


@commands.command()
@click.argument("tenant")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(tenant: str, yes: bool) -> None:
    """Delete the credentials, jobs and models of TENANT. This cannot be undone."""
    check_tenant(tenant)
    settings = Settings.from_environment()
    if not yes:
        click.confirm(f"Remove all credentials, jobs and models of {tenant}?", abort=True)
    # Credentials first, so that the tenant cannot train another model meanwhile.
    now = datetime.now(UTC)
    with closing(open_store(settings, command_line())) as store:
        removed = store.delete_tenant(tenant, now)
    click.echo(f"{tenant}: {_count(removed, 'credential')} removed")
    with closing(RateLimiter(settings)) as limiter:
        limiter.forget(tenant)
    # Imported here: the imports take seconds, and the credentials should be gone before.
    from jobs.store.sweep import delete_tenant as delete_jobs
    from registry.administration import delete_tenant
    from registry.store import RegistryUnavailable

    ended = delete_jobs(settings, tenant, now)
    click.echo(f"{tenant}: {_count(ended, 'job')} removed")
    try:
        models = delete_tenant(settings, tenant)
    except RegistryUnavailable as error:
        raise Refusal(
            f"the models of {tenant} are still there: {error.headline} ({error}); {error.remedy}"
        ) from error
    click.echo(f"{tenant}: {_count(models, 'model')} removed")


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
