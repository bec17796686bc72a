"""The strongest reasons of a score, as sentences: ``nps = -10 raises the risk (+1.84)``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from abintel.endpoint import Call, Parameter
from abintel.problem import bad_parameter
from abintel.wording import Lang, Texts, number
from abintel.wording.formats import marks
from plugins.propensity.classifier.explain import Factors
from plugins.propensity.features.columns import Row, Value

HEADER = Parameter(
    "X-Explain-Features",
    "`true`: every scored customer has `top_factors`, the features that move the score most.",
    {"type": "string", "enum": ["true", "false"]},
)
MOST_LETTERS = 60
"""Of a name or a category; sentences are for reading."""

Outcome = Literal["risk", "propensity"]

TEXTS = Texts("propensity")


def asked_for(call: Call) -> bool:
    """Whether the call's header asks for explanations.

    Raises:
        Problem: 400, the header is neither ``true`` nor ``false``.
    """
    value = call.headers.get(HEADER.name.lower())
    if value is None or value.strip().lower() in ("true", "false"):
        return value is not None and value.strip().lower() == "true"
    raise bad_parameter(HEADER.name, f"{value[:20]!r} is not one of true, false.")


def sentences(factors: Factors, rows: Sequence[Row], lang: Lang, outcome: Outcome) -> list[list[str]]:
    """The factors of each row in words, strongest first; none where nothing moves the score, and for the last
    rows if only the first are explained.

    Args:
        factors: of the rows.
        rows: ``n`` rows as they were sent.
        lang: of the sentences.
        outcome: what the score is of.
    """
    words = TEXTS[lang]
    names = [_short(name) for name in factors.names]
    explained = len(factors.size)
    by_row = []
    for row, features, sizes in zip(
        rows[:explained], factors.feature.tolist(), factors.size.tolist(), strict=True
    ):
        reasons = []
        for feature, size in zip(features, sizes, strict=True):
            if size:
                value = row.get(factors.names[feature])
                reasons.append(
                    words.say(
                        f"factor.{outcome}_{'raised' if size > 0 else 'lowered'}",
                        name=names[feature],
                        value=words.say("factor.missing") if value is None else f"= {plain(value, lang)}",
                        size=number(size, 2, lang, signed=True),
                    )
                )
        by_row.append(reasons)
    return [*by_row, *([] for _ in rows[explained:])]


def warn_unexplained(algorithm: str, call: Call) -> None:
    """Warns that the learner explains nothing."""
    call.warn("not_explained", f"{algorithm} does not say what moves its scores; no row has top_factors.")


def warn(factors: Factors, rows: int, call: Call) -> None:
    """Warns where only the first rows are explained."""
    explained = len(factors.size)
    if explained < rows:
        call.warn(
            "not_explained",
            f"This model is so large that only the first {explained:,} of {rows:,} rows have top_factors; "
            "send the others in a request of their own.",
        )


def plain(value: Value, lang: Lang) -> str:
    """A value as people write it; its thousands stay together, as it may be a year or a number of an id.

    >>> plain(6.0, "en"), plain(0.1 + 0.2, "pt"), plain(True, "es"), plain("app", "pt")
    ('6', '0,3', 'sí', 'app')
    """
    if isinstance(value, bool):
        return TEXTS[lang].say("factor.yes" if value else "factor.no")
    if isinstance(value, float | int):
        if value == round(value):
            return str(round(value))
        text = f"{value:.4g}" if abs(value) < 1 else f"{value:.4f}".rstrip("0").rstrip(".")
        return text.replace(".", marks(lang).decimal)
    return _short(str(value))


def _short(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"
