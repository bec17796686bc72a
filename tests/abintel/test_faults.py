"""Large bodies: every fault at its place, as pydantic says of the whole, and bounded when there are many."""

from __future__ import annotations

import json
import random
import tracemalloc
from typing import Annotated, Any

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from abintel.decode import Decoder
from abintel.faults import PIECE, Sent, find, of_error
from abintel.fields import Amount, Body, Day, Identifier, Integer
from abintel.problem import MAX_FAULTS, Problem


class Line(Body):
    day: Day
    amount: Amount


class Buyer(Body):
    buyer_id: Identifier
    lines: Annotated[list[Line], Field(min_length=1)]
    marks: dict[str, Integer] = Field(default_factory=dict)


class Book(Body):
    title: Identifier
    buyers: Annotated[list[Buyer], Field(min_length=2)]
    pages: list[Integer] = Field(default_factory=list)


ADAPTER = TypeAdapter(Book)


def book(buyers: int = 6_000, lines: int = 3) -> dict[str, Any]:
    line = {"day": "2025-01-01", "amount": 1.5}
    return {
        "title": "t",
        "buyers": [
            {"buyer_id": str(index), "lines": [dict(line) for _ in range(lines)], "marks": {"a": 1}}
            for index in range(buyers)
        ],
    }


def found(body: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted(find(ADAPTER, Book, Sent(json.dumps(body).encode())))


def whole(body: dict[str, Any]) -> list[tuple[str, str]]:
    """What pydantic says of the body in one go."""
    sent = Sent(json.dumps(body).encode())
    try:
        ADAPTER.validate_json(sent.body)
    except ValidationError as error:
        return sorted(of_error(error, sent))
    return []


def test_a_large_good_body_has_no_fault() -> None:
    assert found(book()) == []
    assert Decoder(Book).decode(json.dumps(book()).encode()).buyers[5_999].buyer_id == "5999"


@pytest.mark.parametrize("seed", range(5))
def test_faults_of_a_large_body_are_those_of_the_whole(seed: int) -> None:
    chance = random.Random(seed)
    body = book()
    for _ in range(40):
        buyer = chance.choice(body["buyers"])
        match chance.randrange(6):
            case 0:
                buyer["buyer_id"] = None
            case 1:
                buyer["lines"][-1:] = [{"day": "2025-02-30"}]
            case 2:
                buyer["lines"] = []
            case 3:
                buyer.pop("lines", None)
                buyer["lines"] = [{}]
            case 4:
                buyer["marks"] = {"x/y": "z"}
            case 5:
                buyer.pop("buyer_id", None)
    if seed % 2:
        del body["title"]
    assert found(body) == whole(body)
    assert len(found(body)) > 20


def test_one_huge_item_is_looked_at_to_its_end() -> None:
    body = book(buyers=3)
    body["buyers"][1]["lines"] = [{"day": "2025-01-01", "amount": 1.0}] * PIECE + [{"day": 5}]
    body["buyers"][2]["marks"] = {str(index): 1 for index in range(2 * PIECE)} | {"last": "x"}
    assert [place for place, _ in found(body)] == [
        f"/buyers/1/lines/{PIECE}/amount",
        f"/buyers/1/lines/{PIECE}/day",
        "/buyers/2/marks/last",
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"title": "t", "buyers": [1] * 1_000_000},
        {"title": "t", "buyers": [{"buyer_id": "b", "lines": [1] * 1_000_000}] * 2},
        {
            "title": "t",
            "buyers": [{"buyer_id": "b", "lines": [], "marks": dict.fromkeys(map(str, range(10**6)))}],
        },
    ],
    ids=["items", "nested items", "nested keys"],
)
def test_a_million_faults_take_bounded_memory(body: dict[str, Any]) -> None:
    encoded = json.dumps(body).encode()
    tracemalloc.start()
    with pytest.raises(Problem) as raised:
        Decoder(Book).decode(encoded)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(raised.value.faults) == MAX_FAULTS + 1
    assert peak < 300 * 2**20
