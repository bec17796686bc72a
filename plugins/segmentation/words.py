"""Sentences of the segmentation routes, apart from the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from abintel.wording import Lang, Texts, number, paragraph

TEXTS = Texts("segmentation")

RETENTION_SHARE = 30.0
"""A segment with this share of revenue, in percent, or more is one to keep."""


def insight(share_of_revenue_pct: float, lang: Lang) -> str:
    """What to do about a segment with this share of revenue.

    >>> insight(30.0, "en"), insight(29.9, "en")
    ('Focus on retention & upsell', 'Growth-potential segment')
    """
    return TEXTS[lang].say("insight.keep" if share_of_revenue_pct >= RETENTION_SHARE else "insight.grow")


def hint(weak: Sequence[str], setting: str, lang: Lang) -> str | None:
    """What is weak in a clustering and which setting to move; None if nothing is weak.

    Args:
        weak: weaknesses and settings, see :func:`clustering.quality.quality`.
        setting: name of the setting that bounds the number of clusters.
        lang: language.
    """
    keys = [setting if code == "more_clusters" else code for code in weak]
    return paragraph([TEXTS[lang].say(f"hint.{key}") for key in keys], lang) or None


def selection(parent: str, k: int, silhouette: float, davies_bouldin: float, lang: Lang) -> str:
    """Why a parent cluster was split into k."""
    return TEXTS[lang].say(
        "selection",
        parent=parent,
        k=k,
        silhouette=number(silhouette, 3, lang),
        davies_bouldin=number(davies_bouldin, 3, lang),
    )


def metric_explanation(lang: Lang) -> Mapping[str, str]:
    """How to read the two scores."""
    return TEXTS[lang].choices("metric")


def too_small(lang: Lang) -> str:
    """Why a parent cluster cannot be split."""
    return TEXTS[lang].say("too_small")
