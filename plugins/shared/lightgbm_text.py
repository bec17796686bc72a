"""LightGBM's model text, checked before LightGBM parses it: an empty text would abort the process."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def read(path: Path, width: int) -> Any:
    """The booster of a file that ``model_to_string`` gave, for a matrix of ``width`` columns.

    Raises:
        ValueError: the file is missing or damaged, or of another width.
    """
    try:
        text = path.read_text(encoding="ascii")
    except OSError:
        raise ValueError(f"{path.name} is missing or damaged") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path.name} is damaged") from None
    return parse(text, width, path.name)


def parse(text: str, width: int, name: str) -> Any:
    """The booster of a text.

    Args:
        text: what ``model_to_string`` gave.
        width: columns that the booster must have.
        name: of the file, for the error.

    Raises:
        ValueError: the text is damaged, or of another width.
    """
    import lightgbm

    # LightGBM prints to standard output what it misses on the way, so the ends are checked first.
    if not text.startswith("tree\n") or "\nend of trees\n" not in text:
        raise ValueError(f"{name} is damaged")
    try:
        booster = lightgbm.Booster(model_str=text)
    except lightgbm.basic.LightGBMError:
        raise ValueError(f"{name} is damaged") from None
    if booster.num_feature() != width:
        raise ValueError(f"{name} is damaged: it has not {width} columns")
    return booster
