from types import SimpleNamespace
from typing import Any

import pytest

from abintel.charts import Reader
from plugins.recommendation import charts
from tests.abintel.charts.seen import Seen


def items(n: int) -> list[dict[str, Any]]:
    return [
        {
            "item_id": f"I-{place}",
            "score": 1 / (place + 1),
            "source": "als",
            "explanation": f"Because {place}.",
        }
        for place in range(n)
    ]


def test_items_are_ranked_with_their_reasons() -> None:
    request = SimpleNamespace(user_id="</text><script>x</script>")
    seen = Seen(charts.recommended(request, {"recommendations": items(3)}, Reader("es")))
    assert [(row["name"], row["note"]) for row in seen.rows[0]] == [
        ("I-0", "Because 0."),
        ("I-1", "Because 1."),
        ("I-2", "Because 2."),
    ]
    assert "Puntuación (escala del modelo)" in seen.axes
    assert "<script" not in seen.svg


def test_of_many_items_the_best_are_drawn_and_of_none_the_note() -> None:
    request = SimpleNamespace(user_id="U", item_id="I")
    seen = Seen(
        charts.similar(
            request, {"recommendations": [{**one, "source": "cf"} for one in items(200)]}, Reader()
        )
    )
    assert len(seen.rows[0]) == 20
    assert "The 20 best of 200 items" in seen.texts
    none = Seen(charts.recommended(request, {"recommendations": [], "note": "New user."}, Reader()))
    assert {"There is nothing to recommend.", "New user."} <= set(none.texts)


def test_users_are_rows_and_ranks_columns() -> None:
    results = [{"user_id": f"U-{place}", "recommendations": items(place)} for place in range(100)]
    seen = Seen(charts.bulk(SimpleNamespace(), {"results": results}, Reader()))
    assert len(seen.rows[0]) == 25 * 6
    assert {"The first 25 of 100 users", "The first 6 of 99 ranks", "I-0"} <= set(seen.texts)
    assert Seen(charts.bulk(SimpleNamespace(), {"results": results[:1]}, Reader())).is_sentence


def matrix(n: int, metric: str = "confidence") -> Seen:
    cells = [[1.0 if i == j else (i + j) / (4 * n) for j in range(n)] for i in range(n)]
    answer = {"items_or_categories": [f"item {place}" for place in range(n)], "matrix": cells}
    return Seen(charts.cross_sell(SimpleNamespace(metric=metric), answer, Reader()))


def test_a_cell_for_each_pair_and_none_for_an_item_with_itself() -> None:
    seen = matrix(3)
    cells = {(row["name"], row["column"]): row["value"] for row in seen.rows[0]}
    assert len(cells) == 9
    assert cells["item 1", "item 1"] is None
    assert cells["item 0", "item 2"] == pytest.approx(100 * 2 / 12)
    assert {"also bought", "who bought"} <= seen.axes


def test_of_many_items_those_with_the_strongest_ties_are_drawn() -> None:
    seen = matrix(300, "lift")
    assert len(seen.rows[0]) == 22 * 22
    assert "The 22 of 300 items with the strongest ties" in seen.texts
    assert {row["name"] for row in seen.rows[0]} == {f"item {place}" for place in range(278, 300)}
    assert matrix(1).is_sentence


def test_pairs_are_ranked_bars() -> None:
    pairs = [{"i": "a", "j": f"b{place}", "confidence": place / 50, "lift": 2.0} for place in range(50)]
    seen = Seen(charts.cross_sell(SimpleNamespace(metric="confidence"), {"pairs": pairs}, Reader("pt")))
    assert [row["name"] for row in seen.rows[0]][:2] == ["a → b49", "a → b48"]
    assert "Os 20 melhores de 50 pares" in seen.texts
    assert Seen(charts.cross_sell(SimpleNamespace(metric="lift"), {"pairs": []}, Reader())).is_sentence


def test_upsell_is_ranked_by_what_it_brings_over_all_customers() -> None:
    def offer(item: str, brings: float) -> dict[str, Any]:
        return {"item_id": item, "expected_incremental_revenue": brings, "explanation": "Dearer."}

    customers = [
        {"customer_id": "A", "suggestions": [offer("x", 2.0)]},
        {"customer_id": "B", "suggestions": [offer("y", 3.5)]},
    ]
    seen = Seen(charts.upsell(SimpleNamespace(customer_id=None), {"customers": customers}, Reader("en", "€")))
    assert [(row["name"], row["value"]) for row in seen.rows[0]] == [("B · y", 3.5), ("A · x", 2.0)]
    assert "Expected extra revenue (€)" in seen.axes
    none = {"suggestions": [], "note": "Bought nothing."}
    one = Seen(charts.upsell(SimpleNamespace(customer_id="C"), none, Reader()))
    assert {"Upsell for C", "There is nothing to suggest.", "Bought nothing."} <= set(one.texts)
