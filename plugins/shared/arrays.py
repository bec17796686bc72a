"""Numeric arrays in a file (``.npz``), read without running anything that the file brings."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def save(path: Path, arrays: Mapping[str, Any]) -> None:
    """Writes arrays by name."""
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)


def load(path: Path, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Reads the arrays of these names, and no others.

    Raises:
        ValueError: the file is damaged, holds other arrays, or objects instead of numbers.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            if set(stored.files) != set(names):
                raise ValueError("an array is missing")
            return {name: stored[name] for name in names}
    except (
        ValueError,
        TypeError,
        KeyError,
        EOFError,
        AttributeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise ValueError(f"{path.name} is damaged: {error}") from None
