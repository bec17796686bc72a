"""How the routes of one series learn: a champion per tenant, kept for 30 days, and carried on while its
history grows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from abintel.charts import lazy
from abintel.endpoint import Call, Endpoint, Fit, Served, Trainable, Training
from abintel.problem import Problem
from plugins.forecast.judging.champion import Champion, since_then
from plugins.forecast.judging.history import History
from plugins.forecast.judging.reuse import carried_on, newly_judged, stood_in
from plugins.forecast.training import card, champion_file

PICTURES = lazy("plugins.forecast.training.pictures", "pictures")


class Asked(NamedTuple):
    """What a request asks the registry for.

    Attributes:
        history: the series.
        scope: what the champion is for, besides the tenant and the endpoint.
        prior: the champion of a shorter state of the history, if there is one.
    """

    history: History
    scope: Mapping[str, str]
    prior: Champion | None = None


def champion_of(history: History, scope: Mapping[str, str], endpoint: Endpoint, call: Call) -> Served:
    """The champion that answers: stored, carried on, or new.

    A history that is too short for a race gets a stand-in, which is not stored.
    """
    if history.rows < history.least:
        made = stood_in(history)
        return Served(made.champion, {"cached": False, "choice": made.how, "note": made.note})
    asked = Asked(history, scope)
    return call.models.serve(asked._replace(prior=_prior(asked, endpoint, call)))


def _prior(asked: Asked, endpoint: Endpoint, call: Call) -> Champion | None:
    try:
        prior = call.models.champion(endpoint, asked).model
    except Problem:
        # Without the registry, earlier champions are unknown.
        return None
    return prior if prior is not None and asked.history.continues(prior.source) else None


def _training(asked: Asked) -> Training | None:
    history = asked.history
    return Training(history.fingerprint(), history.rows, partial(_fit, asked))


def _fit(asked: Asked) -> Fit:
    history, prior = asked.history, asked.prior
    made = newly_judged(history) if prior is None else carried_on(history, prior, since_then(history, prior))
    champion, how, note = made
    selection = champion.selection
    said = {"note": note} if note is not None else {}
    return Fit(
        model=champion,
        algorithm=selection.algorithm,
        # A champion of newer days always replaces the older one, so its quality is not compared.
        quality=0.0,
        params={
            "members": ", ".join(selection.members),
            "log_scale": selection.logs,
            **{f"choice of {name}": choice for name, choice in selection.choices.items()},
            "days": champion.source.days,
            "folds": len(champion.origins),
            "fold_days": champion.paths.shape[1],
        },
        metrics=card.metrics(selection.figures()),
        candidates={row.name: card.metrics(row.figures) for row in selection.candidates if row.figures},
        features=("days_ahead",),
        info={"choice": how, "judged_days": champion.judged_days, **said},
        input_example=[{"days_ahead": 1.0}, {"days_ahead": 30.0}],
        pictures=PICTURES(history, champion),
        card=card.card(history, champion, note),
    )


def _score(champion: Champion, rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """The forecast of days ahead; the first day after the history is 1."""
    last = len(champion.ahead)
    return [float(champion.ahead[min(max(int(row["days_ahead"]), 1), last) - 1]) for row in rows]


TRAINABLE = Trainable(
    scope=lambda asked: dict(asked.scope),
    training=_training,
    save=champion_file.save,
    load=champion_file.load,
    score=_score,
    requirements=("numpy",),
    output="value",
    measure=None,
)
