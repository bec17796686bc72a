"""Makes Altair's setters, as in ``alt.X("a").scale(zero=False)``, thread-safe.

Altair 6 keeps one setter per class and name, and stores in it the object on which it was looked up. Another
thread may overwrite that object before the setter is called, so that a channel of one chart appears in
another chart. Here each lookup returns its own setter. It also skips the signature and the documentation that
Altair builds each time.
"""

from __future__ import annotations

from typing import Any

from altair.utils.schemapi import _PropertySetter


class _Own(_PropertySetter):
    """A setter bound to one object."""

    def __init__(self, setter: Any, owner: Any) -> None:
        super().__init__(setter.prop, setter.schema)
        self.obj = owner


def make_safe() -> None:
    """Replaces Altair's shared setters."""
    setattr(_PropertySetter, "__get__", lambda setter, owner, _: _Own(setter, owner))  # noqa: B010
