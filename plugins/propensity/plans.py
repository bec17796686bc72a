"""What the two routes on a change of subscription plan have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from abintel.faults import shown
from abintel.fields import Identifier
from abintel.problem import Fault, pointer
from plugins.propensity.schemas import PropensityRequest


class PlanRequest(PropensityRequest):
    """From which plan to which; each pair has its own model."""

    current_plan: Identifier = Field(description="The customers' plan.")
    target_plan: Identifier = Field(
        description="The plan that they may change to; each pair has its own model."
    )


def same_plan(request: Any) -> Iterator[Fault]:
    """A fault if both plans are the same."""
    if request.current_plan == request.target_plan:
        message = f"{shown(request.target_plan)} is the current_plan too; send the plan they may change to."
        yield Fault(pointer("target_plan"), message)
