"""What must be in no log and in no metric: secrets, and ids of customers that the tests send."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from abintel.discovery import discover

CANARIES = ("canary", "Owner’s own label", "0b5e55ed")
"""Words that the tests put into bodies, headers, queries and paths, to look for them afterwards."""
_OF_CUSTOMERS = ("customer_id", "user_id", "id")
# Short numbers, and digits of hexadecimal numbers, are in every log.
_TELLING = re.compile(r"(?=.*[G-Zg-z_])(?=.*\d).{4,}")


@cache
def customer_ids() -> frozenset[str]:
    """Ids of customers in the examples of the served routes, as far as they could be told from other text."""
    examples = [example for endpoint in discover().endpoints for example in endpoint.examples.values()]
    return frozenset(one for example in examples for one in ids_in(dict(example)) if _TELLING.fullmatch(one))


def ids_in(value: Any) -> Iterator[str]:
    """Ids of customers anywhere in a body."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in _OF_CUSTOMERS and isinstance(item, str):
                yield item
            yield from ids_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from ids_in(item)


def found_in(text: str, secrets: list[str]) -> list[str]:
    """Lines of a log, or of metrics, that hold what they must not; each shortened."""
    forbidden = re.compile("|".join(map(re.escape, [*CANARIES, *customer_ids(), *filter(None, secrets)])))
    return [line[:300] for line in text.splitlines() if forbidden.search(line)]
