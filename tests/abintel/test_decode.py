"""Both readers of a body give the same object, and the thorough one every fault."""

from __future__ import annotations

import datetime
import json
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from abintel.decode import Decoder, _Reader
from abintel.faults import shown
from abintel.fields import Amount, Body, Count, Day, FeatureValue, Identifier, Integer, Label, Share, Text
from abintel.problem import MAX_FAULTS, Fault, Problem


class SpiceLot(Body):
    lot_id: Identifier
    grams: Integer
    price: Amount
    bought: Day
    grade: Literal["a", "b"] = "a"
    bags: Count = 3
    purity: Share | None = None
    organic: Label | None = None
    features: dict[Identifier, FeatureValue] = Field(default_factory=dict)


class SpiceOrder(Body):
    lots: Annotated[list[SpiceLot], Field(min_length=1, max_length=4)]
    note: Text | list[Identifier] | None = None
    pair: tuple[Integer, Text] | None = None
    best: SpiceLot | None = None
    tags: list[str] = ["new"]  # noqa: RUF012


class OpenRow(Body):
    model_config = ConfigDict(extra="allow")

    row_id: Identifier
    size: Integer
    day: Day | None = None


class OpenTable(Body):
    rows: list[OpenRow]


class ByOrders(Body):
    orders: list[SpiceLot]
    k: Integer = 5


class ByFigures(Body):
    figures: list[float]
    k: Integer


class SugarLot(Body):
    sugar_id: Identifier
    grams: Integer


class BySugar(Body):
    orders: Annotated[list[SugarLot], Field(min_length=1)]


LOT = {"lot_id": "L-1", "grams": 250, "price": 4.5, "bought": "2025-04-28"}
ORDER = Decoder(SpiceOrder)
TABLE = Decoder(OpenTable)
ENDLESS = Fault("", "The body holds NaN, Infinity or a number too large to be finite; send finite numbers.")


def plain(value: Any) -> Any:
    """A request object as dicts and lists, whichever reader made it."""
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(plain(item) for item in value)
    return value


def lot(**changes: Any) -> bytes:
    return json.dumps({"lots": [{**LOT, **changes}]}).encode()


def refused(decoder: Decoder, body: Any) -> list[Fault]:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(Problem) as raised:
        decoder.decode(sent)
    assert raised.value.status == 400
    return list(raised.value.faults)


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**31), 10**31),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-3, 12).map(float),
    st.text(max_size=4),
    st.sampled_from(
        ["3", "2025-02-30", "1745798400", "20250428", "2025-04-28", "2025-04-28T00:00:00", "a", "1e5"]
    ),
    st.just([]),
    st.just({}),
)


