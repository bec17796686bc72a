from types import SimpleNamespace
from typing import Any

import numpy as np

from abintel.charts import Reader
from plugins.segmentation import charts
from tests.abintel.charts.seen import Seen


def purchases(n: int, labels: Any = None) -> tuple[SimpleNamespace, dict[str, Any]]:
    customers = [
        SimpleNamespace(id=f"C{i}", frequency=1 + i % 5, amount_spent=10.0 * (1 + i % 3)) for i in range(n)
    ]
    found = labels if labels is not None else {f"C{i}": i % 3 - 1 for i in range(n)}
    answer = {"labels": found, "quality": {"silhouette": 0.5}, "model_info": {"note": "None is kept."}}
    return SimpleNamespace(customers=customers), answer


def test_segments_are_points_and_shares() -> None:
    seen = Seen(charts.segments(*purchases(30), Reader("en", "$")))
    assert seen.title == "Segments"
    assert seen.marks == {"point", "bar", "text"}
    assert len(seen.rows[0]) == 30
    assert {
        "Spend per customer ($)",
        "Purchases per customer (number)",
        "Share of the total (%)",
    } <= seen.axes
    assert {"Cluster -1 (outliers)", "33.3%", "50.0%", "16.7%"} <= set(seen.texts)
    assert "Mean silhouette 0.50 (-1 to 1; the higher, the better apart)." in seen.texts


def test_many_customers_are_sampled_and_the_subtitle_says_so() -> None:
    seen = Seen(charts.segments(*purchases(20_000), Reader("es")))
    assert "Se muestran 1.000 de 20.000 clientes" in seen.texts
    assert len(seen.rows[0]) == 1000


def test_customers_without_a_model_get_a_sentence() -> None:
    seen = Seen(charts.segments(*purchases(2, {"C0": None, "C1": None}), Reader("pt")))
    assert {"Nenhum cliente foi atribuído: não há modelo.", "None is kept."} <= set(seen.texts)


def test_shares_of_huge_amounts_and_of_none_are_finite() -> None:
    labels = np.array([0, 0, 1])
    assert [row.share_revenue_pct for row in charts._weights(labels, np.array([1e308, 1e308, 0.0]))] == [
        100,
        0,
    ]
    assert [row.share_revenue_pct for row in charts._weights(labels, np.zeros(3))] == [0, 0]


def test_a_report_in_several_languages_is_drawn_in_the_reader_s() -> None:
    row = {"cluster_id": 0, "n_customers": 3, "share_revenue_pct": 100.0}
    reports = {"reports": {lang: {"cluster_metrics": [row]} for lang in ("en", "es")}}
    assert Seen(charts.report(None, reports, Reader("es"))).title == "Clientes e ingresos por clúster"
    assert Seen(charts.report(None, reports, Reader("pt"))).title == "Clientes e receita por cluster"


def test_a_tree_of_one_customer_is_a_sentence_and_of_two_has_a_merge() -> None:
    one = {"labels": {"a": 0}, "dendrogram": {"leaf_labels": ["a"], "linkage_matrix": []}}
    assert Seen(charts.tree(None, one, Reader())).is_sentence
    two = SimpleNamespace(dendrogram=SimpleNamespace(linkage_matrix=[[0, 1, 2.0, 2]]))
    assert "rule" in Seen(charts.sent_tree(two, {}, Reader())).marks


def part(n: int) -> dict[str, Any]:
    legend = [
        {"cluster_id": i, "n_customers": i + 1, "avg_spend": 5.0, "avg_frequency": 2.0} for i in range(n)
    ]
    return {"nested_cluster_legend": legend, "benchmark": [{"k": k, "silhouette": 0.1 * k} for k in (2, 3)]}


def test_parts_have_bars_and_what_was_not_split_is_named() -> None:
    whole = {"nested_cluster_legend": [], "benchmark": [], "note": "Too few."}
    seen = Seen(charts.parts(None, {"subsegment_results": {"0": part(2), "4": whole}}, Reader()))
    assert [(row["name"], row["value"]) for row in seen.rows[0]] == [
        ("Cluster 0 · part 0", 1),
        ("Cluster 0 · part 1", 2),
    ]
    assert {"Not split: Cluster 4.", "mean spend 5 (currency units), mean frequency 2"} <= set(seen.texts)
    none = Seen(charts.parts(None, {"subsegment_results": {"4": whole}}, Reader()))
    assert {"No segment could be split.", "Too few."} <= set(none.texts)
    many = Seen(charts.parts(None, {"subsegment_results": {str(i): part(3) for i in range(400)}}, Reader()))
    assert "24 of 1,200 parts drawn." in many.texts
