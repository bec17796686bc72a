"""The report: from the metrics of the clusters to the text of every section.

The rules are in :mod:`roles` and :mod:`picture`, the order of sentences in a module per section, and the
words in a file of texts per language. The same input gives the same text, and every number is in the metrics.
"""

from __future__ import annotations

from collections.abc import Sequence

from abintel.wording import Lang, money, number, paragraph
from plugins.segmentation.report import analysis, auto_insights, sections, summary
from plugins.segmentation.report.facts import Cluster, Tree
from plugins.segmentation.report.hierarchy import dendrogram_insights
from plugins.segmentation.report.language import TEXTS, Language
from plugins.segmentation.report.phrases import Phrases
from plugins.segmentation.report.picture import picture_of
from plugins.segmentation.report.roles import HIGH, LOW


def write(
    clusters: Sequence[Cluster],
    tree: Tree | None,
    lang: Lang,
    brief: bool = False,
    currency: str | None = None,
) -> dict[str, object]:
    """Writes every section of the report.

    Args:
        clusters: 1 or more, with ids that are unique but need not be contiguous; -1 is the outliers.
        tree: the hierarchy over the clusters, from :func:`facts.tree_of`; None without one.
        lang: language of the words and of the numbers.
        brief: an executive summary of 60 to 120 words instead of 250 to 350, and shorter sections.
        currency: sign or code of the amounts.

    Returns:
        The sections as paragraphs, `auto_insights` as a list, and `dendrogram_insights`, None without a tree.

    Raises:
        ValueError: there is no cluster.
    """
    phrases = Phrases(Language(TEXTS[lang]), picture_of(clusters), brief, currency)
    return {
        "executive_summary": summary.executive_summary(phrases),
        "cluster_analysis": analysis.cluster_analysis(phrases),
        "customer_insights": sections.customer_insights(phrases),
        "marketing_recommendations": sections.marketing_recommendations(phrases),
        "channel_strategy": sections.channel_strategy(phrases),
        "product_cross_sell_ideas": sections.product_cross_sell_ideas(phrases),
        "retention_actions": sections.retention_actions(phrases),
        "next_steps": sections.next_steps(phrases),
        "auto_insights": auto_insights.auto_insights(phrases),
        "dendrogram_insights": dendrogram_insights(phrases, tree) if tree is not None else None,
    }


def segment_names(clusters: Sequence[Cluster], lang: Lang) -> dict[str, str]:
    """Cluster id to a name by its spend and its frequency; the outliers have none.

    >>> segment_names([Cluster(0, 9, 10.0, 9.0, (), 9.0), Cluster(1, 1, 900.0, 1.0, (), 91.0)], "en")
    {'0': 'Low spenders', '1': 'High spenders, rare'}
    """
    return {
        str(profile.cluster.cluster_id): TEXTS[lang].say(
            f"segment.{_band(profile.spend, 'high', 'low')}_{_band(profile.frequency, 'often', 'rarely')}"
        )
        for profile in sorted(picture_of(clusters).regular, key=lambda profile: profile.cluster.cluster_id)
    }


def _band(ratio: float | None, high: str, low: str) -> str:
    """The name of a ratio to the average; a figure that nobody has is usual."""
    if ratio is None or LOW < ratio < HIGH:
        return "usual"
    return high if ratio >= HIGH else low


def interpretation(cluster: Cluster, lang: Lang, currency: str | None = None) -> str:
    """One cluster in a line: customers, spend, frequency, and its leading categories if it has any.

    >>> interpretation(Cluster(0, 31, 591.11, 8.81, ("wine", "cheese", "diapers"), 40.7), "en")
    '31 customers, avg spend 591, 8.8 purchases/mo. Top categories: wine, cheese, diapers.'
    """
    language = Language(TEXTS[lang])
    figures = language.say(
        "interpretation.line",
        size=language.size(cluster.n_customers),
        spend=money(cluster.avg_spend, 0, lang, currency),
        frequency=number(cluster.avg_frequency, 1, lang),
    )
    if not cluster.top_categories:
        return figures
    categories = language.say("interpretation.categories", cats=", ".join(cluster.top_categories))
    return paragraph([figures, categories], lang)
