import datetime

import pytest

from abintel.wording import Lang
from plugins.clv.forecast_words import Choice, Setting, Writer

DAY = datetime.date(2025, 6, 1)


def writer(lang: Lang = "en", **changed: object) -> Writer:
    given = {
        "months": 6,
        "basis": "margin",
        "high": 1000.0,
        "medium": 300.0,
        "algorithm": "GradientBoosting",
        "choice": "lowest",
        "mae": 188.0,
        "rate_annual": 0.0,
        "lang": lang,
        "currency": "$",
        **changed,
    }
    return Writer(Setting(**given))


def test_the_published_sentences_of_c_1001() -> None:
    written = writer()
    assert written.interpretation("C-1001", 188.0, "Low", 200) == (
        "C-1001 expected to deliver $188 margin in 6 months (tier Low). Consider automated win-back."
    )
    said = written.explanations(1.5, 125.33, 0.875, False, None, False)
    assert said["predicted_clv"] == "Projected gross margin over 6 months."
    assert said["algorithm_used"] == "Selected via lowest MAE (188.00)."
    assert said["clv_tier"] == "High ≥ $1,000, Medium ≥ $300, Low < $300."
    assert said["predicted_txns"] == "1.50 orders expected, at $125.33 each."
    assert said["p_alive"] == "Still a customer with a probability of 88%."


def test_the_published_ending_of_a_medium_customer() -> None:
    sentence = writer(months=1, basis="revenue").interpretation("C-1002", 325.0, "Medium", 5)
    assert sentence == (
        "C-1002 expected to deliver $325 revenue in 1 month (tier Medium). "
        "Consistent spender, nurture with loyalty offers."
    )


@pytest.mark.parametrize(
    ("lang", "interpretation", "value"),
    [
        (
            "es",
            "Se espera de C-1 1.189\xa0$ de margen en 6 meses (nivel Alto). "
            "Valor máximo: ofrecer acceso anticipado y condiciones VIP.",
            "Previsión de margen bruto en 6 meses, descontado al 7,5\xa0% anual.",
        ),
        (
            "pt",
            "Espera-se de C-1 $\xa01.189 de margem em 6 meses (nível Alto). "
            "Valor máximo: oferecer acesso antecipado e condições VIP.",
            "Previsão de margem bruta em 6 meses, descontada a 7,5% ao ano.",
        ),
    ],
)
def test_other_languages(lang: Lang, interpretation: str, value: str) -> None:
    written = writer(lang, rate_annual=0.075)
    assert written.interpretation("C-1", 1188.6, "High", 5) == interpretation
    assert written.explanations(1.0, 1.0, None, False, None, False)["predicted_clv"] == value


@pytest.mark.parametrize(
    ("churned", "date", "until", "sentence"),
    [
        (True, DAY, False, "Nothing is projected: the customer left on Jun 1, 2025."),
        (True, None, False, "Nothing is projected: the customer has churned."),
        (False, DAY, True, "Projected gross margin until Jun 1, 2025, when the customer leaves."),
        (False, DAY, False, "Projected gross margin over 6 months."),
    ],
)
def test_leaving(churned: bool, date: datetime.date | None, until: bool, sentence: str) -> None:
    assert writer().explanations(1.0, 1.0, 0.5, churned, date, until)["predicted_clv"] == sentence


@pytest.mark.parametrize(
    ("choice", "mae", "sentence"),
    [
        ("asked", 5.0, "Requested; its MAE is 5.00."),
        ("asked_unjudged", None, "Requested; there is too little history to judge it."),
        ("only", 5.0, "The only model that these data allow; its MAE is 5.00."),
        ("judged", 5.0, "Selected on customers and on their total; its MAE is 5.00."),
        (
            "likeliest",
            None,
            "The likeliest of the models of purchases; these data do not allow to judge them.",
        ),
        ("only_unjudged", None, "The only model that these data allow; they do not allow to judge it."),
    ],
)
def test_why_an_algorithm_answers(choice: Choice, mae: float | None, sentence: str) -> None:
    said = writer(choice=choice, mae=mae).explanations(1.0, 1.0, 0.5, False, None, False)
    assert said["algorithm_used"] == sentence


def test_a_recent_buyer_is_not_won_back_and_a_loss_is_called_one() -> None:
    assert (
        writer().interpretation("C-1", 10.0, "Low", 7).endswith("Bought recently: encourage the next order.")
    )
    assert (
        writer()
        .interpretation("C-1", -10.0, "Low", 7)
        .endswith("Costs more than it brings: review prices, discounts and service costs.")
    )


def test_braces_in_an_id_are_no_template() -> None:
    assert writer().interpretation("{value} {0}", 1.0, "Low", 200).startswith("{value} {0} expected")
