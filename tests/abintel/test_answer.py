"""Only what an endpoint promised leaves; a broken promise is told by its place, never by its value."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

import numpy as np
import pytest
from pydantic import BaseModel, Field

from abintel.answer import Answer, BrokenAnswer, Encoder, Written


class ScoreRow(BaseModel):
    customer_id: str
    score: float
    tier: Literal["high", "low"] = "low"
    margin: float | None = None


class ScoreAnswer(Answer):
    rows: list[ScoreRow] = Field(description="Rows.")
    by_name: dict[str, float] = Field(default_factory=dict)
    any_group: Any = None


ENCODER = Encoder(ScoreAnswer)
ROW = {"customer_id": "canary", "score": 1.5}
NAN = float("nan")


def test_an_answer_is_sent_as_the_handler_gave_it() -> None:
    answer = {
        "rows": [{**ROW, "margin": None}],
        "by_name": {"é": 2},
        "any_group": np.array([1.5, 2.5]),
        "warnings": [{"code": "few", "message": "Few rows."}],
    }
    assert json.loads(ENCODER.encode(answer)) == {**answer, "any_group": [1.5, 2.5]}


def test_what_the_schema_does_not_name_is_sent_too() -> None:
    assert json.loads(ENCODER.encode({"rows": [], "extra": 1})) == {"rows": [], "extra": 1}


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"rows": [{"customer_id": "canary"}]}, "Object missing required field `score` - at `$.rows[0]`"),
        ({}, "Object missing required field `rows`"),
        ({"rows": [{**ROW, "score": "canary"}]}, "Expected `float`, got `str` - at `$.rows[0].score`"),
        ({"rows": [{**ROW, "score": NAN}]}, "Expected `float`, got `null` - at `$.rows[0].score`"),
        ({"rows": [{**ROW, "tier": "canary"}]}, "Invalid enum value - at `$.rows[0].tier`"),
        ({"rows": [ROW], "by_name": {"canary": NAN}}, "Expected `float`, got `null` - at `$.by_name[...]`"),
        (
            {"rows": [{**ROW, "customer_id": "canary\ud800"}]},
            "str is not valid UTF-8: surrogates not allowed",
        ),
        ({"rows": [], "any_group": object()}, "Type is not JSON serializable: object"),
        ({"rows": [], "by_name": {1: 1.0}}, "Dict key must be str"),
        ({"rows": [], "warnings": [{"code": "few"}]}, "Object missing required field `message`"),
    ],
)
def test_a_broken_answer_is_told_by_its_place(answer: dict[str, Any], text: str) -> None:
    with pytest.raises(BrokenAnswer) as raised:
        ENCODER.encode(answer)
    assert str(raised.value).startswith("ScoreAnswer: ")
    assert text in str(raised.value)
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ({"rows": [ROW, {**ROW, "margin": NAN}]}, "$.rows[1].margin"),
        ({"rows": [{**ROW, "margin": float("inf")}]}, "$.rows[0].margin"),
        ({"rows": [], "any_group": {"canary": np.float32("nan")}}, "$.any_group[...]"),
        ({"rows": [], "any_group": (1, np.array([1.0, NAN]))}, "$.any_group[1][...]"),
        ({"rows": [], "unnamed": NAN}, "$[...]"),
    ],
)
def test_a_number_that_is_not_finite_cannot_pass_for_null(answer: dict[str, Any], place: str) -> None:
    with pytest.raises(BrokenAnswer) as raised:
        ENCODER.encode(answer)
    assert str(raised.value) == f"ScoreAnswer: not a finite number - at `{place}`"


class CountAnswer(Answer):
    count: int = Field(description="How many.")


def test_answers_of_several_forms_are_told_apart_by_their_keys() -> None:
    encoder = Encoder(ScoreAnswer | CountAnswer)
    assert json.loads(encoder.encode({"rows": [ROW]})) == {"rows": [ROW]}
    assert json.loads(encoder.encode({"count": 3})) == {"count": 3}
    with pytest.raises(BrokenAnswer, match=r"CountAnswer: .*\$\.count"):
        encoder.encode({"count": "canary"})
    with pytest.raises(BrokenAnswer, match=r"ScoreAnswer: .*rows"):
        encoder.encode({})


def test_an_answer_may_be_an_array() -> None:
    encoder = Encoder(list[ScoreRow])
    assert json.loads(encoder.encode([ROW, ROW])) == [ROW, ROW]
    with pytest.raises(BrokenAnswer, match=r"ScoreRow: .*\$\[1\]\.score"):
        encoder.encode([ROW, {"customer_id": "c", "score": "canary"}])
    with pytest.raises(BrokenAnswer, match="not a finite number"):
        encoder.encode([{**ROW, "margin": NAN}])


@pytest.mark.parametrize("lists", [[], [[]], [[ROW]], [[ROW, ROW], [], [ROW]]])
def test_a_list_that_its_handler_wrote_is_sent_in_its_pieces(lists: list[list[Any]]) -> None:
    pieces = [json.dumps(some).encode() for some in lists]
    answer = {"rows": Written(pieces), "by_name": {"a": 1}, "warnings": []}
    sent = ENCODER.pieces(answer)
    whole = b"".join(sent)
    assert json.loads(whole) == {**answer, "rows": [row for some in lists for row in some]}
    assert ENCODER.encode(answer) == whole
    assert all(any(part.obj is piece for piece in pieces) for part in sent if isinstance(part, memoryview))


@pytest.mark.parametrize(
    ("piece", "text"),
    [
        (b'[{"customer_id":"canary"}]', "missing required field `score` - at `$[0]` of a piece of `$.rows`"),
        (b'[{"customer_id":"canary","score":null}]', "Expected `float`, got `null` - at `$[0].score` of a"),
        (b"[1]", "Expected `object`, got `int` - at `$[0]` of a piece of `$.rows`"),
        (b"[", "truncated"),
    ],
)
def test_a_piece_that_breaks_the_schema_does_not_leave(piece: bytes, text: str) -> None:
    with pytest.raises(BrokenAnswer, match=re.escape(text)) as caught:
        ENCODER.encode({"rows": Written([piece])})
    assert "canary" not in str(caught.value)
