"""The field types of request bodies, each defined once.

pydantic checks and describes every type. If pydantic needs a function to check it, the ``Decodes`` mark names
the type that the fast decoder reads instead (:mod:`abintel.structs`).
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema

MAX_MAGNITUDE = 1e15
"""The largest magnitude of a number. Larger ones are mistakes in every unit, and sums must stay finite."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Decodes:
    """The type that the fast decoder reads for a type that pydantic checks with a function."""

    type: Any


class Body(BaseModel):
    """Base of every request model: exact types, finite numbers, unknown keys ignored."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False, extra="ignore")


def _integral(value: Any) -> Any:
    """Converts 3.0 to the integer 3, as JSON Schema does. ``true`` is not an integer."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _day(value: Any) -> datetime.date:
    """Parses a date. Without this check pydantic would read a text of digits as a Unix time."""
    if isinstance(value, datetime.date):
        return value
    wanted = "Input should be a valid date in the format YYYY-MM-DD"
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError(wanted)
    try:
        return datetime.date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{wanted}, {error}") from None


def _feature(value: Any) -> Any:
    if value is None or isinstance(value, (bool, str)):
        if isinstance(value, str) and len(value) > 1000:
            raise ValueError("Text should have at most 1000 characters")
        return value
    if isinstance(value, (int, float)) and abs(value) <= MAX_MAGNITUDE:
        return value
    raise ValueError(
        f"Input should be a number of magnitude at most {MAX_MAGNITUDE:g}, a text, a boolean or null"
    )


def _response(value: Any) -> Any:
    value = _integral(value)
    if isinstance(value, str) and len(value) <= 1000:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value in (0, 1):
        return value
    raise ValueError("Input should be 0, 1 or a text of at most 1000 characters")


Integer = Annotated[int, Decodes(int), BeforeValidator(_integral)]
"""A whole number; ``3.0`` is one."""

Count = Annotated[Integer, Field(ge=0, le=10**12)]
"""A whole number of things, 0 or more."""

Label = Annotated[Integer, Field(ge=0, le=1)]
"""Ground truth of a binary outcome: 0 or 1."""

Number = Annotated[float, Field(ge=-MAX_MAGNITUDE, le=MAX_MAGNITUDE)]
"""A finite number."""

Amount = Annotated[float, Field(ge=0, le=MAX_MAGNITUDE)]
"""Money or another quantity that is never negative."""

Share = Annotated[float, Field(ge=0, le=1)]
"""A fraction between 0 and 1."""

Text = Annotated[str, Field(max_length=1000)]
"""Free text."""

Identifier = Annotated[str, Field(min_length=1, max_length=256)]
"""An id that the caller chose: of a customer, product, order or campaign."""

Day = Annotated[datetime.date, Decodes(datetime.date), BeforeValidator(_day)]
"""A calendar date, ``YYYY-MM-DD``."""

FeatureValue = Annotated[
    Any,
    Decodes(Annotated[float, Field(ge=-MAX_MAGNITUDE, le=MAX_MAGNITUDE)] | bool | Text | None),
    PlainValidator(_feature),
    WithJsonSchema(
        {
            "type": ["number", "string", "boolean", "null"],
            "minimum": -MAX_MAGNITUDE,
            "maximum": MAX_MAGNITUDE,
            "maxLength": 1000,
        }
    ),
]
"""A feature value: a number, a category (text), a boolean or null."""

Response = Annotated[
    Any,
    Decodes(Annotated[int, Field(ge=0, le=1)] | Text),
    PlainValidator(_response),
    WithJsonSchema({"type": ["integer", "string"], "minimum": 0, "maximum": 1, "maxLength": 1000}),
]
"""Ground truth of a customer's response: 0 or 1, or the name of what the customer did."""
