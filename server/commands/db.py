"""``abintel db``: checks and upgrades the schemas of credentials, jobs and MLflow."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from alembic.util import CommandError
from sqlalchemy import URL, create_engine
from sqlalchemy.exc import SQLAlchemyError

import abintel
from abintel.discovery import CannotStart
from abintel.settings import Settings
from jobs.store import schema as jobs
from jobs.store.schema import JOBS
from registry import schema as mlflow
from server.credentials import schema
from server.credentials.audit import Entry, command_line, trail
from server.credentials.schema import CREDENTIALS
from stores.database import parse_url
from stores.migrations import Migrations, State
from stores.outages import first_line

_ADVICE = {
    State.EMPTY: "the first start migrates it",
    State.OLDER: "run `abintel db upgrade`",
    State.NEWER: "install the version that wrote it",
}


@click.group()
def commands() -> None:
    """Schema versions of the stores."""


@commands.command()
def upgrade() -> None:
    """Migrate the stores to this version. Stop the servers and back up the databases first."""
    settings = Settings.from_environment()
    before = schema.upgrade(settings.database_url)
    click.echo(f"credentials: was {before.value}, is {State.CURRENT.value}")
    entry = Entry(
        datetime.now(UTC),
        *command_line(),
        "stores migrated",
        None,
        "stores",
        {"version": abintel.__version__},
    )
    with trail(settings) as opened, opened.recorded(entry):
        _upgrade_others(settings)


def _upgrade_others(settings: Settings) -> None:
    """Migrates the stores of jobs and of MLflow."""
    before = jobs.upgrade(settings)
    click.echo(f"jobs: was {before.value}, is {State.CURRENT.value}")
    url = mlflow.database(settings.tracking_uri)
    if url is None:
        click.echo("MLflow: no database of ours; run `mlflow db upgrade` where its server is")
        return
    before = mlflow.state(url)
    if before is State.NEWER:
        raise CannotStart(f"the store of MLflow is newer than the installed MLflow: {_ADVICE[before]}")
    if before is not State.CURRENT:
        _upgrade_mlflow(settings.tracking_uri)
    click.echo(f"MLflow: was {before.value}, is {State.CURRENT.value}")


@commands.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Compare the stores' schemas with this version. Exit code 1: the server would not start."""
    settings = Settings.from_environment()
    states = {
        "credentials": _state(parse_url(settings.database_url), CREDENTIALS),
        "jobs": _state(parse_url(settings.jobs_url, JOBS.variable), JOBS),
    }
    url = mlflow.database(settings.tracking_uri)
    if url is not None:
        states["MLflow"] = mlflow.state(url)
    for name, state in states.items():
        advice = f": {_ADVICE[state]}" if state in _ADVICE else ""
        click.echo(f"{name}: {state.value}{advice}")
    if {State.OLDER, State.NEWER} & set(states.values()):
        context.exit(1)


def _state(url: URL, migrations: Migrations) -> State:
    # Connecting would create the file.
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return State.EMPTY
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return migrations.state(connection)
    except SQLAlchemyError as error:
        raise CannotStart(
            f"cannot open the store of {migrations.store} {url!r}: {first_line(error)}"
        ) from error
    finally:
        engine.dispose()


def _upgrade_mlflow(tracking_uri: str) -> None:
    """Runs MLflow's ``mlflow db upgrade`` in this process. A separate command would show the URL with its
    password in the process list."""
    from mlflow.db import upgrade as mlflow_db_upgrade

    try:
        mlflow_db_upgrade.main([tracking_uri], standalone_mode=False)
    except (SQLAlchemyError, CommandError) as error:
        raise CannotStart(f"MLflow could not migrate its store: {first_line(error)}") from error
