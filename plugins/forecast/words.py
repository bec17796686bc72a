"""The sentence of a forecast."""

from __future__ import annotations

from typing import Literal

from abintel.wording import SOURCE, Lang, Texts, money, number
from abintel.wording.published import ungrouped

TEXTS = Texts("forecast")
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
    """
    words = TEXTS[lang]
    # The API reference publishes the English sentence without separators of thousands.
    plain = ungrouped if lang == SOURCE else number
    return words.say(
        "judged" if judged else "not_judged",
        algorithm=algorithm,
        rmse=plain(rmse, 2, lang),
        mae=plain(mae, 2, lang),
        r2=plain(r2, 2, lang),
        subject=words.say(f"subject.{subject}"),
        mean=money(mean, 2, lang, currency) if currency else plain(mean, 2, lang),
    )
