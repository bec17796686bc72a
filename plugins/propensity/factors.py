"""The strongest reasons of a score, as sentences: ``nps = -10 raises the risk (+1.84)``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from abintel.endpoint import Call, Parameter
from abintel.fields import Lang
from abintel.problem import bad_parameter
from plugins.propensity.classifier.explain import Factors
from plugins.propensity.classifier.fingerprint import Row, Value

HEADER = Parameter(
    "X-Explain-Features",
    "`true`: every scored customer has `top_factors`, the features that move the score most.",
    {"type": "string", "enum": ["true", "false"]},
)
MOST_LETTERS = 60
"""Of a name or a category; sentences are for reading."""

WARNING = {"not_explained": "Only the first rows have `top_factors`; the model is large, the request too."}
"""What :func:`warn` warns of."""

Outcome = Literal["risk", "propensity"]

_SENTENCES: Mapping[Lang, Mapping[Outcome, tuple[str, str]]] = {
    "en": {
        "risk": ("raises the risk", "lowers the risk"),
        "propensity": ("raises the propensity", "lowers the propensity"),
    },
    "es": {
        "risk": ("aumenta el riesgo", "reduce el riesgo"),
        "propensity": ("aumenta la propensión", "reduce la propensión"),
    },
    "pt": {
        "risk": ("aumenta o risco", "reduz o risco"),
        "propensity": ("aumenta a propensão", "reduz a propensão"),
    },
}
"""What a factor does that adds, and one that takes away."""
_MISSING: Mapping[Lang, str] = {"en": "missing", "es": "sin dato", "pt": "sem dado"}
_FLAGS: Mapping[Lang, tuple[str, str]] = {"en": ("no", "yes"), "es": ("no", "sí"), "pt": ("não", "sim")}


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
    raises, lowers = _SENTENCES[lang][outcome]
    names = [_short(name) for name in factors.names]
    found = []
    explained = len(factors.size)
    for row, features, sizes in zip(
        rows[:explained], factors.feature.tolist(), factors.size.tolist(), strict=True
    ):
        said = []
        for feature, size in zip(features, sizes, strict=True):
            if size:
                value = row.get(factors.names[feature])
                what = f"= {plain(value, lang)}" if value is not None else _MISSING[lang]
                said.append(f"{names[feature]} {what} {raises if size > 0 else lowers} ({size:+.2f})")
        found.append(said)
    return [*found, *([] for _ in rows[explained:])]


def warn(factors: Factors, rows: int, call: Call) -> None:
    """Says so where not all of the rows are explained."""
    explained = len(factors.size)
    if explained < rows:
        call.warn(
            "not_explained",
            f"This model is so large that only the first {explained:,} of {rows:,} rows have top_factors; "
            "send the others in a request of their own.",
        )


def plain(value: Value, lang: Lang) -> str:
    """A value as people write it.

    >>> plain(6.0, "en"), plain(0.1 + 0.2, "en"), plain(True, "es"), plain("app", "pt")
    ('6', '0.3', 'sí', 'app')
    """
    if isinstance(value, bool):
        return _FLAGS[lang][value]
    if isinstance(value, float | int):
        if value == round(value):
            return str(round(value))
        return f"{value:.4g}" if abs(value) < 1 else f"{value:.4f}".rstrip("0").rstrip(".")
    return _short(str(value))


def _short(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"
