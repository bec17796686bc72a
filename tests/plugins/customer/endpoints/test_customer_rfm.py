import random
from typing import Any

import pytest

from plugins.customer.endpoints.customer_rfm import ENDPOINT, interpret
from tests.plugins.calls import answered, faults


def customer(customer_id: str, *orders: tuple[str, float]) -> dict[str, Any]:
    rows = [{"date": date, "amount": amount} for date, amount in orders or [("2025-04-20", 10.0)]]
    return {"customer_id": customer_id, "transactions": rows}


def random_base(seed: int, size: int) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    return [
        customer(
            f"C-{i}",
            *(
                (f"2025-0{rng.randint(1, 4)}-{rng.randint(10, 24)}", rng.randint(1, 99_999) / 100)
                for _ in range(rng.randint(1, 9))
            ),
        )
        for i in range(size)
    ]


def thresholds(**members: Any) -> dict[str, Any]:
    return {"recency": [30, 20], "frequency": [2, 3], "monetary": [10, 20], **members}


def test_detailed_document_4_1_4_example() -> None:
    answer = answered(ENDPOINT, ENDPOINT.example)
    assert answer["customers"][0] == {
        "customer_id": "C-1001",
        "recency_days": 3,
        "frequency": 3,
        "monetary_total": 1228.95,
        "recency_score": 3,
        "frequency_score": 3,
        "monetary_score": 5,
        "rfm_class": "335",
        "rfm_total": 11,
        "rfm_tier": "Loyal",
        "interpretation": "Loyal customer – last purchase was recent, buys with high frequency"
        " and has very high spending.",
    }
    assert [row["rfm_tier"] for row in answer["customers"]] == ["Loyal", "At-Risk", "Champion"]
    assert answer["thresholds"] == {
        "recency": [66.6, 24.2, 2.6, 1.8],
        "frequency": [2.4, 2.8, 3.2, 3.6],
        "monetary": [381.54, 567.18, 773.79, 1001.37],
        "tier": {"loyal": 8.6, "potential": 7.0, "at_risk": 4.6},
    }


@pytest.mark.parametrize("bins", [2, 5, 10])
def test_thresholds_sent_back_give_the_same_answer(bins: int) -> None:
    body = {"bins": bins, "today": "2025-04-24", "customers": random_base(bins, 60)}
    first = answered(ENDPOINT, body)
    assert answered(ENDPOINT, body | {"thresholds": first["thresholds"]}) == first


def test_thresholds_score_a_customer_as_in_the_run_they_come_from() -> None:
    body = {"today": "2025-04-24", "customers": random_base(1, 60)}
    first = answered(ENDPOINT, body)
    alone = body | {"customers": body["customers"][7:8], "thresholds": first["thresholds"]}
    assert answered(ENDPOINT, alone)["customers"] == first["customers"][7:8]


def test_champions_only_have_null_tier_cut_offs_which_are_accepted_back() -> None:
    body = {
        "bins": 3,
        "customers": [customer("C-1", ("2025-04-20", 99.0), ("2025-04-21", 99.0), ("2025-04-22", 99.0))],
        "thresholds": thresholds(),
    }
    first = answered(ENDPOINT, body)
    assert first["customers"][0]["rfm_tier"] == "Champion"
    assert first["thresholds"]["tier"] == {"loyal": None, "potential": None, "at_risk": None}
    assert answered(ENDPOINT, body | {"thresholds": first["thresholds"]}) == first


def test_a_customer_alone_is_promising() -> None:
    [row] = answered(ENDPOINT, {"customers": [customer("C-1")]})["customers"]
    assert (row["rfm_class"], row["rfm_tier"]) == ("511", "Promising")


def test_without_today_an_order_of_tomorrow_is_recent() -> None:
    [row] = answered(ENDPOINT, {"customers": [customer("C-1", ("2025-04-29", 1.0))]})["customers"]
    assert row["recency_days"] == 0


