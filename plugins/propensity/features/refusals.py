"""What is wrong with features, as faults of the request: one message each for all routes that learn."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from abintel.faults import shown
from abintel.problem import Fault, bad_body, pointer
from plugins.propensity.features.columns import Row
from plugins.propensity.features.design import Design, Reading
from plugins.propensity.features.fingerprint import Labelled, canonical

MOST_FEATURES = 200
"""Distinct feature names in the labelled rows; bounds what one request can make the server compute."""


class Place(NamedTuple):
    """Where a body has its rows, and where a row has its features: ``/customers/0/features/plan``."""

    rows: str
    features: tuple[str, ...] = ()

    def of(self, row: int, feature: str) -> str:
        """JSON pointer of a value."""
        return pointer(self.rows, row, *self.features, feature)


CUSTOMERS = Place("customers", ("features",))


def refuse_unfit(reading: Reading, place: Place, derived: Collection[str] = ()) -> None:
    """Refuses rows that a model cannot score.

    Args:
        reading: the rows, as the model's design reads them.
        place: of the rows.
        derived: features that are computed from sent ones; callers do not know them.

    Raises:
        Problem: 400, a feature of the model is missing from all rows, or a number is a text.
    """
    faults = [
        Fault(
            pointer(place.rows),
            f"No customer has {shown(name)}, which the model was trained with; send it.",
        )
        for name in reading.absent
        if name not in derived
    ]
    faults += misfits(reading, place)
    if faults:
        raise bad_body(faults)


def misfits(reading: Reading, place: Place) -> Iterator[Fault]:
    """Values that have not the form of the training values."""
    for row, name in reading.misfits:
        expected = reading.forms[name].type
        message = f"A text, where the model was trained with {expected}s; send a {expected} or null."
        if expected == "date":
            message = "No date, where the model was trained with dates; send a date or null."
        yield Fault(place.of(row, name), message)


def no_value(data: Labelled) -> dict[str, str]:
    """Name to reason of each feature without a value, as one of ``dropped_features``."""
    return dict.fromkeys(data.empty, "no value in any labelled row")


def training_rows(
    rows: Sequence[Row], classes: Sequence[int], place: Place, *, who: str, featureless: str
) -> Labelled:
    """The labelled rows in canonical order.

    Args:
        rows: features of the labelled rows.
        classes: of each.
        place: of the rows, for the fault.
        who: what the rows are called, such as ``labelled customers``.
        featureless: what to say where no row has a feature.

    Raises:
        Problem: 400, there are too many features, or none.
    """
    names = set().union(*rows)
    if len(names) > MOST_FEATURES:
        message = f"The {who} have {len(names)} different features; at most {MOST_FEATURES}."
        raise bad_body([Fault(pointer(place.rows), message)])
    data = canonical(rows, classes)
    if not data.columns:
        raise bad_body([Fault(pointer(place.rows), featureless)])
    return data


def refuse_unlearnable(
    design: Design,
    dropped: Mapping[str, str],
    everyone: Sequence[Row],
    place: Place,
    *,
    who: str,
) -> None:
    """Refuses rows whose features say nothing, and rows to score that do not fit what was learned.

    A request that is refused must not leave a model behind, so this comes before the fit.

    Args:
        design: learned on the labelled rows.
        dropped: name to reason of each feature that is not in the design.
        everyone: features of all rows of the request.
        place: of the rows.
        who: how many labelled rows, and what they are called.

    Raises:
        Problem: 400, no feature is left, or a number is a text.
    """
    if not design.features:
        reasons = "; ".join(f"{shown(name)}: {reason}" for name, reason in dropped.items())
        message = f"No feature of the {who} can be learned from ({reasons}); send features that vary."
        raise bad_body([Fault(pointer(place.rows), message)])
    faults = list(misfits(design.read(everyone), place))
    if faults:
        raise bad_body(faults)
