"""The model card, which a reviewer reads before a forecaster is served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plugins.clv.forecasting.forecaster import Forecaster
from plugins.clv.judging.contest import NAIVE, Judgement
from plugins.clv.models.purchasing import Purchasing


def text(
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
        figures: of each candidate on it.
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
                "nothing, so the plain error favours a model that predicts too little.",
            ],
            [
                "AUC: how well the predicted value ranks who bought above who did not; beside the rows, it "
                f"decides between champion and challenger. `{NAIVE}`: the past rate goes on.",
                "The best candidate is chosen by MAE of value and by the total; trees must be clearly better "
                "on customers and no worse on the total.",
            ],
        ]
        if judged.mae.get(model.best, 0.0) >= judged.mae[NAIVE] and model.best in judged.mae:
            parts.append(["**Look at this first:** the winner errs no less than the naive rate."])
    parts += [[f"- {name}: {reason}"] for name, reason in reasons.items()]
    parts += [_parameters(name, fitted) for name, fitted in model.purchasing.items()]
    if model.trees is not None:
        shares = [f"| {name} | {share:.1%} |" for name, share in model.trees.importance().items()]
        parts.append(
            ["## Trees: features of purchases by gain", "", "| feature | share |", "| --- | --- |", *shares],
        )
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _parameters(name: str, model: Purchasing) -> list[str]:
    orders, money = model.orders, model.money
    figures = ", ".join(
        f"{field} {value:.4f}{' days' if field in ('alpha', 'beta') else ''}"
        for field, value in zip(orders._asdict(), orders.parameters.tolist(), strict=False)
    )
    level = f"- The totals of held-out windows were off by {100 * model.level.error:.0f} % beyond chance."
    return [
        f"## {name}",
        "",
        f"- {figures}; log-likelihood {orders.log_likelihood:,.2f}"
        + ("; **at the edge of what was searched**" if orders._asdict()["at_bound"] else ""),
        "- Gamma-Gamma was not fitted: every customer's own mean counts."
        if money is None
        else f"- Gamma-Gamma: p {money.p:.4f}, q {money.q:.4f}, v {money.v:.4f}; "
        f"log-likelihood {money.log_likelihood:,.2f}",
        *([level] if model.level.error else []),
    ]
