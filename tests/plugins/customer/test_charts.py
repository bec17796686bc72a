from types import SimpleNamespace
from typing import Any

from abintel.charts import Reader
from abintel.charts.palette import ORDER
from plugins.customer import charts
from tests.abintel.charts.seen import Seen

NO_REQUEST = SimpleNamespace()


def scores(n: int) -> dict[str, Any]:
    tiers = ("Platinum", "Gold")
    customers = [
        {"customer_id": f"C-{place}", "loyalty_score": place / n, "segment": tiers[place % 2]}
        for place in range(n)
    ]
    counts = {tier: sum(one["segment"] == tier for one in customers) for tier in tiers}
    return {"customers": customers, "summary": {"segment_counts": counts, "mean_score": 0.42}}


def test_few_customers_have_a_bar_each_in_the_colour_of_their_tier() -> None:
    seen = Seen(charts.loyalty(NO_REQUEST, scores(3), Reader()))
    assert seen.title == "Loyalty: tiers and scores"
    assert {"Customers (number)", "Loyalty score (0 to 1)", "Tier"} <= seen.axes
    assert [(row["name"], row["group"]) for row in seen.rows[0]] == [
        ("C-2", "Platinum"),
        ("C-1", "Gold"),
        ("C-0", "Platinum"),
    ]
    assert all(shade.lower() in seen.svg.lower() for shade in ORDER[:2])
    assert {"2 (67%)", "1 (33%)"} <= set(seen.texts)


def test_many_customers_are_counted_in_bins_with_the_mean() -> None:
    seen = Seen(charts.loyalty(NO_REQUEST, scores(5000), Reader("es")))
    assert sum(row.get("count", 0) for rows in seen.rows for row in rows) == 5000
    assert {"5.000 clientes, contados por intervalos", "media 0,42"} <= set(seen.texts)


def rfm(pairs: list[tuple[int, int, int]], bins: int = 5) -> Seen:
    customers = [
        {"recency_score": r, "frequency_score": f, "monetary_score": m, "rfm_tier": "Loyal"}
        for r, f, m in pairs
    ]
    answer = {"customers": customers, "thresholds": {"recency": [0.0] * (bins - 1)}}
    return Seen(charts.rfm(NO_REQUEST, answer, Reader()))


def test_the_grid_has_a_cell_for_each_pair_of_scores() -> None:
    seen = rfm([(5, 5, 4), (5, 5, 2), (1, 2, 1)])
    cells = {(row["name"], row["column"]): (row["text"], row["value"]) for row in seen.rows[0]}
    assert len(cells) == 25
    assert cells["5", "5"] == ("2", 3.0)
    assert cells["1", "2"] == ("1", 1.0)
    assert cells["3", "3"] == ("", None)
    assert {"Frequency score (1 rarest to 5 most often)", "Mean monetary score"} <= seen.axes
    assert "3 (100%)" in seen.texts


def test_the_grid_is_as_large_as_the_scores() -> None:
    assert len(rfm([(10, 10, 10)], 10).rows[0]) == 100
    assert len(rfm([(2, 1, 1)], 2).rows[0]) == 5


def score(n: int, group: Any = None) -> dict[str, Any]:
    shares = {"promoters_pct": 50.0, "passives_pct": 30.0, "detractors_pct": 20.0}
    return {"nps": 30.0, **shares, "responses": n, "group": group}


def test_nps_has_a_bar_of_three_parts_for_all_and_for_each_group() -> None:
    groups = [score(7, "North"), score(5, {"region": "South", "plan": None}), score(1, None)]
    seen = Seen(charts.nps(NO_REQUEST, {"overall": score(13), "by_group": groups}, Reader("pt")))
    assert len(seen.rows[0]) == 12
    assert {"Todas as respostas (n=13)", "North (n=7)", "South · – (n=5)", "– (n=1)"} <= set(seen.texts)
    assert {"Promotores (9–10)", "Neutros (7–8)", "Detratores (0–6)", "30"} <= set(seen.texts)
    assert "Parte das respostas (%)" in seen.axes
    ends = [(row["x"], row["x2"]) for row in seen.rows[0][:3]]
    assert ends == [(0.0, 20.0), (20.0, 50.0), (50.0, 100.0)]


def test_of_ten_thousand_groups_the_largest_are_drawn() -> None:
    groups = [score(place, f"g{place}") for place in range(10_000)]
    seen = Seen(charts.nps(NO_REQUEST, {"overall": score(1), "by_group": groups}, Reader()))
    assert "The 20 largest of 10,000 groups" in seen.texts
    assert len(seen.rows[0]) == 63


def features(n: int, **own: Any) -> dict[str, Any]:
    rows = [{"purchase_total": 10.0 * place, "recency_days": 3.0, **own} for place in range(n)]
    return {"customers": [{"customer_id": f"C-{i}", "features": row} for i, row in enumerate(rows)]}


def test_features_are_a_table_and_of_many_customers_a_histogram_each() -> None:
    few = Seen(charts.features(NO_REQUEST, features(2, tickets=2), Reader("en", "€")))
    assert [row["text"] for row in few.rows[0]] == ["0", "3", "2", "10", "3", "2"]
    assert {"Spend", "(€)", "tickets"} <= set(few.texts)
    many = Seen(charts.features(NO_REQUEST, features(300, score=None), Reader()))
    assert "300 customers, counted in bins" in many.texts
    assert many.marks == {"bar"}
    # A name of the caller's may be a word of ours.
    assert "score" in many.axes
    assert "Loyalty score (0 to 1)" not in many.axes


def test_a_feature_that_is_extreme_or_missing_is_drawn() -> None:
    answer = features(3, wild=1e15)
    answer["customers"][1]["features"].pop("wild")
    answer["customers"][2]["features"]["wild"] = -1e15
    seen = Seen(charts.features(NO_REQUEST, answer, Reader()))
    assert {"1E15", "–", "-1E15"} <= set(seen.texts)
