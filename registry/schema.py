"""The schema version of MLflow's database, if the tracking store is a database."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from alembic.migration import MigrationContext
from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from abintel.discovery import CannotStart
from stores.migrations import State
from stores.outages import first_line

# https://mlflow.org/docs/latest/self-hosting/architecture/backend-store/
_DATABASES = ("postgresql", "mysql", "sqlite", "mssql")
_REVISION = re.compile(r"""^(revision|down_revision)\b[^=\n]*=\s*["'](\w+)["']""", re.MULTILINE)


def database(tracking_uri: str) -> URL | None:
    """The URL of MLflow's database; None if the tracking store is a server or a folder."""
    scheme = tracking_uri.partition(":")[0].partition("+")[0]
    return make_url(tracking_uri) if scheme in _DATABASES else None


def state(url: URL) -> State:
    """Compares the schema of MLflow's database with the installed MLflow. Does not create a missing database.

    Raises:
        CannotStart: the database cannot be opened.
    """
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return State.EMPTY
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        raise CannotStart(f"cannot open the store of MLflow {url!r}: {first_line(error)}") from error
    finally:
        engine.dispose()
    if revision is None:
        return State.EMPTY
    parents = _revisions()
    if revision not in parents:
        return State.NEWER
    return State.OLDER if revision in parents.values() else State.CURRENT


def check(tracking_uri: str) -> State | None:
    """The state of a usable store; None if the tracking store is not a database.

    Raises:
        CannotStart: the schema is older or newer than the installed MLflow's, or the database cannot be
            opened.
    """
    url = database(tracking_uri)
    if url is None:
        return None
    current = state(url)
    if current is State.OLDER:
        raise CannotStart("the store of MLflow is older than the installed MLflow: run `abintel db upgrade`")
    if current is State.NEWER:
        raise CannotStart(
            "the store of MLflow is newer than the installed MLflow: install the version that wrote it"
        )
    return current


def _revisions() -> dict[str, str | None]:
    """MLflow's revisions and their parents. They are read as text, because importing MLflow takes seconds."""
    spec = importlib.util.find_spec("mlflow")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart("MLflow is not installed")
    folder = Path(spec.submodule_search_locations[0]) / "store" / "db_migrations" / "versions"
    parents = {}
    for path in folder.glob("*.py"):
        names = dict(_REVISION.findall(path.read_text(encoding="utf-8")))
        if "revision" in names:
            parents[names["revision"]] = names.get("down_revision")
    return parents
