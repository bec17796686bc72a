"""``abintel models``: manages trained models."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from abintel.settings import Settings
from registry.administration import Administration, ModelSummary, state
from registry.store import stamp
from server.credentials.audit import Entry, command_line, trail


def _administration() -> Administration:
    return Administration(Settings.from_environment())


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@contextmanager
def _reviewed(action: str, name: str, **details: str) -> Iterator[Administration]:
    """Records in the audit trail what is done to a model."""
    settings = Settings.from_environment()
    administration = Administration(settings)
    tenant = administration.model(name).tenant
    entry = Entry(_now(), *command_line(), action, tenant, name, details)
    with trail(settings) as opened, opened.recorded(entry):
        yield administration


_reason = click.option("--reason", default="", help="Why, for MLflow and the audit trail.")


@click.group("models")
def commands() -> None:
    """List, promote, reject, pin and sweep trained models."""


@commands.command("list")
@click.argument("tenant", required=False)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_models(tenant: str | None, as_json: bool) -> None:
    """List registered models and their champions."""
    rows = [_summary(summary) for summary in _administration().models(tenant)]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        pinned = " pinned" if row["pinned"] else ""
        click.echo(f"{row['name']}  champion {row['champion'] or '-'} of {row['versions']}{pinned}")
    if not rows:
        click.echo("no models")


@commands.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(name: str, as_json: bool) -> None:
    """Show a model's versions and the history of its champions."""
    administration = _administration()
    summary = administration.model(name)
    now = _now()
    versions = [
        {
            "version": version.number,
            "state": state(version, summary.champion, now),
            "trained_at": stamp(version.trained_at),
            "expires_at": stamp(version.expires_at),
            "rows": version.rows,
            "quality": version.quality,
            "run_id": version.run_id,
        }
        for version in summary.versions
    ]
    record = [
        {"since": since, "champion": what} for since, what in administration.store.champion_record(name)
    ]
    if as_json:
        click.echo(json.dumps({**_summary(summary), "versions": versions, "champion_record": record}))
        return
    click.echo(f"{summary.name}\ntenant {summary.tenant}, {summary.endpoint} {summary.scope}")
    for row in versions:
        click.echo(
            f"  {row['version']:>4}  {row['state']:<12} trained {row['trained_at']}  "
            f"{row['rows']} rows  quality {row['quality']:.4f}"
        )
    for entry in record:
        click.echo(f"  champion since {entry['since']}: {entry['champion']}")


@commands.command()
@click.argument("name")
@click.argument("version")
@_reason
def promote(name: str, version: str, reason: str) -> None:
    """Make VERSION the champion (an older one, to roll back)."""
    with _reviewed("model promoted", name, version=version, reason=reason) as administration:
        administration.promote(name, version, _now(), reason)
    click.echo(f"{name}: version {version} is champion")


@commands.command()
@click.argument("name")
@click.argument("version")
@_reason
def reject(name: str, version: str, reason: str) -> None:
    """Take VERSION out of service."""
    with _reviewed("model rejected", name, version=version, reason=reason) as administration:
        administration.reject(name, version, reason)
    click.echo(f"{name}: version {version} is rejected")


@commands.command()
@click.argument("name")
@click.option("--off", is_flag=True, help="Let new versions become champion again.")
@_reason
def pin(name: str, off: bool, reason: str) -> None:
    """Keep the champion: new versions do not replace it."""
    with _reviewed("model unpinned" if off else "model pinned", name, reason=reason) as administration:
        administration.pin(name, not off)
    click.echo(f"{name}: {'unpinned' if off else 'pinned'}")


@commands.command()
@click.option("--yes", is_flag=True, help="Remove them; otherwise they are only listed.")
def sweep(yes: bool) -> None:
    """Remove expired versions with their runs and files."""
    administration = _administration()
    expired = administration.expired(_now())
    for version in expired:
        click.echo(f"{version.name} version {version.number} expired {stamp(version.expires_at)}")
    for version in expired if yes else ():
        with _reviewed("version swept", version.name, version=version.number) as administration:
            administration.sweep([version])
    verb = "removed" if yes else "would be removed; say --yes"
    click.echo(f"{len(expired)} {verb}")


def _summary(summary: ModelSummary) -> dict[str, Any]:
    return {
        "name": summary.name,
        "tenant": summary.tenant,
        "endpoint": summary.endpoint,
        "scope": summary.scope,
        "pinned": summary.pinned,
        "champion": summary.champion,
        "challenger": summary.challenger,
        "versions": len(summary.versions),
    }
