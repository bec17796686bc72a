import html
import io
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import altair as alt
import numpy as np
import pytest
from PIL import Image
from scipy.cluster.hierarchy import fcluster, linkage

from abintel.charts import drawing, palette
from abintel.wording import Lang, number
from plugins.segmentation.drawing import charts, theme
from plugins.segmentation.drawing.dendrogram import dendrogram

FOLDER = Path(__file__).parents[3] / "data" / "golden"
GOLDEN = json.loads((FOLDER / "segment_hierarchy_chart.json").read_text())
PUBLISHED = np.array(GOLDEN["request"]["dendrogram"]["linkage_matrix"])
LANGUAGES: list[Lang] = ["en", "es", "pt"]


class Cluster(NamedTuple):
    cluster_id: int
    n_customers: int
    share_revenue_pct: float


THREE = [Cluster(0, 31, 40.712), Cluster(1, 7, 40.084), Cluster(2, 2, 19.203)]


def spec(chart: alt.LayerChart) -> dict[str, Any]:
    """Vega-Lite, checked against its schema."""
    return chart.to_dict(validate=True)


def rows(chart: alt.LayerChart) -> list[dict[str, Any]]:
    """The largest data set of a chart."""
    return max(spec(chart)["datasets"].values(), key=len)


def texts(chart: alt.LayerChart) -> list[str]:
    """Lines of text in the rendered picture."""
    lines = re.findall(r"<text.*?</text>", drawing.svg(chart).replace("</tspan>", "</text><text>"), re.DOTALL)
    return [text for line in lines if (text := html.unescape(re.sub(r"<[^>]*>", "", line)))]


def strokes(chart: alt.LayerChart, attribute: str = "stroke") -> set[str]:
    """Colours of the palette that are in the rendered picture."""
    used = {
        colour.upper() for colour in re.findall(rf'{attribute}="(#[0-9a-fA-F]{{6}})"', drawing.svg(chart))
    }
    return used & set(palette.PALETTE)


def tree(n: int, k: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    matrix = linkage(np.random.default_rng(seed).normal(size=(n, 2)), "ward")
    return matrix, fcluster(matrix, k, "maxclust") - 1


def scatter(n: int, lang: Lang = "en", currency: str | None = None, noise: bool = False) -> alt.Chart:
    labels = np.arange(n) % 3 - noise
    spend = 10.0 + np.arange(n) % 17
    return charts.spend_against_frequency(np.arange(n) % 9 + 1, spend, labels, lang, currency)


def test_bars_show_both_shares_of_every_cluster() -> None:
    chart = charts.sizes_and_revenue(THREE, "en")
    assert rows(chart)[:2] == [
        {"cluster": "Cluster 0", "measure": "Customers", "share": 77.5, "label": "77.5%"},
        {"cluster": "Cluster 0", "measure": "Revenue", "share": 40.712, "label": "40.7%"},
    ]
    assert [layer["mark"]["type"] for layer in spec(chart)["layer"]] == ["bar", "text"]
    assert strokes(chart, "fill") == set(palette.PALETTE[:2])


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["Customers and revenue by cluster", "Customers: 40", "Share of the total (%)", "77.5%"]),
        ("es", ["Clientes e ingresos por clúster", "Clientes: 40", "Parte del total (%)", "77,5\xa0%"]),
        ("pt", ["Clientes e receita por cluster", "Clientes: 40", "Parte do total (%)", "77,5%"]),
    ],
)
def test_bars_speak_the_language(lang: Lang, said: list[str]) -> None:
    assert set(said) <= set(texts(charts.sizes_and_revenue(THREE, lang)))


def test_bars_keep_the_order_of_clusters_and_noise() -> None:
    clusters = [Cluster(i, 5, 2.5) for i in (7, 3, *range(10, 37), -1)]
    chart = charts.sizes_and_revenue(clusters, "es")
    shown = [text for text in texts(chart) if text.startswith("Clúster ")]
    assert shown == [theme.cluster_name(cluster.cluster_id, "es") for cluster in clusters]


def test_of_too_many_clusters_the_largest_are_drawn_and_the_legend_is_left_out() -> None:
    clusters = [Cluster(i, i + 1, 1.0) for i in range(90)]
    drawn = texts(charts.sizes_and_revenue(clusters, "pt"))
    assert "Os 30 maiores de 90 clusters" in drawn
    assert [text for text in drawn if text.startswith("Cluster ")] == [f"Cluster {i}" for i in range(60, 90)]
    columns = np.arange(1.0, 181.0), np.arange(1.0, 181.0)
    chart = charts.spend_against_frequency(*columns, np.repeat(np.arange(90), 2), "pt")
    assert not [text for text in texts(chart) if text.startswith("Cluster ")]


