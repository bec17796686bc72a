import json

import numpy as np

from abintel.endpoint import Fit, Training
from plugins.clv.history.histories import NEVER, Occasions
from plugins.clv.models.roster import PURCHASE_MODELS
from plugins.clv.training import TRAINABLE, UNJUDGED, Job, training
from tests.abintel.charts.seen import texts
from tests.plugins.clv.forecasting.test_forecaster import job
from tests.plugins.clv.populations import Shop, shop


def trained(asked: Job) -> Training:
    found = training(asked)
    assert found is not None
    return found


def shuffled(base: Shop, seed: int) -> Shop:
    """The same customers in another order."""
    count = int(base.bought.owner.max()) + 1
    place = np.random.default_rng(seed).permutation(count)
    rows = np.argsort(place[base.bought.owner], kind="stable")
    bought = base.bought.at(rows)
    return base._replace(bought=bought._replace(owner=place[bought.owner]))


def files(fit: Fit, folder: object) -> bytes:
    TRAINABLE.save(fit.model, folder)
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def test_the_fingerprint_and_the_model_depend_on_no_order(tmp_path_factory) -> None:
    base = shop(100, 1)
    one, other = trained(job(base)), trained(job(shuffled(base, 2)))
    assert one.fingerprint == other.fingerprint
    assert files(one.fit(), tmp_path_factory.mktemp("one")) == files(
        other.fit(), tmp_path_factory.mktemp("other")
    )


def test_the_fingerprint_tells_data_and_windows_apart() -> None:
    base = shop(100, 1)
    bought = base.bought
    dearer = bought._replace(value=bought.value + (np.arange(len(bought.value)) == 7) * 0.01)
    later = bought._replace(day=bought.day + (np.arange(len(bought.day)) == 0))
    first = job(base)
    gone = np.where(np.arange(100) == 3, base.today - 5, NEVER)
    keys = {
        trained(asked).fingerprint
        for asked in (
            first,
            job(base._replace(bought=dearer)),
            job(base._replace(bought=later)),
            job(base, horizon=90),
            Job(first.known, bought, gone, base.today, first.horizon, "revenue"),
            Job(first.known, bought, first.gone, base.today, first.horizon, "margin"),
        )
    }
    assert len(keys) == 6


def test_all_horizons_beyond_a_third_of_the_history_share_a_model() -> None:
    base = shop(100, 1)
    assert trained(job(base, 400)).fingerprint == trained(job(base, 1800)).fingerprint


def test_a_day_later_everything_is_a_day_older_and_nothing_else() -> None:
    base = shop(100, 1)
    moved = Shop(base.bought._replace(day=base.bought.day + 9), base.today + 9, *base[2:])
    assert trained(job(base)).fingerprint == trained(job(moved)).fingerprint
    assert trained(job(base)).fingerprint != trained(job(base._replace(today=base.today + 1))).fingerprint


def test_a_reviewer_gets_figures_pictures_and_a_card_without_any_customer() -> None:
    base = shop(200, 2)
    fit = trained(job(base)).fit()
    best = fit.algorithm
    assert best in PURCHASE_MODELS
    assert set(fit.candidates) == {*PURCHASE_MODELS, "GradientBoosting", "Naive"}
    assert fit.quality == fit.candidates[best]["auc"]
    assert {"bg_nbd_r", "pareto_nbd_s", "gamma_gamma_p", "window_days", "num_leaves"} <= set(fit.params)
    assert set(fit.pictures) == {"deciles.svg", "frequency.svg", "total.svg"}
    said = {name: texts(picture) for name, picture in fit.pictures.items()}
    assert {"Held out: value by decile of the prediction", f"predicted ({best})", "actual"} <= {
        *said["deciles.svg"]
    }
    assert {"GradientBoosting", "Naive", "Mean purchases"} <= {*said["frequency.svg"]}
    assert {*PURCHASE_MODELS, "GradientBoosting", "Naive", "actual"} <= {*said["total.svg"]}
    for said in (f"# {best}: value", "| Naive |", "log-likelihood", "| silence |", "Data fingerprint `"):
        assert said in fit.card
    assert json.dumps(dict(fit.info))
    scores = TRAINABLE.score(fit.model, fit.input_example)
    assert len(scores) == 2


def test_histories_alone_train_the_likeliest_model_which_takes_no_judged_models_place() -> None:
    asked = job(shop(200, 2))
    alone = Job(asked.known, None, asked.gone, asked.today, asked.horizon, asked.basis)
    fit = trained(alone).fit()
    likelihoods = {name: model.orders.log_likelihood for name, model in fit.model.purchasing.items()}
    assert set(likelihoods) == set(PURCHASE_MODELS)
    assert fit.algorithm == max(likelihoods, key=likelihoods.__getitem__)
    assert (fit.quality, fit.info["evaluation_mae"]) == (UNJUDGED, {})
    assert fit.model.trees is None
    assert "nothing could be held out" in fit.card
    rows = np.random.default_rng(1).permutation(200)
    other = Job(asked.known.at(rows), None, asked.gone, asked.today, asked.horizon, asked.basis)
    assert trained(other).fingerprint == trained(alone).fingerprint


def test_too_little_to_train_on() -> None:
    few = shop(19, 1)
    assert training(job(few)) is None
    known = job(few)
    assert training(Job(known.known, None, known.gone, known.today, known.horizon, "revenue")) is None
    once = Occasions(np.arange(60), 739_000 - np.arange(60) * 5, np.ones(60))
    assert training(job(Shop(once, 739_000, np.zeros(0), np.zeros(0)))) is None