def test_amounts_that_floats_sum_badly_print_as_money() -> None:
    sent = [customer("C-1", ("2025-04-20", 0.1), ("2025-04-20", 0.2))]
    assert answered(ENDPOINT, {"customers": sent})["customers"][0]["monetary_total"] == 0.3


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        (
            "en",
            "At-risk customer – last purchase was long ago, buys with low frequency and has high spending.",
        ),
        (
            "es",
            "Cliente en riesgo: su última compra fue hace mucho tiempo,"
            " compra con una frecuencia baja y su gasto es alto.",
        ),
        (
            "pt",
            "Cliente em risco – a última compra foi há muito tempo,"
            " compra com frequência baixa e tem um gasto alto.",
        ),
    ],
)
def test_a_sentence_follows_tier_and_levels(lang: Any, sentence: str) -> None:
    assert interpret("At-Risk", 0, 1, 2, lang) == sentence


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("en", "Champions – recent, frequent and high-value"),
        ("es", "Campeones: compras recientes, frecuentes y de alto valor"),
        ("pt", "Campeões – compras recentes, frequentes e de alto valor"),
    ],
)
def test_champions_have_the_published_sentence(lang: Any, sentence: str) -> None:
    assert interpret("Champion", 3, 3, 2, lang) == sentence


def test_a_champion_of_few_bins_is_not_called_recent_if_not() -> None:
    assert interpret("Champion", 0, 3, 3, "en") == (
        "Champion – last purchase was long ago, buys with very high frequency and has very high spending."
    )


def test_the_language_changes_sentences_and_nothing_else() -> None:
    english, spanish = (answered(ENDPOINT, ENDPOINT.example, lang=lang) for lang in ("en", "es"))
    for one, other in zip(english["customers"], spanish["customers"], strict=True):
        assert one.pop("interpretation") != other.pop("interpretation")
    assert english == spanish


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (thresholds(recency=[30]), ("/thresholds/recency", "3 bins take 2 cut-offs; got 1.")),
        (
            thresholds(recency=[20, 30]),
            ("/thresholds/recency", "30.0 follows 20.0; send them descending."),
        ),
        (
            thresholds(monetary=[20, 10]),
            ("/thresholds/monetary", "10.0 follows 20.0; send them ascending."),
        ),
        (
            thresholds(tier={"loyal": 7}),
            ("/thresholds/tier", "Send loyal, potential and at_risk, or none of them; got 1 of 3."),
        ),
        (
            thresholds(tier={"loyal": 3, "potential": 5, "at_risk": 4}),
            ("/thresholds/tier", "4.0 ≤ 5.0 ≤ 3.0 does not hold; send at_risk ≤ potential ≤ loyal."),
        ),
    ],
)
def test_thresholds_that_do_not_fit(sent: dict[str, Any], expected: tuple[str, str]) -> None:
    assert faults(ENDPOINT, {"bins": 3, "customers": [customer("C-1")], "thresholds": sent}) == [expected]


def test_a_customer_sent_twice_and_an_order_after_today() -> None:
    body = {"today": "2025-04-19", "customers": [customer("C-1", ("2025-04-01", 1)), customer("C-1")]}
    assert faults(ENDPOINT, body) == [
        ("/customers/1/customer_id", "'C-1' is already at /customers/0; send each customer once."),
        ("/customers/1/transactions/0/date", "2025-04-20 is after today, 2025-04-19; send history only."),
    ]


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ({"customers": []}, "/customers"),
        ({"customers": [customer("C-1")], "bins": 1}, "/bins"),
        ({"customers": [customer("C-1")], "bins": 11}, "/bins"),
        ({"customers": [{"customer_id": "C-1", "transactions": []}]}, "/customers/0/transactions"),
        ({"customers": [customer("C-1", ("2025-04-20", -1))]}, "/customers/0/transactions/0/amount"),
    ],
)
def test_a_bad_field_is_named(sent: dict[str, Any], place: str) -> None:
    assert [pointer for pointer, _ in faults(ENDPOINT, sent)] == [place]


def test_a_whole_float_is_a_number_of_bins() -> None:
    assert answered(ENDPOINT, {**ENDPOINT.example, "bins": 5.0}) == answered(ENDPOINT, ENDPOINT.example)


def test_lines_of_one_order_count_once() -> None:
    lines = {
        "customer_id": "C-1",
        "transactions": [
            {"date": "2025-04-20", "amount": amount, "transaction_id": "T-1"} for amount in (30.0, 70.0)
        ],
    }
    sent = {"today": "2025-04-24", "customers": [lines, customer("C-2", ("2025-04-20", 100.0))]}
    first, second = answered(ENDPOINT, sent)["customers"]
    assert {**first, "customer_id": "C-2"} == second
