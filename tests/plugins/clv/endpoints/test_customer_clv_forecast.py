import datetime
import json
from pathlib import Path
from typing import Any

import lifetimes.datasets
import numpy as np
import pytest

from abintel.decode import Decoder
from plugins.clv.answering.answering import horizon_end
from plugins.clv.endpoints.customer_clv_features import ENDPOINT as FEATURES
from plugins.clv.endpoints.customer_clv_forecast import ENDPOINT
from plugins.clv.models.roster import PURCHASE_MODELS
from tests.plugins.calls import Registry, answered, faults

TRAINING = ENDPOINT.examples["train_and_forecast"]
BASELINE = ENDPOINT.examples["baseline"]


def order(date: str = "2025-02-20", amount: float = 10.0, **members: Any) -> dict[str, Any]:
    return {"date": date, "amount": amount, **members}


def customer(customer_id: str, *orders: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"customer_id": customer_id, "transactions": list(orders or [order()]), **members}


def figures(customer_id: str = "C-1", **members: Any) -> dict[str, Any]:
    row = {"frequency": 2, "recency": 30.0, "T": 60.0, "monetary_value": 20.0}
    return {"customer_id": customer_id, **row, **members}


def body(*customers: dict[str, Any], **members: Any) -> dict[str, Any]:
    sent = {"horizon_months": 6, "today": "2025-04-24", "customers": list(customers or [customer("C-1")])}
    return {**sent, **members}


def codes(answer: dict[str, Any]) -> set[str]:
    return {warning["code"] for warning in answer.get("warnings", [])}


class Cdnow:
    """The sample of Fader, Hardie & Lee (2005): 39 weeks as a request, and what came in the next 39."""

    def __init__(self) -> None:
        path = Path(lifetimes.datasets.__file__).with_name("CDNOW_sample.txt")
        rows = [line.split() for line in path.read_text().splitlines() if line.strip()]
        known: dict[str, list[dict[str, Any]]] = {row[1]: [] for row in rows}
        later: dict[str, dict[str, float]] = {row[1]: {} for row in rows}
        for _, key, day, _, amount in rows:
            date = f"{day[:4]}-{day[4:6]}-{day[6:]}"
            if date <= "1997-09-30":
                known[key].append({"date": date, "amount": float(amount)})
            else:
                later[key][date] = later[key].get(date, 0.0) + float(amount)
        customers = [{"customer_id": key, "transactions": orders} for key, orders in known.items()]
        self.body = {"horizon_months": 9, "today": "1997-09-30", "customers": customers}
        self.txns = np.array([len(days) for days in later.values()])
        self.value = np.array([sum(days.values()) for days in later.values()])

    def errors(self, answer: dict[str, Any]) -> tuple[float, float]:
        """Mean absolute errors of purchases and of value."""
        txns, value = (
            np.array([row[name] for row in answer["customers"]])
            for name in ("predicted_txns", "predicted_clv")
        )
        return float(np.abs(txns - self.txns).mean()), float(np.abs(value - self.value).mean())


@pytest.fixture(scope="module")
def cdnow() -> Cdnow:
    return Cdnow()


@pytest.fixture(scope="module")
def forced(cdnow: Cdnow) -> Any:
    return answered(ENDPOINT, {**cdnow.body, "algorithms": ["BG_NBD_GG"]})


def test_fader_hardie_lee_2005_table_2_through_the_route(forced: dict[str, Any]) -> None:
    found = forced["model_info"]["bg_nbd"]
    assert [found["r"], found["a"], found["b"]] == pytest.approx([0.2426, 0.7929, 2.4258], abs=5e-4)
    assert found["alpha"] / 7 == pytest.approx(4.4135, abs=5e-4)
    assert found["alpha_weeks"] == pytest.approx(4.4135, abs=5e-4)
    # Times in weeks: each of the repeat purchases then weighs a seventh.
    repeats = sum(
        len({row["date"] for row in sent["transactions"]}) - 1 for sent in Cdnow().body["customers"]
    )
    assert found["log_likelihood"] + repeats * np.log(7) == pytest.approx(-9582.4, abs=0.05)


def test_fader_hardie_2013_gamma_gamma_through_the_route(forced: dict[str, Any]) -> None:
    found = forced["model_info"]["gamma_gamma"]
    assert [found["p"], found["q"], found["v"]] == pytest.approx([6.25, 3.74, 15.44], abs=0.01)


