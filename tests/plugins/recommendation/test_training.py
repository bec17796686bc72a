import json

import pytest

from plugins.recommendation.feedback import Feedback
from plugins.recommendation.training import enough, trainable
from tests.abintel.charts.seen import texts
from tests.plugins.recommendation.recommenders.populations import choices, clusters

SAMPLE = choices(clusters(160, 60, 3, 25, 0.1, 0), 160, 60)


@pytest.mark.parametrize("alike", [False, True])
def test_a_fit_tells_a_reviewer_how_good_it_is_and_names_nobody(alike: bool) -> None:
    route = trainable(alike=alike)
    training = route.training(Feedback({}, SAMPLE, "f" * 64))
    fit = training.fit()
    assert fit.quality == fit.info["value"] == fit.metrics["precision_at_10"]
    assert training.rows == fit.info["train_rows"] == SAMPLE.rows
    assert set(fit.pictures) == {"loss.svg", "precision.svg"}
    assert {"Loss of the final fit", "Round"} <= {*texts(fit.pictures["loss.svg"])}
    assert {"this model", "popularity", "Precision (%)"} <= {*texts(fit.pictures["precision.svg"])}
    assert "| this model |" in fit.card
    assert "| popularity |" in fit.card
    assert "`ffffffffffffffff`" in fit.card
    json.dumps([fit.info, fit.params, fit.candidates], allow_nan=False)
    [figure] = route.score(fit.model, fit.input_example)
    assert -1 <= figure <= 2


def test_the_scope_is_the_fingerprint() -> None:
    assert trainable(alike=False).scope(Feedback({}, SAMPLE, "f" * 64)) == {"catalogue": "f" * 32}


def test_factors_need_75_users_50_items_and_1500_rows() -> None:
    def made(users: int, items: int, rows: int) -> bool:
        pairs = [(k % users, (k // users + k) % items) for k in range(rows)]
        return enough(choices(pairs, users, items))

    assert made(75, 50, 1500)
    assert not made(74, 50, 1500)
    assert not made(75, 49, 1500)
    assert not made(75, 50, 1499)


def test_choices_that_weigh_nothing_are_never_enough() -> None:
    assert enough(SAMPLE)
    assert not enough(SAMPLE._replace(weights=SAMPLE.weights * 0))
