"""Pictures of answers: one look for all of them, drawn on the server without a browser or a network.

A route's chart is a pure function of its request, its answer and the reader, in ``plugins/<area>/charts.py``.
Altair takes a second to import. :func:`lazy` delays the import until somebody asks for a picture.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

from abintel.wording import Lang

SVG = "image/svg+xml"
PNG = "image/png"
VEGA_LITE = "application/vnd.vegalite.v6+json"
"""The grammar that Altair writes; a test compares it with the installed one."""
PICTURES = (SVG, PNG, VEGA_LITE)


class Reader(NamedTuple):
    """For whom a picture is drawn.

    Attributes:
        lang: of its words and numbers.
        currency: sign or code of money, or None: it is not known.
    """

    lang: Lang = "en"
    currency: str | None = None


Drawn = Callable[[Any, Any, Reader], Any]
"""Request (as its handler sees it), answer (plain objects, as sent) and reader to an Altair chart."""


def lazy(module: str, name: str) -> Callable[..., Any]:
    """A chart function whose module is imported at its first call.

    Args:
        module: name of the module, such as ``plugins.customer.charts``.
        name: name of the function in that module.
    """

    def draw(*arguments: Any) -> Any:
        return getattr(importlib.import_module(module), name)(*arguments)

    draw.__name__ = name
    draw.__qualname__ = f"{module}.{name}"
    return draw
