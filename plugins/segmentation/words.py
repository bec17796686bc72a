"""Sentences of the segmentation routes, apart from the report, in three languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from abintel.fields import Lang

RETENTION_SHARE = 30.0
"""Share of revenue, in percent, from which on a segment is one to keep."""

_INSIGHTS: Mapping[Lang, tuple[str, str]] = {
    "en": ("Focus on retention & upsell", "Growth-potential segment"),
    "es": ("Priorizar la retención y la venta de mayor valor", "Segmento con potencial de crecimiento"),
    "pt": ("Priorizar a retenção e a venda de maior valor", "Segmento com potencial de crescimento"),
}

_HINTS: Mapping[Lang, Mapping[str, str]] = {
    "en": {
        "overlap": "The mean silhouette is under 0.35: the segments overlap.",
        "crowd": "DBSCAN puts most customers into one cluster.",
        "max_clusters": "Raise max_clusters by 2 to 3.",
        "k_range": "Add larger numbers to k_range.",
        "smaller_eps": "Lower dbscan_eps by 0.05.",
        "less_eps": "Lower dbscan_eps.",
    },
    "es": {
        "overlap": "La silueta media es inferior a 0,35: los segmentos se solapan.",
        "crowd": "DBSCAN reúne a la mayoría de los clientes en un solo clúster.",
        "max_clusters": "Aumente max_clusters en 2 o 3.",
        "k_range": "Agregue números mayores a k_range.",
        "smaller_eps": "Reduzca dbscan_eps en 0,05.",
        "less_eps": "Reduzca dbscan_eps.",
    },
    "pt": {
        "overlap": "A silhueta média está abaixo de 0,35: os segmentos se sobrepõem.",
        "crowd": "O DBSCAN reúne a maioria dos clientes em um único cluster.",
        "max_clusters": "Aumente max_clusters em 2 a 3.",
        "k_range": "Acrescente números maiores a k_range.",
        "smaller_eps": "Reduza dbscan_eps em 0,05.",
        "less_eps": "Reduza dbscan_eps.",
    },
}

_SELECTION: Mapping[Lang, str] = {
    "en": "Inside parent-cluster {parent}, k = {k} yielded the highest silhouette ({silhouette}) and lowest "
    "Davies-Bouldin ({davies_bouldin}).",
    "es": "Dentro del clúster padre {parent}, k = {k} obtuvo la silueta más alta ({silhouette}) y el "
    "Davies-Bouldin más bajo ({davies_bouldin}).",
    "pt": "Dentro do cluster pai {parent}, k = {k} obteve a silhueta mais alta ({silhouette}) e o menor "
    "Davies-Bouldin ({davies_bouldin}).",
}

_METRICS: Mapping[Lang, Mapping[str, str]] = {
    "en": {
        "silhouette": "Ranges −1…1; closer to 1 means dense & well-separated.",
        "davies_bouldin": "Lower is better; 0 indicates perfect separation.",
    },
    "es": {
        "silhouette": "Va de −1 a 1; cuanto más cerca de 1, más densos y mejor separados.",
        "davies_bouldin": "Cuanto más bajo, mejor; 0 indica una separación perfecta.",
    },
    "pt": {
        "silhouette": "Vai de −1 a 1; quanto mais perto de 1, mais densos e mais bem separados.",
        "davies_bouldin": "Quanto menor, melhor; 0 indica uma separação perfeita.",
    },
}

_TOO_SMALL: Mapping[Lang, str] = {
    "en": "Too few distinct customers to split.",
    "es": "No hay suficientes clientes distintos para dividirlo.",
    "pt": "Não há clientes distintos suficientes para dividi-lo.",
}


def insight(share_of_revenue_pct: float, lang: Lang) -> str:
    """What to do about a segment with such a share of revenue.

    >>> insight(30.0, "en"), insight(29.9, "en")
    ('Focus on retention & upsell', 'Growth-potential segment')
    """
    return _INSIGHTS[lang][0 if share_of_revenue_pct >= RETENTION_SHARE else 1]


def hint(weak: Sequence[str], setting: str, lang: Lang) -> str | None:
    """Which setting to move, None if nothing is weak.

    Args:
        weak: what is weak and what to move, see :func:`clustering.segmentation.quality`.
        setting: name of the setting that bounds the number of clusters.
        lang: language.
    """
    return " ".join(_HINTS[lang][setting if code == "more_clusters" else code] for code in weak) or None


def selection(parent: str, k: int, silhouette: float, davies_bouldin: float, lang: Lang) -> str:
    """Why a parent cluster was split into k."""
    return _SELECTION[lang].format(
        parent=parent, k=k, silhouette=_figure(silhouette, lang), davies_bouldin=_figure(davies_bouldin, lang)
    )


def metric_explanation(lang: Lang) -> Mapping[str, str]:
    """How to read the two scores."""
    return _METRICS[lang]


def too_small(lang: Lang) -> str:
    """Of a parent cluster that cannot be split."""
    return _TOO_SMALL[lang]


def _figure(value: float, lang: Lang) -> str:
    text = f"{value:.3f}"
    return text if lang == "en" else text.replace(".", ",")