def test_one_cluster_without_customers_is_drawn() -> None:
    chart = charts.sizes_and_revenue([Cluster(0, 0, 0.0)], "en")
    assert [row["label"] for row in rows(chart)] == ["0.0%", "0.0%"]
    assert drawing.png(chart)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "en",
            [
                "Spend against frequency",
                "Purchases per customer (number)",
                "Spend per customer (R$)",
                "Cluster -1 (outliers)",
            ],
        ),
        (
            "es",
            [
                "Gasto frente a frecuencia",
                "Compras por cliente (número)",
                "Gasto por cliente (R$)",
                "Clúster -1 (atípicos)",
            ],
        ),
        (
            "pt",
            [
                "Gasto e frequência",
                "Compras por cliente (número)",
                "Gasto por cliente (R$)",
                "Cluster -1 (atípicos)",
            ],
        ),
    ],
)
def test_points_speak_the_language(lang: Lang, said: list[str]) -> None:
    assert set(said) <= set(texts(scatter(60, lang, "R$", noise=True)))


def test_points_have_a_colour_and_a_shape_per_cluster_and_noise_is_grey() -> None:
    chart = scatter(60, noise=True)
    encoding = spec(chart)["encoding"]
    assert encoding["color"]["scale"] == {
        "domain": ["Cluster 0", "Cluster 1", "Cluster -1 (outliers)"],
        "range": [*palette.PALETTE[:2], palette.GREY],
    }
    assert encoding["shape"]["scale"]["range"] == ["circle", "square", "triangle-up"]
    assert strokes(chart, "fill") == set(palette.PALETTE[:2])
    # The outliers are drawn first, beneath the others.
    assert [row["cluster"] for row in rows(chart)[:20]] == ["Cluster -1 (outliers)"] * 20


def test_a_currency_that_is_not_known_is_not_made_up() -> None:
    assert "Spend per customer (currency units)" in texts(scatter(10))


@pytest.mark.parametrize(
    ("n", "drawn", "said"),
    [
        (3000, 3000, "Customers: 3,000"),
        (3001, 1501, "1,501 of 3,001 customers drawn"),
        (9000, 3000, "3,000 of 9,000 customers drawn"),
    ],
)
def test_many_points_are_sampled_and_the_subtitle_says_so(n: int, drawn: int, said: str) -> None:
    chart = scatter(n)
    assert len(rows(chart)) == drawn
    assert said in texts(chart)
    assert spec(chart) == spec(scatter(n))


def test_the_sample_note_speaks_the_language() -> None:
    assert "Se muestran 3.000 de 6.000 clientes" in texts(scatter(6000, "es"))
    assert "São mostrados 3.000 de 6.000 clientes" in texts(scatter(6000, "pt"))


def test_a_sample_keeps_a_customer_of_every_cluster() -> None:
    labels = np.where(np.arange(30_000) == 12_345, 4, 0)
    chart = charts.spend_against_frequency(np.ones(30_000), np.ones(30_000), labels, "en")
    assert sum(row["cluster"] == "Cluster 4" for row in rows(chart)) == 1


@pytest.mark.parametrize(
    ("spend", "kind"),
    [([1.0, 101.0], "log"), ([1.0, 100.0], None), ([0.0, 5000.0], None), ([-5.0, 5000.0], None)],
)
def test_an_axis_is_logarithmic_past_two_decades_above_zero(spend: list[float], kind: str | None) -> None:
    chart = charts.spend_against_frequency(np.array([1, 2]), np.array(spend), np.array([0, 1]), "en")
    axis = spec(chart)["encoding"]["y"]
    assert axis["scale"].get("type") == kind
    assert ("logarithmic" in axis["title"]) == (kind == "log")
    low, high = axis["scale"]["domain"]
    assert low <= min(spend) <= max(spend) <= high


def test_one_customer_at_nought_is_drawn() -> None:
    chart = charts.spend_against_frequency(np.array([0]), np.array([0.0]), np.array([0]), "pt")
    assert "Clientes: 1" in texts(chart)


def test_the_published_tree_is_drawn_whole_with_its_cut() -> None:
    labels = fcluster(PUBLISHED, 2, "maxclust") - 1
    chart = dendrogram(PUBLISHED, labels, "en")
    assert strokes(chart) == set(palette.PALETTE[:2])
    said = texts(chart)
    assert "Customers: 40. Merges drawn: 39 of 39." in said
    assert "Dashed line: the cut into 2 clusters." in said
    assert {"Cluster 0", "Cluster 1", "Distance of the merge (Ward)", "Each line ends in a customer"} <= set(
        said
    )
    cut = next(data for data in spec(chart)["datasets"].values() if len(data) == 1)
    # Between the merge of the two clusters and the last one within a cluster.
    assert cut == [{"y": (PUBLISHED[-1, 2] + PUBLISHED[-2, 2]) / 2}]
    assert drawing.svg(chart).count("stroke-dasharray") >= 1


