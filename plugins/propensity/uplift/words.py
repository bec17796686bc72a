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


def interpret(
    treated: float, control: float, effect: float, groups: Sequence[Group], by_chance: bool, lang: Lang
) -> str:
    """What the model says, in the published words.

    Args:
        treated, control: conversion rates as observed.
        effect: average treatment effect.
        groups: the deciles, ascending, one or more.
        by_chance: whether the interval of Qini spans 0.
        lang: language.
    """
    words = TEXTS[lang]
    said = [
        words.say(
            "rates",
            treated=percent(treated, 2, lang),
            control=percent(control, 2, lang),
            effect=number(effect, 3, lang, signed=True),
        )
    ]
    if len(groups) > 1:
        worst, best = groups[0], groups[-1]
        said.append(
            words.say(
                "best" if best.mean_uplift > 0 else "no_gain",
                decile=best.decile,
                n=number(best.n_customers, 0, lang),
                uplift=number(best.mean_uplift, 3, lang, signed=True),
                gain=number(best.n_customers * best.mean_uplift, 1, lang),
            )
        )
        least = number(worst.mean_uplift, 3, lang, signed=True)
        last = words.say("worst", decile=worst.decile, uplift=least)
        said.append(paragraph([last, words.say("loses") if worst.loses else ""], lang))
    if by_chance:
        said.append(words.say("by_chance"))
    return words.say("between_sentences").join(said)