def test_cdnow_39_weeks_hold_out_mae_of_0_79_and_total_within_15_percent(
    cdnow: Cdnow, forced: dict[str, Any]
) -> None:
    assert forced["best_algorithm"] == "BG_NBD_GG"
    assert cdnow.errors(forced)[0] <= 0.79
    assert forced["total"]["predicted_txns"] == pytest.approx(cdnow.txns.sum(), rel=0.15)
    assert {*PURCHASE_MODELS, "GradientBoosting", "Naive"} == set(forced["evaluation_mae"])


def test_cdnow_the_choice_is_no_worse_than_bg_nbd_on_the_hold_out(
    cdnow: Cdnow, forced: dict[str, Any]
) -> None:
    free = answered(ENDPOINT, cdnow.body)
    assert free["best_algorithm"] == "Pareto_NBD_GG"
    for mine, theirs in zip(cdnow.errors(free), cdnow.errors(forced), strict=True):
        assert mine <= theirs * 1.0001


def test_the_documented_example_of_two_customers_is_answered_by_the_baseline() -> None:
    answer = answered(ENDPOINT, BASELINE)
    assert answer["best_algorithm"] == "GradientBoosting"
    assert answer["horizon_months"] == 6
    assert answer["monetary_basis"] == "margin"
    assert answer["interval_method"] == "poisson"
    assert list(answer["evaluation_mae"]) == ["GradientBoosting"]
    assert codes(answer) == {"baseline", "data_quality", "not_fitted"}
    first, second = answer["customers"]
    # One repeat purchase of 210 in 465 days, one of 180 in 429, over the 183 days to 2025-10-24.
    assert first["predicted_clv"] == pytest.approx(210 / 465 * 183, rel=0.02)
    assert second["predicted_clv"] == pytest.approx(180 / 429 * 183, rel=0.02)
    assert first["interpretation"] == (
        "C-1001 expected to deliver $82 margin in 6 months (tier Low). Consider automated win-back."
    )
    assert first["explanations"] == {
        "predicted_clv": "Projected gross margin over 6 months.",
        "predicted_txns": "0.40 orders expected, at $208.11 each.",
        "p_alive": "Unknown: it takes a model of purchases, and none could be fitted.",
        "algorithm_used": "Baseline, as there is too little history to compare models; "
        "its in-sample MAE is 0.36.",
        "clv_tier": "High ≥ $1,000, Medium ≥ $300, Low < $300.",
    }


def test_a_winner_of_least_error_says_so() -> None:
    answer = answered(ENDPOINT, TRAINING)
    mae = {name: value for name, value in answer["evaluation_mae"].items() if name != "Naive"}
    assert answer["best_algorithm"] == min(mae, key=lambda name: float(mae[name]))
    said = answer["customers"][0]["explanations"]["algorithm_used"]
    assert said == f"Selected via lowest MAE ({min(mae.values()):.2f})."


@pytest.mark.parametrize("algorithm", ["BG_NBD_GG", "GradientBoosting"])
def test_a_forced_algorithm_answers_and_is_judged(algorithm: str) -> None:
    answer = answered(ENDPOINT, {**TRAINING, "algorithms": [algorithm]})
    assert answer["best_algorithm"] == algorithm
    assert {row["algorithm_used"] for row in answer["customers"]} == {algorithm}
    assert set(answer["evaluation_mae"]) == {*PURCHASE_MODELS, "GradientBoosting", "Naive"}
    assert (
        answer["interval_method"] == {"BG_NBD_GG": "simulation", "GradientBoosting": "residuals"}[algorithm]
    )
    mae = answer["evaluation_mae"][algorithm]
    assert answer["customers"][0]["explanations"]["algorithm_used"] == f"Requested; its MAE is {mae:.2f}."


def test_bg_nbd_forced_on_a_few_customers_is_fitted_and_not_judged() -> None:
    few = {**TRAINING, "customers": TRAINING["customers"][:12], "algorithms": ["BG_NBD_GG"]}
    answer = answered(ENDPOINT, few)
    assert answer["best_algorithm"] == "BG_NBD_GG"
    assert answer["evaluation_mae"] == {}
    assert "not_judged" in codes(answer)
    assert answer["model_info"]["train_rows"] == 12


