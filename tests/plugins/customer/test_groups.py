import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.customer.groups import MAX_DEPTH, are_plain, key, keys, numbered

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_a_value_and_its_copy_share_a_key(value: object) -> None:
    assert hash(key(value)) == hash(key(json.loads(json.dumps(value))))
    assert key(value) == key(json.loads(json.dumps(value)))


def test_values_that_json_tells_apart_have_keys_of_their_own() -> None:
    values = [1, "1", True, None, "null", 0, False, "", [], {}, [1], [[1]], {"a": 1}, {"a": None}, ["a", 1]]
    assert len({key(value) for value in values}) == len(values)


def test_one_number_in_two_spellings_is_one_key() -> None:
    assert key([1, {"a": 2.0, "b": 0}]) == key([1.0, {"b": 0.0, "a": 2}])


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (2**64, "a whole number of more than 64 bits"),
        ([float("nan")], "not a finite number"),
        (json.loads("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)), "nested more than 16 levels deep"),
    ],
)
def test_what_cannot_be_printed_again_is_refused(value: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        key(value)


def test_groups_are_numbered_as_they_appear() -> None:
    assert [found.tolist() for found in numbered(["b", "a", "b", "c"])] == [[0, 1, 0, 2], [0, 1, 3]]


def test_no_rows_make_no_groups() -> None:
    assert [found.tolist() for found in numbered([])] == [[], []]


def test_texts_stand_for_themselves_and_other_values_are_told_apart() -> None:
    plain, mixed = ["a", None, "a"], ["1", 1, True, 1.0]
    assert are_plain(plain)
    assert keys(plain) is plain
    assert not are_plain(mixed)
    assert [found.tolist() for found in numbered(keys(mixed))] == [[0, 1, 2, 1], [0, 1, 2]]
