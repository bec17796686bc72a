"""Who is in which fold, and in which decile."""

from __future__ import annotations

import numpy as np
import pytest

from plugins.propensity.uplift.deciles import deciles
from plugins.propensity.uplift.folds import NEW, deal, digests_of


def dealt_rows() -> tuple[np.ndarray, np.ndarray, list[str]]:
    chance = np.random.default_rng(5)
    classes = chance.integers(0, 4, 300).astype(np.uint8)
    column = chance.integers(0, 20, 300).astype(float)
    return digests_of({"x": column}, classes), classes, [f"C-{row:03}" for row in range(300)]


def test_every_class_is_dealt_evenly_and_equal_rows_by_lot() -> None:
    digests, classes, ids = dealt_rows()
    fold = deal(digests, classes).recall(digests, ids)
    for label in range(4):
        counts = np.bincount(fold[classes == label], minlength=3)
        assert counts.max() - counts.min() <= 1
    # Not in turn: then each fold would have what the others have of a kind, and nothing would be held out.
    uneven = [
        np.ptp(np.bincount(fold[digests == digest], minlength=3)) > 1
        for digest in np.unique(digests)
        if (digests == digest).sum() >= 3
    ]
    assert np.mean(uneven) > 0.3


def test_a_row_is_known_again_in_any_order_and_company() -> None:
    digests, classes, ids = dealt_rows()
    dealt = deal(digests, classes)
    fold = dealt.recall(digests, ids)
    order = np.random.default_rng(1).permutation(300)
    assert np.array_equal(dealt.recall(digests[order], [ids[row] for row in order]), fold[order])
    assert deal(digests[order], classes[order]).fold.tolist() == dealt.fold.tolist()


def test_a_row_that_was_not_trained_on_is_new() -> None:
    digests, classes, _ = dealt_rows()
    other = digests_of({"x": np.array([99.0, np.nan])}, np.array([3, 3], dtype=np.uint8))
    assert deal(digests, classes).recall(other, ["a", "b"]).tolist() == [NEW, NEW]


@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        (1, [1]),
        (29, [1]),
        (30, [1, 10]),
        (100, [1, 3, 5, 6, 8, 10]),
        (149, [1, 2, 3, 4, 5, 7, 8, 9, 10]),
        (150, list(range(1, 11))),
        (1003, list(range(1, 11))),
    ],
)
def test_a_decile_has_15_customers_or_is_merged(rows: int, numbers: list[int]) -> None:
    scores = np.random.default_rng(rows).permutation(rows) / rows
    found = deciles(scores, [str(row) for row in range(rows)])
    assert np.unique(found).tolist() == numbers
    counts = np.unique(found, return_counts=True)[1]
    assert counts.min() >= min(15, rows)
    assert counts.max() - counts.min() <= 1
    assert (np.diff(found[np.argsort(scores)]) >= 0).all()


def test_equal_scores_share_a_decile_where_ten_are_left() -> None:
    scores = np.repeat(np.arange(50.0), 6)
    found = deciles(scores, [str(row) for row in range(300)])
    assert all(len(set(found[scores == score])) == 1 for score in range(50))
    assert np.unique(found).tolist() == list(range(1, 11))


def test_too_many_equal_scores_are_parted_by_name_and_one_score_is_one_decile() -> None:
    scores = np.repeat([0.0, 1.0], 150)
    found = deciles(scores, [f"{row:03}" for row in range(300)])
    assert np.bincount(found)[1:].tolist() == [30] * 10
    assert set(deciles(np.zeros(300), [str(row) for row in range(300)])) == {1}
