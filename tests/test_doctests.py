"""What the docstrings show is what happens."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

from tests.serving import ROOT

PACKAGES = ("abintel", "benchmarks", "docs", "jobs", "loadtests", "plugins", "registry")
SHOWN = "    >>> "


def modules() -> list[str]:
    """Modules with examples in their docstrings."""
    return sorted(
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for package in PACKAGES
        for path in Path(ROOT, package).rglob("*.py")
        if SHOWN in path.read_text(encoding="utf-8")
    )


@pytest.mark.parametrize("name", modules())
def test_the_examples_of_the_docstrings_are_right(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted
    assert not found.failed
