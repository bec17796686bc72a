"""Which candidate predicts best? Each knows the past up to a day and has to predict what came after.

A candidate is judged on customers and on their total. The trees learn from a window that ends on that day,
the models of purchases from all histories until it; neither sees a day that it is judged on. Afterwards all
are fitted again on everything, the trees on the held-out window."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.clv.history.histories import Histories, Occasions
from plugins.clv.intervals import residuals
from plugins.clv.intervals.residuals import Residuals
from plugins.clv.judging import levels, window
from plugins.clv.judging.window import Split
from plugins.clv.models import prediction, purchasing, trees
from plugins.clv.models.fitting import NotFitted
from plugins.clv.models.prediction import Prediction
from plugins.clv.models.purchasing import Purchasing
from plugins.clv.models.roster import BY_PREFERENCE, PURCHASE_MODELS, PurchaseModel
from plugins.clv.models.trees import Trees
from plugins.shared import roc

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TREES = "GradientBoosting"
NAIVE = "Naive"
FEWEST_KNOWN = 20
"""Customers on the day of the cut, below which an error says nothing about a candidate."""
FEWEST_BUYERS = 5
"""Customers who bought in a window, below which trees have nothing to learn from it."""
FURTHEST_LEVEL = 4.0
"""Largest factor by which a total is brought to the true one."""
MOST_JUDGED = 20_000
"""Customers on whom models of purchases are fitted to be judged: the first ones, a random sample as the
canonical order is by digest."""
CLEAR = 2.0
"""Standard errors by which trees must err less on customers than the best model of purchases."""
LEAST_GAIN = 0.02
"""The least share by which they must."""
WORSE_TOTAL = 0.03
"""By how much more, in the logarithm, trees may miss the total."""


class Data(NamedTuple):
    """What a contest is about.

    Attributes:
        bought: occasions of n customers in canonical order, at least one each.
        known: their histories until today.
        gone: (n,) ordinal of the day of cancellation, :data:`~plugins.clv.history.histories.NEVER` without
            one.
        today: ordinal.
        held: the past, cut.
    """

    bought: Occasions
    known: Histories
    gone: Ints
    today: int
    held: Split


class Judgement(NamedTuple):
    """How the candidates did on the held-out window.

    Attributes:
        txns, value: (m,) the truth.
        predictions: of each candidate that could be judged, by name, the naive one among them.
        mae: mean absolute error of value, by name, in currency; of the candidates by :func:`level_error`.
        total: the predicted total over the true one, less 1, by name; nothing where the true one is not
            positive.
        auc: by name, how well the predicted value ranks who bought above who did not: ROC-AUC, 0.5 is chance.
        days: length of the window.
    """

    txns: Floats
    value: Floats
    predictions: Mapping[str, Prediction]
    mae: Mapping[str, float]
    total: Mapping[str, float]
    auc: Mapping[str, float]
    days: int


class Outcome(NamedTuple):
    """The result of a contest.

    Attributes:
        best: name of the winner.
        purchasing: the models of purchases that could be fitted on everything, by name.
        trees: fitted on everything; None if they could not be.
        residuals: of the trees; None without them.
        judgement: on the held-out window.
        reasons: why a candidate was not fitted or not judged, by name: sentences.
    """

    best: str
    purchasing: Mapping[str, Purchasing]
    trees: Trees | None
    residuals: Residuals | None
    judgement: Judgement
    reasons: Mapping[str, str]


def enough(held: Split | None, known: Histories) -> bool:
    """Whether there is enough history to judge a candidate.

    It takes 20 customers on the day of the cut, and either three distinct histories of repeat buyers, for a
    model of purchases, or five buyers in the window, for trees."""
    if held is None or len(held.txns) < FEWEST_KNOWN:
        return False
    repeated = known.frequency > 0
    figures = np.column_stack((known.frequency, known.recency, known.T))[repeated]
    different = any(len(np.unique(rows, axis=0)) >= 3 for rows in (figures[:1000], figures))
    return different or int((held.txns > 0).sum()) >= FEWEST_BUYERS


def run(data: Data, done: Callable[[float], None] = lambda share: None) -> Outcome:
    """Judges, chooses and fits.

    Args:
        data: what it is about.
        done: told how much is done, 0 to 1.
    """
    held, cut = data.held, data.today - data.held.days
    past = held.history
    days = np.where(data.gone[past.owner] > cut, float(held.days), 0.0)
    judged, whole, reasons = _purchasing(data)
    done(0.4)
    predictions = {NAIVE: prediction.naive(past, days)}
    predictions |= {name: purchasing.predict(model, past, days) for name, model in judged.items()}
    span = data.today - int(data.bought.day.min())
    before = window.split(data.bought.at(data.bought.day <= cut), cut, held.days)
    tried = _earlier(data, before, cut)
    done(0.7)
    if tried is None:
        reasons[TREES] = "The time before the held-out window is too short, or too few bought in it."
    else:
        predictions[TREES] = over(tried, first(judged), past, days)
    judgement = _judged(held, predictions)
    learnt = _trees(data, days, whole, predictions.get(TREES))
    if learnt is None and tried is not None:
        reasons[TREES] = "Too few customers bought in the held-out window, from which it would learn."
    best = _best(judgement, whole, learnt is not None)
    windows = [(held, predictions)]
    if before is not None and 2 * before.days >= held.days and len(before.txns) >= FEWEST_KNOWN:
        windows.append((before, _predicted(data, before, cut - before.days, list(whole))))
    whole = {
        name: model._replace(
            level=levels.of(
                [
                    levels.Window(cut_at.value, found[name].value)
                    for cut_at, found in windows
                    if name in found
                ],
                held.days,
                span,
            )
        )
        for name, model in whole.items()
    }
    done(0.95)
    ensembles, errors = learnt or (None, None)
    return Outcome(best, whole, ensembles, errors, judgement, reasons)


def _judged(held: Split, predictions: Mapping[str, Prediction]) -> Judgement:
    actual = float(held.value.sum())
    return Judgement(
        txns=held.txns,
        value=held.value,
        predictions=predictions,
        mae={name: _error(name, held.value, found.value) for name, found in predictions.items()},
        total={
            name: float(found.value.sum()) / actual - 1 for name, found in predictions.items() if actual > 0
        },
        auc={name: roc.auc(held.txns > 0, found.value) for name, found in predictions.items()},
        days=held.days,
    )


def _best(judgement: Judgement, models: Mapping[str, Purchasing], trees_fitted: bool) -> str:
    """The candidate that errs least on customers and on the total.

    A model's error on customers counts once more for the share by which it misses the total. Trees have far
    more freedom than a model of four parameters, so that one window flatters them by chance: they win only if
    they are clearly better on customers and not worse on the total.
    """
    mae = judgement.mae
    missed = {name: abs(math.log(max(1 + total, 1e-9))) for name, total in judgement.total.items()}

    def error(name: str) -> tuple[float, float]:
        judged = mae[name] * (1 + missed.get(name, 0.0)) if name in mae else math.inf
        return judged, -models[name].orders.log_likelihood

    best = min(models, key=error, default=TREES)
    if not trees_fitted or best == TREES:
        return best
    if best not in mae:
        return TREES if TREES in mae else best
    if TREES not in mae:
        return best
    gain = _distance(judgement, best) - _distance(judgement, TREES)
    clear = (
        gain.mean() > CLEAR * gain.std() / math.sqrt(len(gain)) and mae[TREES] < (1 - LEAST_GAIN) * mae[best]
    )
    keeps = missed.get(TREES, 0.0) <= missed.get(best, 0.0) + WORSE_TOTAL
    return TREES if clear and keeps else best


def _distance(judgement: Judgement, name: str) -> Floats:
    """Absolute error of each customer at the true total."""
    predicted = judgement.predictions[name].value
    return np.abs(judgement.value - predicted * _level(judgement.value, predicted))


def _predicted(data: Data, part: Split, start: int, names: list[str]) -> dict[str, Prediction]:
    """What models of purchases, fitted until the day `start`, predict of the window after it."""
    past = part.history
    days = np.where(data.gone[past.owner] > start, float(part.days), 0.0)
    return {
        name: purchasing.predict(model, past, days)
        for name, model in purchasing.fit(names, _sample(past)).items()
        if not isinstance(model, NotFitted)
    }


def _sample(past: Histories) -> Histories:
    """The customers on whom models of purchases are fitted to be judged."""
    return past.at(np.arange(min(len(past.T), MOST_JUDGED)))


def first(models: Mapping[str, Purchasing]) -> PurchaseModel | None:
    """The model of purchases whose probability of being a customer is preferred, of those that there are."""
    return next((models[name].orders for name in BY_PREFERENCE if name in models), None)


def _purchasing(data: Data) -> tuple[dict[str, Purchasing], dict[str, Purchasing], dict[str, str]]:
    """The models of purchases fitted up to the cut, fitted on everything, and why one was not fitted."""
    names = list(PURCHASE_MODELS)
    judged, whole = (purchasing.fit(names, known) for known in (_sample(data.held.history), data.known))
    return (
        {name: model for name, model in judged.items() if not isinstance(model, NotFitted)},
        {name: model for name, model in whole.items() if not isinstance(model, NotFitted)},
        {name: model.reason for name, model in (judged | whole).items() if isinstance(model, NotFitted)},
    )


def _trees(
    data: Data, days: Floats, whole: Mapping[str, Purchasing], judged: Prediction | None
) -> tuple[Trees, Residuals] | None:
    """Trees fitted on the held-out window, and how far trees were off in it.

    Args:
        data: what the contest is about.
        days: (m,) time to come of each customer on the day of the cut.
        whole: the models of purchases; without one, trees are fitted on any number of buyers.
        judged: what trees predicted of the window; None if they could not be judged.
    """
    held = data.held
    here = days > 0
    if whole and int((held.txns[here] > 0).sum()) < FEWEST_BUYERS:
        return None
    ensembles = trees.fit(held.history.at(here), held.txns[here], held.value[here], held.days)
    # Without a prediction of unseen days, the error on the trees' own training rows is the only one.
    tried = judged or over(ensembles, None, held.history, days)
    shown = Prediction(*(column[here] for column in tried))
    return ensembles, residuals.learn(shown, held.txns[here], held.value[here], held.days)


def over(ensembles: Trees, orders: PurchaseModel | None, known: Histories, days: Floats) -> Prediction:
    """The trees' prediction over another time than their window.

    Args:
        ensembles: as fitted.
        orders: a model of purchases, if there is one.
        known: histories of n customers.
        days: (n,) time to come of each, 0 for a customer who has left.
    """
    found, ratio = ensembles.predict(known), growth(orders, known, days, ensembles.days)
    return prediction.prediction_of(found.txns * ratio, found.per_order)


def growth(orders: PurchaseModel | None, known: Histories, days: Floats, of_days: int) -> Floats:
    """How many times the purchases of a window fall into another time, shape ``(n,)``.

    Customers drop out, so purchases grow less than the time: a model of purchases says how much less. Without
    one they grow in proportion.
    """
    ratio = days / of_days
    if orders is None or not ((days != of_days) & (days > 0)).any():
        return ratio
    figures = known.frequency, known.recency, known.T
    base = orders.expected_purchases(float(of_days), *figures)
    some = base > 1e-200
    wanted = orders.expected_purchases(days, *figures)
    return np.where(some, wanted / np.where(some, base, 1.0), ratio)


def level_error(truth: Floats, predicted: Floats) -> float:
    """Mean absolute error of a prediction whose total is first brought to the true one.

    Most customers bring nothing, so the plain error is least for a model that predicts too little: on the
    2,357 customers of CDNOW, trees that fall short by a fifth beat BG/NBD over 13 weeks, and lose by 12 %
    over 39. The totals are judged apart.

    >>> level_error(np.array([0.0, 4.0]), np.array([1.0, 1.0]))
    2.0
    """
    return prediction.mean_absolute_error(truth, predicted * _level(truth, predicted))


def _level(truth: Floats, predicted: Floats) -> float:
    """What brings a predicted total to the true one, within bounds."""
    total, expected = float(truth.sum()), float(predicted.sum())
    level = total / expected if total > 0 and expected > 0 else 1.0
    return min(max(level, 1 / FURTHEST_LEVEL), FURTHEST_LEVEL)


def _error(name: str, truth: Floats, predicted: Floats) -> float:
    """The naive rate is never fitted, so its total is judged as it is."""
    return (prediction.mean_absolute_error if name == NAIVE else level_error)(truth, predicted)


def _earlier(data: Data, before: Split | None, cut: int) -> Trees | None:
    """Trees that know nothing after the cut: trained on a window that ends there."""
    if before is None:
        return None
    here = data.gone[before.history.owner] > cut - before.days
    if int(here.sum()) < FEWEST_KNOWN or int((before.txns[here] > 0).sum()) < FEWEST_BUYERS:
        return None
    return trees.fit(before.history.at(here), before.txns[here], before.value[here], before.days)