def test_bg_nbd_that_cannot_be_fitted_leaves_it_to_the_trees_with_the_reason() -> None:
    twins = [
        customer(f"C-{i}", order("2024-01-01"), order("2024-06-01"), order("2025-03-01")) for i in range(40)
    ]
    answer = answered(ENDPOINT, body(*twins, algorithms=["BG_NBD_GG"]))
    assert answer["best_algorithm"] == "GradientBoosting"
    assert {
        "code": "not_fitted",
        "message": "BG_NBD_GG cannot be fitted: Repeat buyers have 1 different histories; 3 are needed.",
    } in answer["warnings"]
    assert {row["p_alive"] for row in answer["customers"]} == {None}


def test_all_customers_bought_once() -> None:
    once = [customer(f"C-{i}", order(f"2024-{1 + i % 12:02}-{1 + i % 28:02}")) for i in range(50)]
    answer = answered(ENDPOINT, body(*once))
    assert codes(answer) == {"baseline", "data_quality", "not_fitted"}
    assert {row["predicted_clv"] for row in answer["customers"]} == {0.0}
    assert {row["expected_next_purchase_date"] for row in answer["customers"]} == {None}


@pytest.mark.parametrize("algorithms", [None, ["GradientBoosting"]])
def test_a_known_leaving_ends_the_forecast(algorithms: list[str] | None) -> None:
    customers = json.loads(json.dumps(TRAINING["customers"]))
    keen = max(range(len(customers)), key=lambda i: len(customers[i]["transactions"]))
    sent = {**TRAINING, "customers": customers, "algorithms": algorithms, "discount_rate_annual": 0.0}
    whole = answered(ENDPOINT, sent)["customers"][keen]
    rows = []
    for date in ("2025-04-24", "2025-05-24", "2026-04-25"):
        customers[keen]["churn_date"] = date
        rows.append(answered(ENDPOINT, sent)["customers"][keen])
    gone, soon, late = rows
    assert (gone["predicted_clv"], gone["upper_95"], gone["expected_next_purchase_date"]) == (0.0, 0.0, None)
    assert gone["explanations"]["predicted_clv"] == (
        "Nothing is projected: the customer left on Apr 24, 2025."
    )
    assert 0 < soon["predicted_clv"] < whole["predicted_clv"] / 4
    assert soon["explanations"]["predicted_clv"] == (
        "Projected gross margin until May 24, 2025, when the customer leaves."
    )
    assert late["predicted_clv"] == pytest.approx(whole["predicted_clv"])


def test_discounting_and_horizon() -> None:
    plain = answered(ENDPOINT, {**TRAINING, "discount_rate_annual": 0.0})["total"]
    less = answered(ENDPOINT, TRAINING)["total"]
    assert 1.1**-0.6 < less["predicted_clv"] / plain["predicted_clv"] < 1
    assert less["predicted_txns"] == plain["predicted_txns"]
    longer = answered(ENDPOINT, {**TRAINING, "horizon_months": 36})["total"]
    assert longer["predicted_txns"] > plain["predicted_txns"]


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        ("2025-01-31", 1, "2025-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-04-24", 60, "2030-04-24"),
        ("2025-12-31", 2, "2026-02-28"),
    ],
)
def test_a_horizon_is_of_calendar_months(day: str, months: int, end: str) -> None:
    assert horizon_end(datetime.date.fromisoformat(day), months) == datetime.date.fromisoformat(end)


def test_tiers_by_cut_offs_of_the_request() -> None:
    value = answered(ENDPOINT, BASELINE)["customers"][0]["predicted_clv"]
    for cuts, tier in (
        ({"high": value, "medium": 1.0}, "High"),
        ({"high": value + 1, "medium": value}, "Medium"),
        ({"high": value + 2, "medium": value + 1}, "Low"),
    ):
        row = answered(ENDPOINT, {**BASELINE, "tiers": cuts})["customers"][0]
        assert row["clv_tier"] == tier
    row = answered(ENDPOINT, {**BASELINE, "tiers": {"medium": 50.5}})["customers"][0]
    assert row["clv_tier"] == "Medium"
    assert row["interpretation"].endswith("Consistent spender, nurture with loyalty offers.")
    assert row["explanations"]["clv_tier"] == "High ≥ $1,000, Medium ≥ $50.50, Low < $50.50."