def either(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly a good value, sometimes any."""
    return st.integers(0, 11).flatmap(lambda dice: ODD if dice == 0 else value)


DAYS = st.dates().map(datetime.date.isoformat)
LOTS = st.fixed_dictionaries(
    {
        "lot_id": either(st.text(min_size=1, max_size=8)),
        "grams": either(st.integers(-5, 10**6)),
        "price": either(st.floats(0, 1e6)),
        "bought": either(DAYS),
    },
    optional={
        "grade": either(st.sampled_from("ab")),
        "bags": either(st.integers(0, 10**12)),
        "purity": either(st.none() | st.floats(0, 1)),
        "organic": either(st.sampled_from([0, 1])),
        "features": either(st.dictionaries(st.text(max_size=3), ODD, max_size=3)),
        "unknown": ODD,
    },
)
ORDERS = st.fixed_dictionaries(
    {"lots": either(st.lists(LOTS, min_size=1, max_size=4))},
    optional={
        "note": either(st.none() | st.text() | st.lists(st.text(min_size=1))),
        "pair": either(st.tuples(st.integers(), st.text(max_size=3))),
        "best": either(LOTS),
        "tags": either(st.lists(st.text())),
    },
)
ROWS = st.fixed_dictionaries(
    {"row_id": either(st.text(min_size=1, max_size=3)), "size": either(st.integers())},
    optional={"day": either(DAYS), "extra": ODD | st.lists(ODD) | st.dictionaries(st.text(), ODD)},
)
TABLES = st.fixed_dictionaries({"rows": st.lists(ROWS, max_size=4)})


def agree(reader: _Reader, body: Any) -> None:
    """What the fast reader takes, the thorough one reads alike; what that alone takes is 3.0 for 3."""
    sent = json.dumps(body).encode()
    try:
        thorough = reader.read(sent)
    except ValidationError:
        with pytest.raises((msgspec.MsgspecError, ValueError)):
            reader.fast(sent)
        return
    try:
        fast = reader.fast(sent)
    except msgspec.ValidationError:
        fast = reader.fast(json.dumps(integral(body)).encode())
    assert plain(fast) == plain(thorough)


def integral(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: integral(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [integral(item) for item in value]
    return value


@settings(max_examples=300)
@given(body=ORDERS)
def test_the_two_readers_agree(body: Any) -> None:
    agree(_Reader(SpiceOrder), body)


@settings(max_examples=200)
@given(body=TABLES)
def test_the_two_readers_agree_on_open_rows(body: Any) -> None:
    agree(_Reader(OpenTable), body)


@settings(max_examples=200)
@given(body=ORDERS | TABLES | ODD)
def test_any_body_is_read_or_refused_with_faults(body: Any) -> None:
    try:
        request = ORDER.decode(json.dumps(body).encode())
    except Problem:
        assert all(fault.message for fault in refused(ORDER, body))
    else:
        assert request.lots


def test_defaults_are_those_of_the_model_and_not_shared() -> None:
    first, second = (ORDER.decode(lot()) for _ in range(2))
    assert first.tags == ["new"]
    assert (first.note, first.pair, first.best) == (None, None, None)
    assert (first.lots[0].bags, first.lots[0].grade, first.lots[0].features) == (3, "a", {})
    first.tags.append("old")
    first.lots[0].features["x"] = 1
    assert second.tags == ["new"]
    assert second.lots[0].features == {}


def test_a_whole_float_is_an_integer() -> None:
    grams = ORDER.decode(lot(grams=3.0)).lots[0].grams
    assert grams == 3
    assert isinstance(grams, int)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"grams": True}, "Input should be a valid integer; got true."),
        ({"grams": "3"}, "Input should be a valid integer; got '3'."),
        ({"grams": 3.5}, "Input should be a valid integer; got 3.5."),
        ({"grams": None}, "Input should be a valid integer; got null."),
        ({"price": "4.5"}, "Input should be a valid number; got '4.5'."),
        ({"price": True}, "Input should be a valid number; got true."),
        ({"price": -1}, "Input should be greater than or equal to 0; got -1."),
        ({"price": 1e16}, "Input should be less than or equal to 1000000000000000; got 1e+16."),
        ({"purity": 1.01}, "Input should be less than or equal to 1; got 1.01."),
        ({"organic": 2}, "Input should be less than or equal to 1; got 2."),
        ({"lot_id": ""}, "String should have at least 1 character; got ''."),
        ({"lot_id": 7}, "Input should be a valid string; got 7."),
        ({"grade": "c"}, "Input should be 'a' or 'b'; got 'c'."),
        ({"features": []}, "Input should be an object; got an array."),
    ],
)
def test_a_wrong_value_is_named_with_what_was_seen(changes: dict[str, Any], message: str) -> None:
    [name] = changes
    assert refused(ORDER, lot(**changes)) == [Fault(f"/lots/0/{name}", message)]


@pytest.mark.parametrize(
    "value",
    [
        *("1745798400", "20250428", "2025-4-8", "28/04/2025", "2025-04-28T00:00:00", ""),
        *(" 2025-04-28", "1e9"),
        *("2025-W18-1", "２０２５-04-28", 1745798400, 20250428.0, True, None, ["2025-04-28"]),
    ],
)
def test_a_date_is_written_one_way_only(value: Any) -> None:
    [fault] = refused(ORDER, lot(bought=value))
    assert fault.pointer == "/lots/0/bought"
    assert fault.message.startswith("Input should be a valid date in the format YYYY-MM-DD; got ")


def test_a_day_that_no_calendar_has_is_refused() -> None:
    [fault] = refused(ORDER, lot(bought="2025-02-30"))
    assert fault == Fault(
        "/lots/0/bought",
        "Input should be a valid date in the format YYYY-MM-DD, day is out of range for month; "
        "got '2025-02-30'.",
    )


def test_a_date_is_a_date_for_either_reader() -> None:
    assert ORDER.decode(lot()).lots[0].bought == datetime.date(2025, 4, 28)
    assert ORDER.decode(lot(grams=3.0)).lots[0].bought == datetime.date(2025, 4, 28)


def test_every_fault_is_listed() -> None:
    body = {"lots": [{**LOT, "grams": "x", "price": -1}, {"lot_id": "L-2"}], "tags": [1]}
    assert {fault.pointer for fault in refused(ORDER, body)} == {
        *("/lots/0/grams", "/lots/0/price", "/tags/0"),
        *("/lots/1/grams", "/lots/1/price", "/lots/1/bought"),
    }


def test_a_missing_member_is_placed_where_it_belongs() -> None:
    assert refused(ORDER, {}) == [Fault("/lots", "Required, and missing.")]


def test_the_limits_of_an_array_hold() -> None:
    [few] = refused(ORDER, {"lots": []})
    assert few == Fault("/lots", "List should have at least 1 item after validation, not 0; got an array.")
    [many] = refused(ORDER, {"lots": [LOT] * 5})
    assert many.pointer == "/lots"


def test_a_union_in_a_member_lists_what_each_kind_wants_at_one_place() -> None:
    faults = refused(ORDER, {"lots": [LOT], "note": 5})
    assert {fault.pointer for fault in faults} == {"/note"}
    assert [fault.message for fault in faults] == [
        "Input should be a valid string; got 5.",
        "Input should be a valid array; got 5.",
    ]


def test_pointers_are_escaped() -> None:
    [fault] = refused(ORDER, lot(features={"a/b~c": []}))
    assert fault.pointer == "/lots/0/features/a~1b~0c"


def test_of_more_faults_than_anybody_reads_the_first_are_listed() -> None:
    count = MAX_FAULTS + 500
    body = {"rows": [{"row_id": "r", "size": "x"}] * count}
    with pytest.raises(Problem) as raised:
        TABLE.decode(json.dumps(body).encode())
    document = raised.value.as_dict("r")
    assert len(document["errors"]) == MAX_FAULTS
    assert document["errors_truncated"] is True
    assert document["detail"] == "The body has more than 10,000 faults; `errors` lists the first."


def test_open_rows_are_dicts_with_all_their_keys() -> None:
    row = {"row_id": "r", "size": 2, "day": "2025-04-28", "region": "North", "deep": {"x": [1, None]}}
    [fast] = TABLE.decode(json.dumps({"rows": [row]}).encode()).rows
    [thorough] = TABLE.decode(json.dumps({"rows": [{**row, "size": 2.0}]}).encode()).rows
    assert fast == row
    assert thorough == row
    assert isinstance(thorough["size"], int)


def test_open_rows_are_held_to_their_model() -> None:
    body = {"rows": [{"row_id": "r", "size": True, "region": 1}, {"size": 1}]}
    assert refused(TABLE, body) == [
        Fault("/rows/0/size", "Input should be a valid integer; got true."),
        Fault("/rows/1/row_id", "Required, and missing."),
    ]


UNION = Decoder(ByOrders | ByFigures)


def test_a_union_is_told_apart_by_its_required_keys() -> None:
    assert UNION.decode(json.dumps({"orders": [LOT]}).encode()).orders[0].lot_id == "L-1"
    assert UNION.decode(b'{"figures": [1.5], "k": 3}').figures == [1.5]
    assert UNION.decode(b'{"figures": [1.5], "k": 3.0}').k == 3


def test_a_union_lists_the_faults_of_the_more_similar_model() -> None:
    assert refused(UNION, {"figures": [1, "x"], "k": 3}) == [
        Fault("/figures/1", "Input should be a valid number; got 'x'.")
    ]
    assert refused(UNION, {"figures": [1]}) == [Fault("/k", "Required, and missing.")]
    assert refused(UNION, {"orders": [{**LOT, "grams": "x"}]}) == [
        Fault("/lots/0/grams".replace("lots", "orders"), "Input should be a valid integer; got 'x'.")
    ]


def test_models_that_differ_in_their_rows_alone_are_told_apart_by_the_first() -> None:
    union = Decoder(ByOrders | BySugar)
    assert union.decode(b'{"orders": [{"sugar_id": "S-1", "grams": 5}]}').orders[0].sugar_id == "S-1"
    assert refused(union, {"orders": [{"sugar_id": "S-1", "grams": "x"}]}) == [
        Fault("/orders/0/grams", "Input should be a valid integer; got 'x'.")
    ]
    assert refused(union, {"orders": [{**LOT, "grams": "x"}]}) == [
        Fault("/orders/0/grams", "Input should be a valid integer; got 'x'.")
    ]


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400"])
@pytest.mark.parametrize("size", ["1", "1.0"])
def test_numbers_that_are_not_finite_are_refused_in_open_rows(literal: str, size: str) -> None:
    for value in (literal, f'{{"deep": [{literal}]}}'):
        body = f'{{"rows": [{{"row_id": "r", "size": {size}, "extra": {value}}}]}}'
        assert refused(TABLE, body.encode()) == [ENDLESS]


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("grams", ["1", "1.0"])
def test_nan_is_no_json_even_where_a_key_is_ignored(literal: str, grams: str) -> None:
    body = lot(grams=json.loads(grams))[:-1] + f', "unknown": {literal}, "huge": {"9" * 4000}}}'.encode()
    assert refused(ORDER, body) == [ENDLESS]


@pytest.mark.parametrize("grams", ["1", "1.0"])
def test_a_number_beyond_all_is_ignored_with_its_key(grams: str) -> None:
    body = lot(grams=json.loads(grams))[:-1] + b', "unknown": 1e400}'
    assert ORDER.decode(body).lots[0].grams == 1


def test_a_number_that_is_not_finite_is_placed_where_a_model_looks() -> None:
    body = f'{{"lots": [{json.dumps(LOT)[:-1]}, "purity": NaN}}]}}'
    assert refused(ORDER, body.encode()) == [
        Fault("/lots/0/purity", "Input should be a finite number; got nan.")
    ]


def test_a_number_that_is_not_finite_is_told_beside_other_faults() -> None:
    body = b'{"rows": [{"row_id": "", "size": 1, "extra": NaN}]}'
    assert refused(TABLE, body) == [
        Fault("/rows/0/row_id", "String should have at least 1 character; got ''."),
        ENDLESS,
    ]


def test_a_text_that_says_nan_is_text() -> None:
    assert TABLE.decode(b'{"rows": [{"row_id": "NaN", "size": 1.0, "extra": "1e400"}]}').rows[0]["extra"] == (
        "1e400"
    )


def test_a_huge_integer_hides_no_place() -> None:
    body = b'{"unknown": ' + b"9" * 4000 + b', "rows": [{"row_id": "", "size": 1}]}'
    assert [fault.pointer for fault in refused(TABLE, body)] == ["/rows/0/row_id"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body is empty; send a JSON object."),
        (b'{"a": "\xff"}', "The body is not UTF-8: byte 7 is not valid."),
        (b"{", "The body is not JSON: EOF while parsing an object at line 1 column 1."),
        (b"[]", "Input should be an object; got an array."),
        (b"5", "Input should be an object; got 5."),
        (b"null", "Input should be an object; got null."),
        (b"[" * 5000, "The body is nested too deep."),
        (b'{"lots": NaN,', "The body is not JSON: EOF while parsing a value at line 1 column 13."),
    ],
)
def test_bytes_that_are_no_body_are_one_fault_of_the_whole(body: bytes, message: str) -> None:
    assert refused(ORDER, body) == [Fault("", message)]


def test_the_last_of_two_equal_keys_counts_for_either_reader() -> None:
    assert TABLE.decode(b'{"rows": [{"row_id": "r", "size": 1, "size": 2}]}').rows[0]["size"] == 2
    assert TABLE.decode(b'{"rows": [{"row_id": "r", "size": 1, "size": 2.0}]}').rows[0]["size"] == 2


class LaxPart(BaseModel):
    count: int


class LaxRequest(Body):
    parts: list[LaxPart]


def test_a_request_with_a_lenient_part_is_refused() -> None:
    with pytest.raises(
        TypeError, match=r"LaxPart is no abintel\.fields\.Body: a request's models are strict"
    ):
        Decoder(LaxRequest)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (10**50, "a number of more than 40 digits"),
        ({"a": 1}, "an object"),
        ((1,), "an array"),
        ("x" * 41, "'" + "x" * 40 + "…'"),
        (1.5, "1.5"),
    ],
)
def test_values_are_shown_short(value: Any, text: str) -> None:
    assert shown(value) == text
