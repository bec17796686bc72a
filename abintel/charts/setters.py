"""Altair's setters, as in ``alt.X("a").scale(zero=False)``, made safe for threads.

Altair 6 keeps one setter per class and name, and writes the object that it is looked up on into it. Another
thread's object may take its place before the setter is called: the channel of one chart, its field and its
names, then stood in another's. Here each lookup has a setter of its own, and does without the signature and
the documentation that Altair puts together each time.
"""

from __future__ import annotations

from typing import Any

from altair.utils.schemapi import _PropertySetter


class _Own(_PropertySetter):
    """A setter of one object."""

    def __init__(self, setter: Any, owner: Any) -> None:
        super().__init__(setter.prop, setter.schema)
        self.obj = owner


def make_safe() -> None:
    """Has every setter of Altair be of the object that it is looked up on."""
    setattr(_PropertySetter, "__get__", lambda setter, owner, _: _Own(setter, owner))  # noqa: B010
