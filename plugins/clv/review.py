"""What a reviewer looks at before a forecaster goes live: three pictures and the model card."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from plugins.clv.contest import BG_NBD, NAIVE, TREES, Judgement
from plugins.clv.forecast import Split
from plugins.clv.forecaster import Forecaster

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_REPEATS = 7
"""From here on customers share a bucket, as in the literature."""
DECILES = 10


def pictures(held: Split, judged: Judgement, best: str) -> dict[str, bytes]:
    """File name to PNG, all of the held-out window: value by decile of the winner's prediction, purchases by
    past frequency, and the total of every candidate."""
    return {
        "deciles.png": _deciles(judged, best),
        "frequency.png": _frequency(held, judged),
        "total.png": _total(judged),
    }


def card(
    model: Forecaster,
    judged: Judgement | None,
    figures: Mapping[str, Mapping[str, float]],
    reasons: Mapping[str, str],
    customers: int,
    fingerprint: str,
) -> str:
    """The model card, Markdown.

    Args:
        model: what was fitted.
        judged: on the held-out window; None if nothing could be.
        figures: of each candidate there.
        reasons: why a candidate was not fitted or not judged.
        customers: how many it was fitted on.
        fingerprint: of their data.
    """
    rows = [
        f"| {name} | {row['mae']:,.4f} | {row['mae_txns']:.4f} | {row['auc']:.4f} "
        f"| {row['predicted_total']:,.2f} | {row['actual_total']:,.2f} |"
        for name, row in figures.items()
    ]
    parts: list[Sequence[str]] = [
        [f"# {model.best}: value of the customers to come"],
        [f"Fitted on {customers:,} customers; money is {model.basis}. Data fingerprint `{fingerprint}`."],
    ]
    if judged is None:
        parts.append(["Fitted on four figures per customer, without orders: nothing could be held out."])
    else:
        parts += [
            [
                f"## The last {judged.days} days, held out",
                "",
                f"{len(judged.txns):,} customers were known before. No candidate saw anything of these days.",
            ],
            [
                "| candidate | MAE of value | MAE of purchases | AUC | predicted total | actual total |",
                "| --- | --- | --- | --- | --- | --- |",
                *rows,
            ],
            [
                "MAE of value is taken at the true total, except of the naive rate: most customers bring "
                "nothing, so that the plain error favours who promises too little.",
            ],
            [
                "AUC: how well the predicted value ranks who bought above who did not; beside the rows, it "
                f"decides between champion and challenger. `{NAIVE}`: the past rate goes on."
            ],
        ]
        if judged.mae.get(model.best, 0.0) >= judged.mae[NAIVE] and model.best in judged.mae:
            parts.append(["**Look at this first:** the winner errs no less than the naive rate."])
    parts += [[f"- {name}: {reason}"] for name, reason in reasons.items()]
    if model.purchasing is not None:
        orders, money = model.purchasing
        parts.append(
            [
                "## BG/NBD and Gamma-Gamma",
                "",
                f"- r {orders.r:.4f}, alpha {orders.alpha:.4f} days, a {orders.a:.4f}, b {orders.b:.4f}; "
                f"log-likelihood {orders.log_likelihood:,.2f}"
                + ("; **at the edge of what was searched**" if orders.at_bound else ""),
                "- Gamma-Gamma was not fitted: every customer's own mean counts."
                if money is None
                else f"- p {money.p:.4f}, q {money.q:.4f}, v {money.v:.4f}; log-likelihood "
                f"{money.log_likelihood:,.2f}",
            ]
        )
    if model.trees is not None:
        shares = [f"| {name} | {share:.1%} |" for name, share in model.trees.importance().items()]
        parts.append(
            ["## Trees: features by gain", "", "| feature | share |", "| --- | --- |", *shares],
        )
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _deciles(judged: Judgement, best: str) -> bytes:
    figure, axes = _axes("Held out: value by decile", "decile of predicted value", "mean value")
    name = best if best in judged.predictions else NAIVE
    predicted = judged.predictions[name].value
    groups = np.array_split(np.argsort(predicted, kind="stable"), min(DECILES, len(predicted)))
    place = np.arange(1, len(groups) + 1)
    axes.bar(place - 0.2, [predicted[group].mean() for group in groups], 0.4, label=f"predicted ({name})")
    axes.bar(place + 0.2, [judged.value[group].mean() for group in groups], 0.4, label="actual")
    axes.legend(loc="upper left", fontsize=8)
    return _png(figure)


def _frequency(held: Split, judged: Judgement) -> bytes:
    figure, axes = _axes("Held out: purchases by past frequency", "repeat purchases before", "mean purchases")
    bucket = np.minimum(held.history.frequency, MOST_REPEATS)
    present = np.unique(bucket)
    series = {"actual": judged.txns, **{name: found.txns for name, found in judged.predictions.items()}}
    for name, txns in series.items():
        means = [txns[bucket == one].mean() for one in present]
        axes.plot(
            present, means, marker="o", markersize=4, linewidth=2.5 if name == "actual" else 1, label=name
        )
    labels = [f"{one}+" if one == MOST_REPEATS else str(one) for one in present.tolist()]
    axes.set_xticks(present, labels)
    axes.legend(loc="upper left", fontsize=8)
    return _png(figure)


def _total(judged: Judgement) -> bytes:
    figure, axes = _axes("Held out: total value", "", "value")
    names = [name for name in (BG_NBD, TREES, NAIVE) if name in judged.predictions]
    totals = [float(judged.predictions[name].value.sum()) for name in names]
    axes.bar([*names, "actual"], [*totals, float(judged.value.sum())])
    return _png(figure)


def _axes(title: str, x: str, y: str) -> tuple[Figure, Axes]:
    """A figure of its own canvas: pyplot's global state is not for threads."""
    # Takes most of a second to import, and only a training draws.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 4), dpi=90)
    FigureCanvasAgg(figure)
    # Fixed margins: a computed layout takes as long again as the drawing.
    axes = figure.add_axes((0.16, 0.13, 0.8, 0.77))
    axes.set(title=title, xlabel=x, ylabel=y)
    return figure, axes


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
