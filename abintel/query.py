"""Query parameters with a fixed set of values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from abintel.problem import bad_parameter

Choice = TypeVar("Choice", bound=str)


def chosen(query: Mapping[str, str], name: str, choices: Sequence[Choice]) -> Choice:
    """The value of a query parameter; the first choice if the query does not have it.

    Raises:
        Problem: 400 for a value that is not a choice.

    >>> chosen({"depth": "brief"}, "depth", ("full", "brief"))
    'brief'
    """
    value = query.get(name, choices[0])
    for choice in choices:
        if value == choice:
            return choice
    raise bad_parameter(name, f"{value[:20]!r} is not one of {', '.join(choices)}.")
