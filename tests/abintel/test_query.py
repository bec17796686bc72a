from __future__ import annotations

import pytest

from abintel.problem import Problem
from abintel.query import chosen


def test_the_first_choice_is_the_default() -> None:
    assert chosen({}, "depth", ("full", "brief")) == "full"
    assert chosen({"depth": "brief", "other": "x"}, "depth", ("full", "brief")) == "brief"


def test_no_choice_is_refused() -> None:
    with pytest.raises(Problem) as raised:
        chosen({"depth": "deeper-than-anybody-would"}, "depth", ("full", "brief"))
    assert raised.value.status == 400
    assert raised.value.detail == "depth: 'deeper-than-anybody-' is not one of full, brief."