def test_the_answer_of_customer_clv_features_is_accepted_as_it_is() -> None:
    orders = {key: TRAINING[key] for key in ("today", "customers")}
    rows = answered(FEATURES, orders)
    chained = answered(ENDPOINT, {**rows, "horizon_months": 12, "today": TRAINING["today"]})
    direct = answered(
        ENDPOINT,
        {**orders, "horizon_months": 12, "algorithms": ["BG_NBD_GG"]},
    )
    assert chained["best_algorithm"] == "BG_NBD_GG"
    assert chained["monetary_basis"] == "margin"
    assert chained["evaluation_mae"] == {}
    assert "not_judged" in codes(chained)
    for one, other in zip(chained["customers"], direct["customers"], strict=True):
        assert one["predicted_clv"] == pytest.approx(other["predicted_clv"], rel=1e-6)
        assert one["expected_next_purchase_date"] == other["expected_next_purchase_date"]


def test_churned_figures_bring_nothing_and_whole_floats_are_counts() -> None:
    sent = body(figures(frequency=2.0), figures("C-2", churned=True))
    assert Decoder(ENDPOINT.request).decode(json.dumps(sent).encode()).customers[0].frequency == 2
    one, other = answered(ENDPOINT, sent)["customers"]
    assert one["predicted_clv"] > other["predicted_clv"] == 0.0
    assert other["explanations"]["predicted_clv"] == "Nothing is projected: the customer has churned."


def test_a_single_customer_is_scored_with_the_tenants_model() -> None:
    registry = Registry(ENDPOINT)
    trained = answered(ENDPOINT, {**TRAINING, "algorithms": ["BG_NBD_GG"]}, registry)
    alone = {**TRAINING, "customers": TRAINING["customers"][:1], "algorithms": ["BG_NBD_GG"]}
    answer = answered(ENDPOINT, alone, registry)
    for key in ("predicted_clv", "predicted_txns", "p_alive", "expected_next_purchase_date"):
        assert answer["customers"][0][key] == pytest.approx(trained["customers"][0][key])
    assert answer["evaluation_mae"] == trained["evaluation_mae"]
    revenue = [{**row, "cost": None} for row in TRAINING["customers"][0]["transactions"]]
    other = answered(ENDPOINT, {**alone, "customers": [customer("C-1", *revenue)]}, registry)
    assert "basis_differs" in codes(other)


def test_the_note_of_an_expired_model_is_told() -> None:
    answer = answered(ENDPOINT, BASELINE, Registry(ENDPOINT, "the stored model expired at noon"))
    assert answer["model_info"] == {"cached": False, "note": "the stored model expired at noon"}


def test_what_is_missing_of_the_usual_minimum_is_said() -> None:
    answer = answered(ENDPOINT, body(customer("C-1")))
    assert answer["warnings"][0] == {
        "code": "short_history",
        "message": "The first order is 63 days old; value models want 180 days of history or more.",
    }
    assert {
        "code": "data_quality",
        "message": "Below the usual minimum: 1 customers of 500, 63 days of history of 180, "
        "no order in the last 30 days, nobody with three orders.",
    } in answer["warnings"]


def test_a_model_that_the_naive_rate_beats_says_so() -> None:
    """Clocks of very different worth, too few for leaves of twenty: the trees know their mean only."""
    start = datetime.date(2024, 1, 1)
    rows = []
    for i in range(30):
        dates = [(start + datetime.timedelta(days=day)).isoformat() for day in range(i, 479, 10)]
        rows.append(customer(f"C-{i}", *(order(date, 10.0 * 3 ** (i % 5)) for date in dates)))
    answer = answered(ENDPOINT, body(*rows, algorithms=["GradientBoosting"]))
    mine, naive = (answer["evaluation_mae"][name] for name in ("GradientBoosting", "Naive"))
    assert mine >= naive
    assert {
        "code": "naive_is_better",
        "message": f"On the held-out window GradientBoosting errs by {mine:,.2f} per customer, "
        f"the past rate going on by {naive:,.2f}: do not act on the differences.",
    } in answer["warnings"]
    assert "naive_is_better" not in codes(answered(ENDPOINT, TRAINING))


def test_margin_only_if_every_order_has_a_cost() -> None:
    answer = answered(ENDPOINT, body(customer("C-1", order(cost=4.0)), customer("C-2")))
    assert answer["monetary_basis"] == "revenue"
    assert {
        "code": "partial_costs",
        "message": "1 of 2 orders have no cost: predicted values are revenue for every customer.",
    } in answer["warnings"]


