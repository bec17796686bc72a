from __future__ import annotations

import inspect

import altair as alt
from altair.utils import schemapi

from abintel.charts import theme


def test_a_setter_is_that_of_the_object_it_was_looked_up_on() -> None:
    assert theme.WIDTH  # the theme makes them safe
    first, second = alt.X("a:Q").scale, alt.X("b:Q").scale
    assert first(zero=False).to_dict() == {"field": "a", "type": "quantitative", "scale": {"zero": False}}
    assert second(zero=True).to_dict()["field"] == "b"


def test_setters_still_take_objects_and_nothing() -> None:
    assert theme.WIDTH
    channel = alt.Y("a:N").axis(alt.Axis(ticks=False)).scale(None).sort(["x", "y"]).title("A")
    assert channel.to_dict() == {
        "axis": {"ticks": False},
        "field": "a",
        "scale": None,
        "sort": ["x", "y"],
        "title": "A",
        "type": "nominal",
    }


def test_altair_still_reads_the_switch_that_turns_its_validation_off() -> None:
    assert schemapi.DEBUG_MODE is False
    assert "DEBUG_MODE" in inspect.getsource(schemapi.SchemaBase.__init__)
