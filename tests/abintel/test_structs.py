"""A struct reads what its model allows, and a model that no struct can follow is refused."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import annotated_types
import msgspec
import pytest
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    conint,
    field_validator,
    model_validator,
)

from abintel.fields import Body, Day, FeatureValue, Identifier, Integer
from abintel.structs import is_open, struct_for


class Leaf(Body):
    name: Identifier
    size: Integer = 2


class Tree(Body):
    leaf: Leaf = Leaf(name="first")
    leaves: list[Leaf] = Field(default_factory=list)
    weight: Annotated[float, annotated_types.Interval(ge=0, lt=2)] = 1.0
    code: Annotated[str, StringConstraints(min_length=2, pattern="^[a-z]+$")] = "ab"
    pieces: Annotated[list[int], annotated_types.Len(1, 3)] = [1]  # noqa: RUF012
    step: Annotated[float, Field(multiple_of=0.5)] = 0.5
    planted: Day = datetime.date(2020, 1, 1)
    colour: FeatureValue = None
    renamed: int = Field(3, alias="as-sent")


class OpenLeaf(Body):
    model_config = ConfigDict(extra="allow")

    name: Identifier


class OpenTree(Body):
    leaves: list[OpenLeaf]
    first: OpenLeaf | None = None


def read(model: type[BaseModel], text: str, open_rows: bool = False) -> Any:
    return msgspec.json.decode(text, type=struct_for(model, open_rows))


def test_a_struct_is_made_once() -> None:
    assert struct_for(Tree) is struct_for(Tree)


def test_defaults_are_the_models_and_fresh_each_time() -> None:
    first, second = read(Tree, "{}"), read(Tree, "{}")
    assert (first.leaf.name, first.leaf.size, first.planted) == ("first", 2, datetime.date(2020, 1, 1))
    first.pieces.append(2)
    first.leaf.size = 9
    assert second.pieces == [1]
    assert second.leaf.size == 2


def test_a_member_keeps_its_name_in_the_body() -> None:
    assert read(Tree, '{"as-sent": 5}').renamed == 5


@pytest.mark.parametrize(
    "body",
    [
        *('{"weight": 2}', '{"weight": -0.1}', '{"code": "a"}', '{"code": "AB"}', '{"pieces": []}'),
        *('{"pieces": [1, 2, 3, 4]}', '{"step": 0.3}', '{"leaves": [{"name": ""}]}', '{"colour": 1e16}'),
        *('{"colour": []}', '{"planted": "2025-02-30"}', '{"leaf": null}'),
    ],
)
def test_every_way_to_write_a_limit_is_followed(body: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(Tree, body)


def test_only_rows_that_are_open_become_dicts() -> None:
    assert (is_open(OpenLeaf), is_open(Leaf)) == (True, False)
    body = '{"leaves": [{"name": "a", "x": 1}], "first": {"name": "b", "y": null}}'
    assert read(OpenTree, body).leaves[0].name == "a"
    opened = read(OpenTree, body, open_rows=True)
    assert opened.leaves == [{"name": "a", "x": 1}]
    assert opened.first == {"name": "b", "y": None}


class FieldValidated(Body):
    size: int

    @field_validator("size")
    @classmethod
    def even(cls, value: int) -> int:
        return value


class ModelValidated(Body):
    size: int

    @model_validator(mode="after")
    def whole(self) -> ModelValidated:
        return self


class HoldsValidated(Body):
    parts: list[FieldValidated]


@pytest.mark.parametrize("model", [FieldValidated, ModelValidated, HoldsValidated])
def test_models_with_validators_are_refused(model: type[BaseModel]) -> None:
    text = r"^(Field|Model)Validated has validators: put its rules into the endpoint's check$"
    with pytest.raises(TypeError, match=text):
        struct_for(model)


class MarkedValidated(Body):
    size: Annotated[int, AfterValidator(abs)]


class DeepValidated(Body):
    sizes: dict[str, list[Annotated[int, AfterValidator(abs)] | None]]


class Stripped(Body):
    name: Annotated[str, StringConstraints(strip_whitespace=True)]


class Predicated(Body):
    name: Annotated[str, annotated_types.Predicate(str.islower)]


class LimitedDay(Body):
    day: Annotated[datetime.date, Field(ge=datetime.date(2020, 1, 1))]


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (MarkedValidated, "MarkedValidated.size has a validator: put its rule into the endpoint's check"),
        (DeepValidated, "DeepValidated.sizes has a validator: put its rule into the endpoint's check"),
        (Stripped, "Stripped.name is marked with "),
        (Predicated, "Predicated.name is marked with Predicate(str.islower), which the fast decoder does"),
        (LimitedDay, "LimitedDay.day is a date, which cannot have limits: put its rule into the"),
    ],
)
def test_a_rule_that_the_fast_decoder_would_pass_over_is_refused(model: type[BaseModel], text: str) -> None:
    with pytest.raises(TypeError) as raised:
        struct_for(model)
    assert str(raised.value).startswith(text)


def test_a_limit_of_pydantics_own_types_is_followed() -> None:
    class Positive(Body):
        size: conint(ge=1)

    with pytest.raises(msgspec.ValidationError, match="Expected `int` >= 1"):
        read(Positive, '{"size": 0}')
