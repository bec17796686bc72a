"""``docs/architecture.md`` lists every name of a library that the library does not document."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator

from tests.serving import ROOT

PACKAGES = ("abintel", "jobs", "plugins", "registry", "server", "stores")
UNDOCUMENTED = (
    "altair.utils.",
    "catboost.core.",
    "mlflow.db.",
    "mlflow.store.",
    "uvicorn.config.",
    "uvicorn.protocols.",
)
"""Modules without an underscore that their libraries do not document."""
DOCUMENTED = {"_asdict", "_field_defaults", "_exit", "_fields", "_make", "_mapping", "_replace"}
"""Documented names with an underscore: of named tuples, ``os._exit``, SQLAlchemy's ``Row._mapping``."""

TREES = {
    path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8"))
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}


def is_private(name: str) -> bool:
    """Whether a name has a single leading underscore."""
    return name.startswith("_") and not name.startswith("__")


def is_ours(module: str) -> bool:
    """Whether a module is one of this repository or of Python's ``__future__``."""
    return module.partition(".")[0] in (*PACKAGES, "__future__")


def own_names() -> set[str]:
    """Every name that this repository defines or assigns."""
    names = set()
    for node in (node for tree in TREES.values() for node in ast.walk(tree)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.attr)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The local and the full name of everything that a module imports from a library."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not is_ours(node.module):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if not is_ours(alias.name):
                    yield alias.asname or alias.name.partition(".")[0], alias.name


def overridden(tree: ast.Module) -> Iterator[str]:
    """Private methods of a library's class that a class of ours overrides."""
    full_names = dict(imported(tree))
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        methods = [item.name for item in node.body if isinstance(item, ast.FunctionDef)]
        bases = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id in full_names]
        for base in bases if any(map(is_private, methods)) else ():
            module, _, name = full_names[base].rpartition(".")
            library_class = getattr(importlib.import_module(module), name)
            for method in methods:
                if is_private(method) and hasattr(library_class, method):
                    yield f"{name}.{method}"


def used() -> set[str]:
    """Every undocumented name of a library in this repository's code."""
    names, ours = set(), own_names()
    for tree in TREES.values():
        names.update(overridden(tree))
        for _, full_name in imported(tree):
            if any(map(is_private, full_name.split("."))) or f"{full_name}.".startswith(UNDOCUMENTED):
                names.add(full_name)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and is_private(node.attr):
                names |= {node.attr} - ours - DOCUMENTED
    return names


def listed() -> dict[str, str]:
    """The names in the table, each with the test that fails when the library changes it."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = page.partition("## Private names of libraries\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \|.*\| `([^`]+)` \|$", section, re.MULTILINE)
    return dict(rows)


def test_the_table_lists_exactly_the_names_that_the_code_uses() -> None:
    assert set(listed()) == used()


def test_every_test_in_the_table_exists() -> None:
    for name, test in listed().items():
        path, _, function = test.partition("::")
        assert f"def {function}(" in (ROOT / path).read_text(encoding="utf-8"), name
