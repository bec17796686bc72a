"""The files of a version: written once, hashed, and read back without running any code in them."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import importlib.metadata
import json
import os
import platform
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from abintel.charts.drawing import Drawings
from abintel.endpoint import Fit, Trainable

DATA = "data"
INFO = "info.json"
_MIN_FREE_BYTES = 1 << 20


class DamagedArtifact(Exception):
    """The files of a version differ from those that were registered, or cannot be read.

    Args:
        reason: ``gone``, ``changed``, or ``unreadable`` (the digest fits, but reading fails).
        detail: for the log.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def write(folder: Path, fit: Fit, trainable: Trainable, endpoint: str) -> str:
    """Writes a version's folder and returns the digest of the served files.

    ``model/`` has MLflow's layout; ``review/`` is for people and gets its pictures later
    (:func:`with_pictures`). The served files are under ``model/data``: the model in its native format, and
    ``info.json``.
    """
    data = folder / "model" / DATA
    data.mkdir(parents=True)
    trainable.save(fit.model, data)
    described = {
        "endpoint": endpoint,
        "algorithm": fit.algorithm,
        "features": list(fit.features),
        "info": dict(fit.info),
    }
    (data / INFO).write_text(json.dumps(described, indent=1, ensure_ascii=False), encoding="utf-8")
    _write_mlmodel(folder / "model", fit, trainable)
    review = folder / "review"
    review.mkdir()
    if fit.card:
        (review / "model-card.md").write_text(fit.card, encoding="utf-8")
    (review / "candidates.json").write_text(json.dumps(fit.candidates, indent=1), encoding="utf-8")
    return digest(folder / "model")


def with_pictures(folder: Path, fit: Fit) -> Path:
    """Waits until the pictures are drawn, adds them to a version's folder, and returns the folder."""
    with report_full_disk(folder):
        for name, picture in fit.pictures.items():
            (folder / "review" / name).write_bytes(picture)
    return folder


def discard(folder: Path, fit: Fit) -> None:
    """Removes a version's folder and stops drawing its pictures."""
    if isinstance(fit.pictures, Drawings):
        fit.pictures.drop()
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def report_full_disk(folder: Path) -> Iterator[None]:
    """Reports any failure on a full disk as ``ENOSPC``; the learners' own writers raise other exceptions.

    Raises:
        OSError: ``ENOSPC``, for any exception while the disk is full.
    """
    try:
        yield
    except Exception as error:
        if not has_free_space(folder):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise


def has_free_space(folder: Path) -> bool:
    """Whether the disk that holds a folder has free space."""
    return shutil.disk_usage(folder).free >= _MIN_FREE_BYTES


def digest(model: Path) -> str:
    """SHA-256 over the names and contents of the served files."""
    total = hashlib.sha256()
    root = model / DATA
    for path in sorted(root.rglob("*")):
        if path.is_file():
            total.update(str(path.relative_to(root)).encode() + b"\0")
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def verify(model: Path, expected_digest: str) -> None:
    """Compares the files of a version with their registered digest.

    Args:
        model: a version's ``model`` folder.
        expected_digest: see :func:`digest`.

    Raises:
        DamagedArtifact: the files are gone or have changed.
    """
    if not (model / DATA).is_dir():
        raise DamagedArtifact("gone", "its files are gone")
    actual = digest(model)
    if actual != expected_digest:
        raise DamagedArtifact("changed", f"digest {actual[:12]} instead of {expected_digest[:12]}")


def read(model: Path, trainable: Trainable, expected_digest: str | None) -> tuple[Any, dict[str, Any]]:
    """The model and its ``info``.

    Args:
        model: a version's ``model`` folder.
        trainable: reads the native format.
        expected_digest: the registered digest; None for a folder that was just written.

    Raises:
        DamagedArtifact: the files have changed or cannot be read.
    """
    if expected_digest is not None:
        verify(model, expected_digest)
    try:
        described = json.loads((model / DATA / INFO).read_text(encoding="utf-8"))
        return trainable.load(model / DATA), dict(described["info"])
    except Exception as error:
        # Each library raises its own exception for files that it cannot read.
        raise DamagedArtifact("unreadable", f"{type(error).__name__}: {str(error)[:200]}") from error


def _write_mlmodel(model: Path, fit: Fit, trainable: Trainable) -> None:
    from mlflow.models import Model
    from mlflow.models.signature import ModelSignature
    from mlflow.types import ColSpec, Schema

    requirements = [
        f"{name}=={importlib.metadata.version(name)}" for name in ("abintel", *trainable.requirements)
    ]
    (model / "requirements.txt").write_text("\n".join(requirements) + "\n", encoding="utf-8")
    columns = [name for name, _ in _kinds(fit.input_example)]
    example = {"columns": columns, "data": [[row.get(name) for name in columns] for row in fit.input_example]}
    (model / "input_example.json").write_text(json.dumps(example, ensure_ascii=False), encoding="utf-8")
    described = Model(
        flavors={
            "python_function": {
                "loader_module": "registry.pyfunc",
                "data": DATA,
                "python_version": platform.python_version(),
            }
        },
        signature=ModelSignature(
            inputs=Schema([ColSpec(kind, name, required=False) for name, kind in _kinds(fit.input_example)]),
            outputs=Schema([ColSpec("double", trainable.output)]),
        ),
        saved_input_example_info={
            "artifact_path": "input_example.json",
            "type": "dataframe",
            "pandas_orient": "split",
        },
    )
    described.save(str(model / "MLmodel"))


def _kinds(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Column names and MLflow types of the input example."""
    kinds: dict[str, str] = {}
    for row in rows:
        for name, value in row.items():
            kinds[name] = "string" if isinstance(value, str) else "double"
    return list(kinds.items())
