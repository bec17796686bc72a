"""The sentence of a forecast, in three languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from abintel.wording import Lang

Subject = Literal["revenue", "cost", "sales"]

_TURNED = str.maketrans(",.", ".,")
_DAILY: Mapping[Lang, Mapping[Subject, str]] = {
    "en": {"revenue": "revenue", "cost": "cost", "sales": "sales"},
    "es": {"revenue": "ingresos", "cost": "costos", "sales": "ventas"},
    "pt": {"revenue": "receita", "cost": "custo", "sales": "vendas"},
}
_SENTENCE: Mapping[Lang, str] = {
    "en": "The {algorithm} algorithm was selected because it achieved a low RMSE of {rmse}, MAE of {mae}, "
    "and "
    "R² of {r2}. The average daily {subject} forecast is {mean}.",
    "es": "Se seleccionó el algoritmo {algorithm} porque logró un RMSE bajo de {rmse}, un MAE de {mae} y "
    "un R² "
    "de {r2}. El pronóstico diario promedio de {subject} es {mean}.",
    "pt": "O algoritmo {algorithm} foi selecionado porque alcançou um RMSE baixo de {rmse}, MAE de {mae} e "
    "R² "
    "de {r2}. A previsão diária média de {subject} é {mean}.",
}
_SHORT: Mapping[Lang, str] = {
    "en": "The history is too short for models to be judged, so the {algorithm} algorithm is used: RMSE "
    "{rmse}, "
    "MAE {mae}, R² {r2}. The average daily {subject} forecast is {mean}.",
    "es": "El historial es demasiado corto para evaluar modelos, por lo que se usa el algoritmo "
    "{algorithm}: RMSE "
    "{rmse}, MAE {mae}, R² {r2}. El pronóstico diario promedio de {subject} es {mean}.",
    "pt": "O histórico é curto demais para avaliar modelos, por isso se usa o algoritmo {algorithm}: RMSE "
    "{rmse}, "
    "MAE {mae}, R² {r2}. A previsão diária média de {subject} é {mean}.",
}


def number(value: float, lang: Lang) -> str:
    """Two decimals, without a separator of thousands, as published.

    >>> number(1105.0178, "en"), number(-0.001, "pt")
    ('1105.02', '0,00')
    """
    text = f"{value:.2f}"
    if text == "-0.00":
        text = "0.00"
    return text if lang == "en" else text.translate(_TURNED)


def money(value: float, lang: Lang, currency: str) -> str:
    """An amount after its sign; letters, and in Portuguese every sign, stand apart from it."""
    apart = " " if currency and (lang == "pt" or any(map(str.isalpha, currency))) else ""
    return f"{currency}{apart}{number(value, lang)}"


def interpretation(
    algorithm: str,
    rmse: float,
    mae: float,
    r2: float,
    mean: float,
    *,
    subject: Subject,
    lang: Lang,
    currency: str = "",
    judged: bool = True,
) -> str:
    """Which model, how good, and how much a day.

    Args:
        algorithm: the champion's name, never translated.
        rmse, mae, r2: its figures on held-out days.
        mean: mean daily forecast.
        subject: what is forecast.
        lang: of the sentence.
        currency: sign of the amounts, empty for none.
        judged: whether there was anything to select from.
    """
    return (_SENTENCE if judged else _SHORT)[lang].format(
        algorithm=algorithm,
        rmse=number(rmse, lang),
        mae=number(mae, lang),
        r2=number(r2, lang),
        subject=_DAILY[lang][subject],
        mean=money(mean, lang, currency),
    )
