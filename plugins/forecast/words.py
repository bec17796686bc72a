"""The sentence of a forecast."""

from __future__ import annotations

from typing import Literal

from abintel.wording import SOURCE, Lang, Texts, list_of, money, number, paragraph
from abintel.wording.published import ungrouped

TEXTS, REMARKS = Texts("forecast"), Texts("forecast_remarks")
MOST_MASE, MOST_MAPE = 1.0, 50.0
"""Errors from which on a forecast is no better than the last week again."""
LOW_R2 = 0.3
"""Share of the days' variance below which a forecast is not called good."""
Noun = Literal["revenue", "cost", "sales"]


def interpretation(
    algorithm: str,
    rmse: float,
    mae: float,
    r2: float,
    mean: float,
    *,
    subject: Noun,
    lang: Lang,
    currency: str | None = None,
    judged: bool = True,
    mase: float | None = None,
    mape: float | None = None,
) -> str:
    """Which model, how good, and how much a day.

    Args:
        algorithm: the champion's name, never translated.
        rmse, mae, r2: its figures on held-out days.
        mean: mean daily forecast.
        subject: what is forecast.
        lang: of the sentence.
        currency: sign or code of the mean, None for none.
        judged: whether several models were compared.
        mase, mape: further figures, None where there are none.
    """
    words = TEXTS[lang]
    # The API reference publishes the English sentence without separators of thousands.
    plain = ungrouped if lang == SOURCE else number
    useless = (mase is not None and mase > MOST_MASE) or (mape is not None and mape > MOST_MAPE)
    key = "judged" if rmse <= mean and not useless else "judged_high"
    sentence = words.say(
        key if judged else "not_judged",
        algorithm=algorithm,
        rmse=plain(rmse, 2, lang),
        mae=plain(mae, 2, lang),
        r2=plain(r2, 2, lang),
        subject=words.say(f"subject.{subject}"),
        mean=money(mean, 2, lang, currency) if currency else plain(mean, 2, lang),
    )
    # R² is exactly 0 where the held-out days are all the same.
    doubt = "no_better" if useless else "weak" if r2 < LOW_R2 and r2 != 0 else None
    return paragraph([sentence, REMARKS[lang].say(doubt)], lang) if doubt and judged else sentence


def list_of_weekdays(weekdays: tuple[int, ...], lang: Lang) -> str:
    """Names of weekdays, Monday is 0."""
    return list_of([REMARKS[lang].say(f"weekday.{day}") for day in weekdays], lang)
