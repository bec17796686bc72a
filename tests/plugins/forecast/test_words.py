from __future__ import annotations

import pytest

from plugins.forecast.words import interpretation


def test_the_sentence_published_in_the_api_reference_4_3_1() -> None:
    said = interpretation(
        "Aggregation",
        111.63593256467632,
        109.6766254147977,
        0.09176299947242217,
        1105.017787752007,
        subject="revenue",
        lang="en",
    )
    assert said == (
        "The Aggregation algorithm was selected because it achieved a low RMSE of 111.64, MAE of 109.68, and "
        "R² of 0.09. The average daily revenue forecast is 1105.02. Its R² is low: it explains little of the "
        "difference from day to day."
    )


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        (
            "es",
            "Se seleccionó el algoritmo ETS porque logró un RMSE bajo de 1,50, un MAE de 1,00 y un R² de "
            "-0,25. El pronóstico diario promedio de costos es 10,00\xa0R$. Su R² es bajo: explica poco de "
            "las diferencias de un día a otro.",
        ),
        (
            "pt",
            "O algoritmo ETS foi selecionado porque alcançou um RMSE baixo de 1,50, MAE de 1,00 e R² de "
            "-0,25. A previsão diária média de custo é R$\xa010,00. Seu R² é baixo: explica pouco das "
            "diferenças de um dia para outro.",
        ),
    ],
)
def test_the_sentence_in_other_languages(lang: str, sentence: str) -> None:
    said = interpretation("ETS", 1.5, 1.0, -0.25, 10.0, subject="cost", lang=lang, currency="R$")
    assert said == sentence


def test_a_good_model_and_one_of_days_that_are_all_the_same_have_no_low_r2() -> None:
    for r2 in (0.0, 0.3, 0.93):
        said = interpretation("ETS", 1.0, 0.8, r2, 10.0, subject="sales", lang="en")
        assert said.endswith("forecast is 10.00.")


def test_a_short_history_is_said_to_be_one() -> None:
    said = interpretation("Aggregation", 1, 1, 0, 2, subject="sales", lang="en", judged=False)
    assert said.startswith("The history is too short for models to be judged")


def test_an_error_above_the_mean_is_not_called_low_and_one_above_last_weeks_is_named() -> None:
    said = interpretation("ETS", 30.0, 20.0, 0.1, 10.0, subject="sales", lang="en")
    assert said.startswith("The ETS algorithm had the lowest error of those compared: RMSE 30.00")
    assert "low RMSE" not in said
    for figures in ({"mase": 1.2}, {"mape": 62.0}):
        said = interpretation("ETS", 3.0, 2.0, 0.1, 10.0, subject="sales", lang="en", **figures)
        assert "low RMSE" not in said
        assert said.endswith(" It is no better than repeating last week.")
    said = interpretation("ETS", 3.0, 2.0, 0.1, 10.0, subject="sales", lang="es", mase=1.2)
    assert said.endswith(" No es mejor que repetir la última semana.")
