"""The published input to the letter, and that the words follow what the segments are like."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from abintel.wording import Lang
from plugins.segmentation.drawing import theme
from plugins.segmentation.report.compose import interpretation, write
from plugins.segmentation.report.facts import Cluster, Merge, Tree
from plugins.segmentation.report.fitting import Length, Line, fit
from plugins.segmentation.report.language import TEXTS, Language
from plugins.segmentation.report.picture import picture_of
from plugins.segmentation.report.roles import Role, level, shade
from plugins.segmentation.words import TEXTS as ROUTE_TEXTS
from tests.plugins.segmentation.report import samples

FEW = Cluster(0, 31, 591.11, 8.81, ("wine", "cheese", "diapers"), 40.7)
ONE = Cluster(4, 1, 2577.37, 1.0, (), 3.0)


def summary(clusters: list[Cluster], lang: Lang = "en") -> str:
    """The executive summary."""
    return str(write(clusters, None, lang)["executive_summary"])


def everything(clusters: list[Cluster], tree: Tree | None = None) -> str:
    """All the English text."""
    return "\n".join(str(part) for part in write(clusters, tree, "en").values())


def test_interpretation_is_exact_in_three_languages() -> None:
    assert interpretation(FEW, "en") == (
        "31 customers, avg spend 591, 8.8 purchases/mo. Top categories: wine, cheese, diapers."
    )
    assert interpretation(FEW, "es") == (
        "31 clientes, gasto promedio de 591, 8,8 compras por cliente. "
        "Categorías principales: wine, cheese, diapers."
    )
    assert interpretation(FEW, "pt") == (
        "31 clientes, gasto médio de 591, 8,8 compras por cliente. "
        "Principais categorias: wine, cheese, diapers."
    )


def test_interpretation_of_one_customer_without_categories() -> None:
    assert interpretation(ONE, "en", "$") == "1 customer, avg spend $2,577, 1.0 purchases/mo."
    assert (
        interpretation(ONE, "es", "€") == "1 cliente, gasto promedio de 2.577\xa0€, 1,0 compras por cliente."
    )
    assert (
        interpretation(ONE, "pt", "R$") == "1 cliente, gasto médio de R$\xa02.577, 1,0 compras por cliente."
    )


def test_published_auto_insights_to_the_letter() -> None:
    report = write(samples.published(), samples.published_tree(), "en")
    assert report["auto_insights"] == samples.GOLDEN["response"]["auto_insights"]


def test_auto_insights_in_spanish_and_portuguese() -> None:
    assert write(samples.published(), None, "es")["auto_insights"] == [
        "El clúster 0 tiene la mayor cantidad de clientes (31).",
        "El clúster 2 presenta el ticket promedio más alto (4.322).",
        "El clúster 0 genera el 40,7\xa0% de los ingresos totales.",
    ]
    assert write(samples.published(), None, "pt")["auto_insights"] == [
        "O cluster 0 tem o maior número de clientes (31).",
        "O cluster 2 apresenta o maior tíquete médio (4.322).",
        "O cluster 0 gera 40,7% da receita total.",
    ]


def facts(sizes: list[tuple[int, float]], lang: Lang = "en") -> list[str]:
    """The first lines of facts of clusters with these sizes and spends."""
    rows = [(key, size, spend, 2.0, ()) for key, (size, spend) in enumerate(sizes)]
    told = write(samples.clusters_of(list(reversed(rows))), None, lang)["auto_insights"]
    assert isinstance(told, list)
    return told[:3]


def test_auto_insights_name_all_on_a_tie() -> None:
    assert facts([(50, 100.0)] * 3) == [
        "Clusters 0, 1, and 2 have equally many customers (50).",
        "Clusters 0, 1, and 2 have the same average ticket (100).",
        "Clusters 0, 1, and 2 generate equal shares of total revenue (33.3%).",
    ]
    assert facts([(50, 100.0)] * 3, "es") == [
        "Los clústeres 0, 1 y 2 tienen la misma cantidad de clientes (50).",
        "Los clústeres 0, 1 y 2 tienen el mismo ticket promedio (100).",
        "Los clústeres 0, 1 y 2 generan partes iguales de los ingresos totales (33,3\xa0%).",
    ]
    assert facts([(50, 100.0)] * 3, "pt") == [
        "Os clusters 0, 1 e 2 têm o mesmo número de clientes (50).",
        "Os clusters 0, 1 e 2 têm o mesmo tíquete médio (100).",
        "Os clusters 0, 1 e 2 geram parcelas iguais da receita total (33,3%).",
    ]
    assert facts([(50, 100.0)] * 5)[0] == "All clusters have equally many customers (50)."
    assert facts([(50, 100.0)] * 5, "es")[1] == "Todos los clústeres tienen el mismo ticket promedio (100)."
    assert facts([(50, 100.0), (50, 100.0), (20, 30.0)]) == [
        "Clusters 0 and 1 share the highest number of customers (50 each).",
        "Clusters 0 and 1 share the highest average ticket (100).",
        "Clusters 0 and 1 each generate 47.2% of total revenue, the highest share.",
    ]
    named = facts([*([(50, 100.0)] * 6), (20, 30.0)])[0]
    assert named == "Clusters 0, 1, 2, and three others share the highest number of customers (50 each)."


@pytest.mark.parametrize("lang", ["en", "es", "pt"])
def test_no_average_is_the_highest_where_nobody_spent(lang: Lang) -> None:
    told = facts([(50, 0.0), (30, 0.0)], lang)
    assert len(told) == 2
    assert "(0)" not in " ".join(told)
    assert "(0.40)" in facts([(50, 0.4), (30, 0.2)])[1]


@pytest.mark.parametrize(
    ("lang", "superlatives"),
    [
        ("en", ("largest", "highest in", "most frequent", "top earner", "two extremes")),
        ("es", ("más numeroso", "el de mayor", "más frecuente", "dos extremos")),
        ("pt", ("mais numeroso", "o de maior", "mais frequente", "dois extremos")),
    ],
)
def test_prose_has_no_superlative_on_a_tie(lang: Lang, superlatives: tuple[str, ...]) -> None:
    rows = [(key, 50, 300.0 if key < 2 else 100.0, 4.0 if key < 2 else 2.0, ()) for key in range(4)]
    report = write(samples.clusters_of(rows), None, lang)
    text = f"{report['executive_summary']} {report['cluster_analysis']}"
    assert not [one for one in superlatives if one in text], text


def premium(spend: float) -> list[Cluster]:
    """A small cluster that buys often, against a large one."""
    return samples.clusters_of([(0, 1000, 100.0, 2.0, ()), (1, 20, spend, 9.0, ())])


def test_words_of_a_level_follow_one_set_of_bounds() -> None:
    bounds = {0.5: 1, 0.51: 2, 0.85: 2, 0.86: 3, 1.14: 3, 1.15: 4, 1.74: 4, 1.75: 5}
    assert {ratio: level(ratio) for ratio in bounds} == bounds
    for spend, words in ((150.0, "spend more than usual"), (190.0, "spend well above the usual amount")):
        assert f"On average, its customers {words}" in summary(premium(spend))
        assert "far more than usual" not in summary(premium(spend))
    assert "On average, its customers spend far more than usual" in summary(premium(300.0))


def test_a_cluster_above_average_is_not_close_to_it() -> None:
    clusters = samples.clusters_of([(0, 50, 165.0, 3.0, ()), (1, 50, 100.0, 3.0, ())])
    assert [one.role for one in picture_of(clusters).ranked] == [Role.STEADY, Role.STEADY]
    text = everything(clusters)
    assert "Its spend is above average" in text
    assert "close to the average" not in text
    assert "near the average" not in text
    assert "is more than one and a half times that of Cluster 1" in text
    assert "close to the average" in everything(samples.near_equal())


@pytest.mark.parametrize("seed", range(130))
def test_readings_and_levels_agree(seed: int) -> None:
    for one in picture_of(samples.random_clusters(seed)).ranked:
        levels = [level(ratio) for ratio in (one.spend, one.frequency) if ratio is not None]
        if one.role is Role.STEADY:
            assert (shade(one.role, [one]) == "") == (set(levels) <= {3})
        if one.role is Role.PREMIUM and shade(one.role, [one]) == "_far":
            assert one.spend is not None
            assert one.spend >= 2


def test_nearly_is_said_close_to_the_next_multiple() -> None:
    outdoes = Language(TEXTS["en"]).outdoes
    assert outdoes(1.5) == "is about one and a half times"
    assert outdoes(1.7) == "is more than one and a half times"
    assert outdoes(1.86) == "is nearly twice"
    assert outdoes(2.0) == "is about twice"
    assert outdoes(2.8) == "is more than twice"
    assert outdoes(2.86) == "is nearly three times"
    assert Language(TEXTS["es"]).outdoes(1.7) == "equivale a más de una vez y media"
    assert Language(TEXTS["pt"]).outdoes(1.7) == "equivale a mais de uma vez e meia"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "en",
            "To broaden Cluster 0, introduce laptop, a leading category of Cluster 2 that does not figure"
            " among the first ones of Cluster 0.",
        ),
        (
            "es",
            "Para ampliar las compras del clúster 0, se puede presentar laptop, categoría principal del"
            " clúster 2 que no figura entre las primeras del clúster 0.",
        ),
        (
            "pt",
            "Para ampliar as compras do cluster 0, é possível apresentar laptop, categoria principal do"
            " cluster 2 que não figura entre as primeiras do cluster 0.",
        ),
    ],
)
def test_a_bridge_names_the_cluster_that_lacks_the_category(lang: Lang, words: str) -> None:
    assert words in str(write(samples.published(), None, lang)["product_cross_sell_ideas"])


@pytest.mark.parametrize(("lang", "joiner"), [("en", "and"), ("es", "y"), ("pt", "e")])
def test_joined_goals_have_one_joiner(lang: Lang, joiner: str) -> None:
    clusters = samples.clusters_of([(0, 50, 100.0, 2.0, ()), (-1, 5, 300.0, 1.0, ())])
    opening = {"en": "The priorities are", "es": "Las prioridades son", "pt": "As prioridades são"}[lang]
    said = re.search(rf"{opening}[^.]*\.", summary(clusters, lang))
    assert said is not None
    assert said[0].split().count(joiner) == 1


@pytest.mark.parametrize("lang", ["en", "es", "pt"])
def test_text_table_and_charts_share_their_words(lang: Lang) -> None:
    text = " ".join(str(part) for part in write(samples.with_outliers(), None, lang).values()).lower()
    name, outliers = re.fullmatch(r"(.+) \((.+)\)", theme.cluster_name(-1, lang).lower()).groups()
    assert name in text
    assert outliers in text
    assert "mercadotecnia" not in TEXTS["es"].path.read_text(encoding="utf-8")
    headings = " ".join(ROUTE_TEXTS["es"].choices("column").values())
    assert "Gasto promedio" in headings
    assert " medi" not in headings


def test_auto_insights_of_special_situations() -> None:
    nothing = write(samples.unspent(), None, "en")["auto_insights"]
    assert isinstance(nothing, list)
    assert nothing[1] == "No revenue is recorded for any cluster."
    outliers = write(samples.with_outliers(), None, "en")["auto_insights"]
    assert isinstance(outliers, list)
    assert "Cluster -1 holds the outliers (8 customers), which fit no segment." in outliers


def test_published_prose_is_not_copied() -> None:
    ours = everything(samples.published(), samples.published_tree())
    for key, theirs in samples.GOLDEN["response"].items():
        if isinstance(theirs, str) and key not in {"language", "generated_on"}:
            for sentence in re.split(r"(?<=\.)\s+", theirs):
                assert len(sentence) < 20 or sentence not in ours


def test_published_roles() -> None:
    picture = picture_of(samples.published())
    assert [one.role for one in picture.ranked] == [Role.CORE, Role.LOYAL, Role.PREMIUM]
    assert [one.cluster.cluster_id for one in picture.ranked] == [0, 1, 2]
    text = summary(samples.published())
    assert "three distinct segments" in text
    assert "Cluster 0, the largest segment and the top earner, gathers 31 customers" in text
    assert "more than three quarters of customers" in text
    assert "In revenue, Cluster 1 comes close to Cluster 0 with far fewer customers." in text
    assert "more than three times its share of customers" in text


SITUATIONS = [
    (samples.dominant, "dominates in headcount and in revenue alike"),
    (samples.revenue_elsewhere, "Revenue depends on Cluster 1"),
    (samples.tiny_rich, "Small in headcount but large in value, Cluster 2"),
    (samples.near_equal, "closely resemble one another"),
    (samples.single, "in a single segment, Cluster 0"),
    (samples.with_outliers, "beside a set of outliers"),
    (samples.unspent, "No spend is recorded"),
    (samples.by_frequency, "chiefly because it buys more often"),
    (samples.by_basket, "chiefly because each purchase is worth more"),
    (samples.with_dormant, "relationships that may be lapsing"),
    (samples.same_categories, "The same categories lead in every segment"),
    (samples.many, "too many to manage one by one"),
]


@pytest.mark.parametrize(("case", "phrase"), SITUATIONS, ids=lambda value: getattr(value, "__name__", ""))
def test_each_situation_has_its_words(case: object, phrase: str) -> None:
    assert callable(case)
    assert phrase in summary(case())
    if case is not samples.tiny_rich:
        assert phrase not in summary(samples.published())


def test_actions_follow_the_role_and_name_its_categories() -> None:
    report = write(samples.published(), None, "en")
    offers = str(report["marketing_recommendations"])
    assert "For Cluster 2, stress quality" in offers
    assert "expert advice about laptop, mouse, and keyboard" in offers
    assert "offer wine together with cheese" in str(report["product_cross_sell_ideas"])
    assert "To broaden Cluster 0, introduce laptop" in str(report["product_cross_sell_ideas"])
    dormant = write(samples.with_dormant(), None, "en")
    assert "a short return campaign around belts" in str(dormant["marketing_recommendations"])


def test_all_the_customers_are_outliers() -> None:
    text = everything([Cluster(-1, 40, 10.0, 1.0, ("tea",), 100.0)])
    assert "No stable segment emerged" in text
    assert "Every customer is an outlier" in text


def test_every_cluster_is_named_up_to_twelve() -> None:
    for k in (2, 5, 9, 12):
        for brief in (False, True):
            analysis = str(write(samples.many(k), None, "en", brief)["cluster_analysis"])
            for key in range(k):
                assert re.search(rf"\b{key}\b(?![.,]\d)", analysis), (k, key)


@pytest.mark.parametrize("seed", range(130))
def test_superlatives_are_true(seed: int) -> None:
    clusters = samples.random_clusters(seed)
    by_id = {one.cluster_id: one for one in clusters}
    text = everything(clusters)
    checks: dict[str, Callable[[Cluster], float]] = {
        r"the largest segment": lambda one: one.n_customers,
        r"the top earner": lambda one: one.share_revenue_pct,
        r"the highest in average spend": lambda one: one.avg_spend,
        r"the most frequent buyer": lambda one: one.avg_frequency,
        r"the smallest segment": lambda one: -one.n_customers,
    }
    for phrase, measure in checks.items():
        for key in re.findall(rf"Cluster (-?\d+),(?: [a-z ]+ and)? {phrase}", text):
            others = [one for one in clusters if one.cluster_id != int(key)]
            assert all(measure(by_id[int(key)]) > measure(one) for one in others), (phrase, key)
    for top, bottom in re.findall(r"average spend of Cluster (\d+) is [^.]* that of Cluster (\d+)", text):
        assert by_id[int(top)].avg_spend > by_id[int(bottom)].avg_spend
    for key in re.findall(r"Cluster (-?\d+) brings in all revenue", text):
        assert by_id[int(key)].share_revenue_pct >= 100
        assert "small circle, as in Cluster" not in text


@pytest.mark.parametrize("seed", range(130))
def test_comparisons_of_frequency_are_true(seed: int) -> None:
    clusters = samples.random_clusters(seed)
    by_id = {one.cluster_id: one for one in clusters}
    pattern = r"average spend of Cluster (\d+) [^.]*that of Cluster (\d+)([^.]*)\."
    for top, bottom, why in re.findall(pattern, everything(clusters)):
        oftener = by_id[int(top)].avg_frequency > by_id[int(bottom)].avg_frequency
        if "buys more often" in why:
            assert oftener
        if "buys less often" in why:
            assert not oftener


def test_the_tree_of_the_published_example() -> None:
    text = str(write(samples.published(), samples.published_tree(), "en")["dendrogram_insights"])
    assert "Clusters 1 and 2 are the closest relatives" in text
    assert "Cluster 0 stands apart" in text
    assert "from Cluster 1 to Cluster 2" in text


def test_the_tree_in_special_cases() -> None:
    def told(clusters: list[Cluster], tree: Tree) -> str:
        return str(write(clusters, tree, "en")["dendrogram_insights"])

    assert "was not split" in told(samples.single(), Tree((), follows=True))
    assert "cross its branches" in told(samples.near_equal(), Tree((), follows=False))
    foreign = Tree((Merge((0,), (1,), 0.9), Merge((0, 1), (2,), 1.0)), follows=False)
    assert "come from another method" in told(samples.near_equal(), foreign)
    assert "a deep split" in told(samples.near_equal(), foreign)
    assert "Cluster -1" not in told(
        samples.with_outliers(), Tree((Merge((0,), (1,), 0.2), Merge((-1,), (0, 1), 1.0)), follows=True)
    )


def test_no_cluster_is_an_error_that_says_so() -> None:
    with pytest.raises(ValueError, match="clusters: none given; a report needs at least one"):
        write([], None, "en")


def test_spanish_lists_change_y_before_the_sound_of_i() -> None:
    text = summary(
        samples.clusters_of(
            [(0, 9, 5.0, 1.0, ("madera", "internet")), (1, 4, 90.0, 7.0, ("tela", "hierro"))]
        ),
        "es",
    )
    assert "madera e internet" in text
    assert "tela y hierro" in text


def test_amounts_have_the_callers_currency() -> None:
    report = write(samples.published(), None, "pt", currency="R$")
    assert "R$\xa02.577,37" in str(report["cluster_analysis"])
    assert "(R$\xa04.322)" in "".join(report["auto_insights"])


def test_fit_leaves_whole_lines_out() -> None:
    lines = [Line("one two three.", 0), Line("four five six seven eight.", 1), Line("nine ten.", 2)]
    assert fit(lines, Length(0, 99, 6), "en") == "one two three. nine ten."
    assert fit(lines, Length(0, 3, 99), "en") == "one two three."
    assert fit([Line("b.", 1, 1), Line("a.", 0, 0)], Length(0, 9, 9), "en") == "a.\n\nb."
