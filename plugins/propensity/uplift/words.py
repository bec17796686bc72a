"""The figures of an uplift model as sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from abintel.wording import Lang, Texts, number, paragraph, percent

TEXTS = Texts("uplift")


class Group(NamedTuple):
    """A decile: its number, mean uplift, customers, and whether contact was seen to cost outcomes there."""

    decile: int
    mean_uplift: float
    n_customers: int
    loses: bool


class Doubt(NamedTuple):
    """Why the figures promise less than they say: the ranking may be chance, the arms differ, a feature
    leaks."""

    by_chance: bool
    unlike: bool
    leaks: bool


def interpret(
    treated: float, control: float, effect: float, groups: Sequence[Group], doubt: Doubt, lang: Lang
) -> str:
    """What the model says, in the published words.

    Args:
        treated, control: conversion rates as observed.
        effect: average treatment effect.
        groups: the deciles, ascending, one or more.
        doubt: what speaks against them.
        lang: language.
    """
    words = TEXTS[lang]
    said = [
        words.say(
            "adjusted" if doubt.unlike else "rates",
            treated=percent(treated, 2, lang),
            control=percent(control, 2, lang),
            effect=number(effect, 3, lang, signed=True),
        )
    ]
    if len(groups) > 1:
        worst, best = groups[0], groups[-1]
        gain = "unsure" if any(doubt) else "best"
        said.append(
            words.say(
                gain if best.mean_uplift > 0 else "no_gain",
                decile=best.decile,
                n=number(best.n_customers, 0, lang),
                uplift=number(best.mean_uplift, 3, lang, signed=True),
                gain=number(best.n_customers * best.mean_uplift, 1, lang),
            )
        )
        least = number(worst.mean_uplift, 3, lang, signed=True)
        last = words.say(
            "last" if any(doubt) and not worst.loses else "worst", decile=worst.decile, uplift=least
        )
        said.append(paragraph([last, words.say("loses") if worst.loses else ""], lang))
    said += [words.say(name) for name, holds in doubt._asdict().items() if holds]
    return words.say("between_sentences").join(said)
