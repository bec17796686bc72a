from types import SimpleNamespace

import numpy as np
import pytest

from plugins.recommendation.catalogue import Kept
from plugins.recommendation.feedback import feedback


def item(name: str, text: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(item_id=name, metadata=text)


def row(user: str, name: str, rating: float | None = None, timestamp: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(user_id=user, item_id=name, rating=rating, timestamp=timestamp)


ITEMS = [item("b", "red shoes"), item("a", None), item("c", "red hat")]
ROWS = [row("u", "b", 4.0), row("v", "c"), row("u", "a"), row("u", "b")]


def body(items: list, rows: list | None, half_life: float | None = None) -> SimpleNamespace:
    return SimpleNamespace(items=items, interactions=rows, half_life_days=half_life, algorithm="auto")


def test_items_are_numbered_in_the_order_of_their_ids() -> None:
    found = Kept().of("acme", ITEMS)
    assert found.order.tolist() == [1, 0, 2]
    assert found.rank.tolist() == [1, 0, 2]
    assert np.diff(found.vectors.start).tolist() == [0, 2, 2]


def test_the_same_catalogue_is_made_once_for_each_tenant() -> None:
    kept = Kept()
    assert kept.of("acme", ITEMS) is kept.of("acme", list(ITEMS))
    assert kept.of("acme", ITEMS) is not kept.of("globex", ITEMS)
    assert len(kept) == 2


@pytest.mark.parametrize(
    "other",
    [
        [*ITEMS[:2], item("c", "red hats")],
        [*ITEMS, item("d")],
        [item("b", "red shoes"), item("a", ""), item("c", "red hat")],
        [item("bred", " shoes"), item("a", None), item("c", "red hat")],
    ],
)
def test_another_catalogue_is_made_anew(other: list) -> None:
    kept = Kept()
    assert kept.of("acme", ITEMS) is not kept.of("acme", other)
    assert kept.of("acme", ITEMS).digest != kept.of("acme", other).digest


def test_the_catalogue_not_used_for_longest_leaves_first() -> None:
    size = Kept().of("acme", ITEMS).nbytes
    kept = Kept(2 * size)
    first, second = kept.of("acme", ITEMS), kept.of("globex", ITEMS)
    assert kept.of("acme", ITEMS) is first
    kept.of("initech", ITEMS)
    assert len(kept) == 2
    assert kept.of("acme", ITEMS) is first
    assert kept.of("globex", ITEMS) is not second


def test_a_catalogue_larger_than_the_memory_is_kept_alone() -> None:
    kept = Kept(1)
    assert kept.of("acme", ITEMS) is kept.of("acme", ITEMS)
    assert len(kept) == 1


def test_what_is_kept_holds_neither_ids_nor_texts() -> None:
    found = Kept().of("acme", [item("secret-sku", "secret words")])
    assert b"secret" not in repr(found).encode() + b"".join(part.tobytes() for part in found.vectors)


def test_the_order_of_rows_and_items_changes_no_fingerprint() -> None:
    kept = Kept()
    one = feedback(body(ITEMS, ROWS), kept.of("acme", ITEMS))
    other = feedback(body(ITEMS[::-1], ROWS[::-1]), kept.of("acme", ITEMS[::-1]))
    assert one.fingerprint == other.fingerprint
    for here, there in zip(one.choices[:6], other.choices[:6], strict=True):
        assert here.tobytes() == there.tobytes()


@pytest.mark.parametrize(
    ("rows", "half_life"),
    [
        (ROWS[:-1], None),
        ([*ROWS[:-1], row("u", "c")], None),
        ([*ROWS[:-1], row("w", "b")], None),
        ([*ROWS[:-1], row("u", "b", 0.0)], None),
        ([*ROWS[:-1], row("u", "b", None, "2025-01-01")], 30.0),
    ],
)
def test_other_choices_have_another_fingerprint(rows: list, half_life: float | None) -> None:
    kept = Kept().of("acme", ITEMS)
    one, other = feedback(body(ITEMS, ROWS), kept), feedback(body(ITEMS, rows, half_life), kept)
    assert one.fingerprint != other.fingerprint


def test_ages_count_from_the_latest_timestamp_and_a_missing_one_is_the_oldest() -> None:
    rows = [
        row("u", "a", None, "2025-04-01"),
        row("u", "b", None, "2025-04-11T02:00:00+02:00"),
        row("u", "c"),
    ]
    found = feedback(body(ITEMS, rows, 10.0), Kept().of("acme", ITEMS))
    assert found.choices.ratings.tolist() == pytest.approx([0.5, 1.0, 0.5])


def test_without_interactions_there_are_no_users() -> None:
    found = feedback(body(ITEMS, None), Kept().of("acme", ITEMS))
    assert found.users == {}
    assert found.choices.users_by_item.tolist() == [0, 0, 0]