def test_currency_and_language() -> None:
    row = answered(ENDPOINT, BASELINE, lang="pt", currency="R$")["customers"][0]
    assert row["interpretation"] == (
        "Espera-se de C-1001 R$\xa082 de margem em 6 meses (nível Baixo). "
        "Considerar uma reconquista automatizada."
    )


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        (
            body(customer("C-1"), customer("C-1")),
            ("/customers/1/customer_id", "'C-1' is already at /customers/0; send each customer once."),
        ),
        (
            body(customer("C-1", order("2025-04-25"))),
            (
                "/customers/0/transactions/0/date",
                "2025-04-25 is after today, 2025-04-24; send history only.",
            ),
        ),
        (
            body({"customer_id": "C-1"}),
            (
                "/customers/0/transactions",
                "Required, and missing; send transactions, or the four figures of customer_clv_features.",
            ),
        ),
        (
            body(customer("C-1"), figures("C-2")),
            (
                "/customers/1/transactions",
                "Required, as customers[0] has them: send transactions of all customers or of none.",
            ),
        ),
        (
            body(figures(T=None)),
            ("/customers/0/T", "Required where there are no transactions, and missing."),
        ),
        (
            body(figures(recency=61.0)),
            (
                "/customers/0/recency",
                "61.0 is more than T, 60.0; both count from the first purchase.",
            ),
        ),
        (
            body(figures(frequency=0)),
            (
                "/customers/0/recency",
                "30.0 without a repeat purchase; recency counts from the first purchase to the last, "
                "so send 0.",
            ),
        ),
        (
            body(figures(), algorithms=["GradientBoosting"]),
            (
                "/algorithms",
                "GradientBoosting learns from transactions; send them, or let BG_NBD_GG answer.",
            ),
        ),
        (
            body(tiers={"high": 200}),
            (
                "/tiers/high",
                "200.0 is not above the lower bound of Medium, 300.0; send a high one above it.",
            ),
        ),
        (
            body(today="9999-12-01"),
            ("/today", "6 months after 9999-12-01 are beyond the year 9999."),
        ),
    ],
)
def test_what_no_schema_can_say(sent: dict[str, Any], fault: tuple[str, str]) -> None:
    assert faults(ENDPOINT, sent) == [fault]


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ({"customers": [customer("C-1")]}, "/horizon_months"),
        (body(horizon_months=0), "/horizon_months"),
        (body(horizon_months=61), "/horizon_months"),
        (body(horizon_months=True), "/horizon_months"),
        (body(algorithms=["Prophet"]), "/algorithms/0"),
        (body(algorithms=[]), "/algorithms"),
        (body(discount_rate_annual=-0.1), "/discount_rate_annual"),
        (body(customers=[]), "/customers"),
        (body(customer("C-1", transactions=[])), "/customers/0/transactions"),
        (body(customer("C-1", order(amount=-1))), "/customers/0/transactions/0/amount"),
        (body(customer("C-1", churn_date="2025-02-30")), "/customers/0/churn_date"),
        (body(figures(frequency=1.5)), "/customers/0/frequency"),
    ],
)
def test_a_bad_field_is_named(sent: dict[str, Any], place: str) -> None:
    assert [pointer for pointer, _ in faults(ENDPOINT, sent)] == [place]


@pytest.mark.parametrize("amount", [0.0, 1e15])
@pytest.mark.parametrize("count", [1, 40])
@pytest.mark.parametrize("algorithms", [None, ["BG_NBD_GG"], ["GradientBoosting"]])
@pytest.mark.filterwarnings("error")
def test_amounts_of_every_size_are_answered(amount: float, count: int, algorithms: list[str] | None) -> None:
    chance = np.random.default_rng(3)
    rows = []
    for i in range(count):
        days = np.unique(chance.integers(0, 400, chance.integers(1, 9)))
        start = datetime.date(2024, 1, 1)
        dates = [(start + datetime.timedelta(days=int(day))).isoformat() for day in days]
        rows.append(customer(f"C-{i}", *(order(date, amount) for date in dates)))
    answer = answered(ENDPOINT, body(*rows, algorithms=algorithms, horizon_months=60))
    for row in answer["customers"]:
        assert 0 <= row["lower_95"] <= row["lower_80"] <= row["predicted_clv"]
        assert row["predicted_clv"] <= row["upper_80"] <= row["upper_95"]
