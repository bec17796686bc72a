"""What a reviewer reads about a champion: its figures, and a model card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from plugins.forecast.days.calendar import iso
from plugins.forecast.judging.champion import Champion
from plugins.forecast.judging.errors import Figures
from plugins.forecast.judging.history import History
from plugins.forecast.judging.reuse import Kept


def metrics(figures: Figures) -> dict[str, float]:
    """The figures that are known, by name."""
    named = {
        "score": figures.score,
        "RMSE": figures.rmse,
        "MAE": figures.mae,
        "R2": figures.r2,
        "MAPE": figures.mape,
        "sMAPE": figures.smape,
        "MASE": figures.mase,
    }
    return {name: value for name, value in named.items() if value is not None}


def card(history: History, champion: Champion, note: str | None) -> str:
    """The model card, Markdown."""
    selection = champion.selection
    rows = [
        f"| {row.name} | {row.figures.rmse:.6g} | {row.figures.mae:.6g} | {row.figures.r2:.3f} | "
        f"{row.folds} | {row.dropped or ''} |"
        for row in selection.candidates
        if row.figures
    ]
    failed = [f"{row.name} {row.dropped}." for row in selection.candidates if not row.figures]
    daily = history.daily
    span = [iso(daily.first), iso(daily.last)]
    return "\n".join(
        [
            f"# {selection.algorithm}",
            "",
            f"Learned from {history.days:,} days, {span[0]} to {span[1]}; {int(daily.filled.sum())} of "
            f"them were filled in, {daily.merged} rows were added to another row of their day, "
            f"{len(champion.outliers)} outlying days were cut to their limits. "
            f"{'Logarithms were taken.' if selection.logs else ''}",
            "",
            f"Judged by rolling origin: {len(champion.origins)} folds of {champion.paths.shape[1]} days, "
            f"the score "
            "is 0.6 of the RMSE over all days and 0.4 of that over business days. Made of: "
            f"{', '.join(selection.members)}.",
            *(["", note] if note else []),
            "",
            "| model | RMSE | MAE | R² | folds | dropped |",
            "| --- | --- | --- | --- | --- | --- |",
            *rows,
            "",
            *failed,
            "",
            "Bounds come from simulated paths of the backtest's errors. A forecast does not know what the "
            "history does not show: a new price, a new shop, a lockdown.",
        ]
    )


def table_card(champions: Sequence[Kept]) -> str:
    """The card of a table of many series, Markdown."""
    ways = Counter(kept.how for kept in champions)
    wins = Counter(kept.selection.algorithm for kept in champions)
    return "\n".join(
        [
            f"# Champions of {len(champions):,} series",
            "",
            "For each series the model that did best on four folds of held-out days, among the quick ones of "
            "the plugin; its forecast is made again at each request. "
            + ", ".join(f"{count:,} {how.replace('_', ' ')}" for how, count in sorted(ways.items()))
            + ".",
            "",
            "| champion | series |",
            "| --- | --- |",
            *(f"| {name} | {count:,} |" for name, count in wins.most_common()),
        ]
    )
