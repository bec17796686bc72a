"""Pictures of an uplift training for the reviewer, of the same panels as those of the answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from abintel.charts.drawing import Drawings
from abintel.charts.kinds import height
from abintel.charts.planes import curves
from abintel.charts.theme import finished
from abintel.wording import number
from plugins.propensity.charts import TEXTS, by_decile, importance
from plugins.propensity.uplift.choice import Outcome
from plugins.propensity.uplift.contamination import observed
from plugins.propensity.uplift.deciles import deciles
from plugins.propensity.uplift.growing import CLASSES
from plugins.propensity.uplift.qini import curve

MOST_POINTS = 100
"""A curve through more points looks the same, and takes longer to draw."""
ENGLISH = TEXTS["en"]


def pictures(outcome: Outcome) -> Drawings:
    """File name to SVG: Qini curves of both candidates, uplift by decile, importance of features."""
    return Drawings(_charts(outcome))


def _charts(outcome: Outcome) -> Iterator[tuple[str, Any]]:
    yield "qini.svg", _qini(outcome)
    drawing = by_decile(_deciles(outcome), ENGLISH)
    yield "deciles.svg", finished(drawing, f"{ENGLISH.say('deciles')}, out of fold", [], 400, "en")
    bars = importance(outcome.importance, "en")
    tall = 110 + height(min(len(outcome.importance), 20))
    yield "importance.svg", finished(bars, "Importance of features", [], tall, "en")


def _qini(outcome: Outcome) -> Any:
    lines, names = {}, {}
    for one in outcome.candidates:
        share, gained = curve(one.scores, outcome.classes, outcome.model.trial.weights)
        kept = np.unique(np.linspace(0, len(share) - 1, MOST_POINTS).astype(np.int64))
        names[one.name] = f"{one.name} ({number(one.ranking.qini.value, 3, 'en')})"
        lines[names[one.name]] = list(
            zip((100 * share[kept]).tolist(), (100 * gained[kept]).tolist(), strict=True)
        )
    heights = [0.0, *(value for points in lines.values() for _, value in points)]
    room = 0.06 * ((max(heights) - min(heights)) or 1.0)
    drawing = curves(
        lines,
        ENGLISH.say("treated_share"),
        ENGLISH.say("gained"),
        diagonal=((0.0, 0.0), (100.0, 100 * float(gained[-1]))),
        y=(min(heights) - room, max(heights) + room),
        bold=names[outcome.winner.name],
        title="Qini",
        columns=2,
    )
    return finished(drawing, "Qini curves, out of fold", ["Dotted: a random order."], 440, "en")


def _deciles(outcome: Outcome) -> list[dict[str, Any]]:
    scores = outcome.winner.scores
    # Rows are in canonical order, and without their ids.
    decile = deciles(scores, [f"{row:08}" for row in range(len(scores))])
    rows = []
    for one in np.unique(decile).tolist():
        counts = np.bincount(outcome.classes[decile == one], minlength=CLASSES)
        seen = observed(counts, outcome.model.trial.weights)
        rows.append(
            {
                "decile": one,
                "mean_uplift": float(scores[decile == one].mean()),
                "observed_uplift": seen and seen.value,
                "observed_lower_95": seen and seen.lower_95,
                "observed_upper_95": seen and seen.upper_95,
            }
        )
    return rows