def test_branches_have_the_colour_of_their_cluster_below_the_cut_and_none_above() -> None:
    matrix, labels = tree(50, 4)
    chart = dendrogram(matrix, labels, "en")
    cut = next(data for data in spec(chart)["datasets"].values() if len(data) == 1)[0]["y"]
    for row in rows(chart):
        assert (row["cluster"] is None) == (max(row["y"], row["y2"]) > cut)
    assert {row["cluster"] for row in rows(chart)} == {None, *(f"Cluster {i}" for i in range(4))}


def test_a_large_tree_shows_its_last_60_merges_and_the_sizes_below() -> None:
    matrix, labels = tree(1500, 9)
    chart = dendrogram(matrix, labels, "es")
    assert "Clientes: 1.500. Uniones dibujadas: 60 de 1.499." in texts(chart)
    assert sum(row["y"] == row["y2"] for row in rows(chart)) == 60
    axis = spec(chart)["layer"][0]["encoding"]["x"]["axis"]
    sizes = re.findall(r"'([\d.]+)'", axis["labelExpr"])
    assert len(sizes) == len(axis["values"]) == 61
    assert sum(int(size.replace(".", "")) for size in sizes) == 1500
    assert set(sizes) <= set(texts(chart))


@pytest.mark.parametrize("labels", [np.arange(50) % 2, np.full(50, 3), np.arange(50) % 2 - 1])
def test_clusters_that_are_no_cut_have_no_line(labels: np.ndarray) -> None:
    chart = dendrogram(tree(50, 2)[0], labels, "en")
    assert len(spec(chart)["layer"]) == 1
    assert not any("Dashed" in text for text in texts(chart))


def test_a_tree_without_clusters_has_one_colour_and_no_legend() -> None:
    chart = dendrogram(tree(50, 2)[0], None, "pt")
    assert strokes(chart) == {palette.PALETTE[0]}
    assert not any(text.startswith("Cluster") for text in texts(chart))
    assert "Como os clusters se uniram" in texts(chart)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "One customer: there is nothing to merge."),
        ("es", "Un solo cliente: no hay nada que unir."),
        ("pt", "Um só cliente: não há nada a unir."),
    ],
)
def test_one_customer_is_a_chart_that_says_so(lang: Lang, said: str) -> None:
    chart = dendrogram(np.empty((0, 4)), np.array([0]), lang)
    assert spec(chart)["mark"]["text"] == said
    assert said in texts(chart)


def test_two_customers_alike_and_a_chain_of_20_000_are_drawn() -> None:
    assert drawing.png(dendrogram([[0, 1, 0.0, 2]], np.array([0, 1]), "en"))
    n = 20_000
    deep = [[n + r - 1 if r else 0, r + 1, r + 1, r + 2] for r in range(n - 1)]
    assert "19,940" in texts(dendrogram(deep, None, "en"))


def test_a_picture_is_800_pixels_wide_times_the_scale() -> None:
    for chart in (
        charts.sizes_and_revenue(THREE, "en"),
        scatter(30),
        dendrogram(PUBLISHED, None, "en"),
    ):
        assert Image.open(io.BytesIO(drawing.png(chart))).width == 1600
        assert Image.open(io.BytesIO(drawing.png(chart, scale=1))).width == 800
        assert drawing.svg(chart).startswith("<svg")


def test_a_cluster_has_the_same_colour_in_every_chart_and_most_differ() -> None:
    assert theme.colours([2, 0, 1, -1, 0]) == {
        0: palette.PALETTE[0],
        1: palette.PALETTE[1],
        2: palette.PALETTE[2],
        -1: palette.GREY,
    }
    assert len(set(theme.colours(range(24)).values())) == 23
    assert len(theme.colours(range(40))) == 40


@pytest.mark.parametrize(("lang", "said"), [("en", "1,234.5"), ("es", "1.234,5"), ("pt", "1.234,5")])
def test_numbers_are_written_in_the_language(lang: Lang, said: str) -> None:
    assert number(1234.5, 1, lang) == said
    assert said[:2] + "000" in texts(dendrogram([[0, 1, 5000.0, 2]], None, lang))


def test_nothing_is_registered_with_altair() -> None:
    before = alt.theme.active, alt.data_transformers.active
    charts.sizes_and_revenue(THREE, "en")
    assert (alt.theme.active, alt.data_transformers.active) == before
