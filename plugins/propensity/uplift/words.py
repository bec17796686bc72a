"""The figures of an uplift model as sentences, in three languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from abintel.fields import Lang


class Group(NamedTuple):
    """A decile: its number, mean uplift, customers, and whether contact was seen to cost outcomes there."""

    decile: int
    mean_uplift: float
    n_customers: int
    loses: bool


RATES: Mapping[Lang, str] = {
    "en": "Treatment group converted at {treated:.2%} vs control {control:.2%} (ATE {effect:+.3f}).",
    "es": "El grupo de tratamiento convirtió un {treated:.2%} frente a un {control:.2%} del grupo de control "
    "(ATE {effect:+.3f}).",
    "pt": "O grupo de tratamento converteu {treated:.2%} contra {control:.2%} do grupo de controle "
    "(ATE {effect:+.3f}).",
}
BEST: Mapping[Lang, str] = {
    "en": "**Decile {decile}** contains {n} customers with mean uplift {uplift:+.3f}, representing "
    "≈ {gain:.1f} additional conversions if fully targeted.",
    "es": "El **decil {decile}** tiene {n} clientes con un uplift medio de {uplift:+.3f}, es decir, "
    "≈ {gain:.1f} conversiones adicionales si se contacta a todos.",
    "pt": "O **decil {decile}** tem {n} clientes com uplift médio de {uplift:+.3f}, ou seja, "
    "≈ {gain:.1f} conversões adicionais se todos forem contatados.",
}
NO_GAIN: Mapping[Lang, str] = {
    "en": "Even **decile {decile}** ({n} customers) has a mean uplift of {uplift:+.3f}: "
    "the campaign is expected to gain nobody.",
    "es": "Incluso el **decil {decile}** ({n} clientes) tiene un uplift medio de {uplift:+.3f}: "
    "no se espera que la campaña gane a nadie.",
    "pt": "Mesmo o **decil {decile}** ({n} clientes) tem uplift médio de {uplift:+.3f}: "
    "não se espera que a campanha ganhe ninguém.",
}
WORST: Mapping[Lang, str] = {
    "en": "**Decile {decile}**’s mean uplift is {uplift:+.3f} — ideal as a hold-out or cost-control segment.",
    "es": "El uplift medio del **decil {decile}** es {uplift:+.3f}: "
    "ideal como grupo de control o para ahorrar costos.",
    "pt": "O uplift médio do **decil {decile}** é {uplift:+.3f}: "
    "ideal como grupo de controle ou para reduzir custos.",
}
LOSES: Mapping[Lang, str] = {
    "en": "Contact lowered conversion there (“sleeping dogs”): leave these customers alone.",
    "es": "Allí el contacto redujo la conversión («perros dormidos»): no contactar a estos clientes.",
    "pt": "Ali o contato reduziu a conversão (“cães adormecidos”): não contatar esses clientes.",
}
BY_CHANCE: Mapping[Lang, str] = {
    "en": "The ranking is not shown to be better than chance: do not choose customers by it yet.",
    "es": "No está demostrado que el orden sea mejor que el azar: no elegir clientes por él todavía.",
    "pt": "Não está demonstrado que a ordem seja melhor que o acaso: não escolher clientes por ela ainda.",
}
NO_MODEL: Mapping[Lang, str] = {
    "en": "There is no uplift score yet: send at least 200 customers with treatment and outcome.",
    "es": "Todavía no hay puntuación de uplift: enviar al menos 200 clientes con tratamiento y resultado.",
    "pt": "Ainda não há pontuação de uplift: enviar pelo menos 200 clientes com tratamento e resultado.",
}


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
    said = [RATES[lang].format(treated=treated, control=control, effect=effect)]
    if len(groups) > 1:
        worst, best = groups[0], groups[-1]
        sentence = BEST if best.mean_uplift > 0 else NO_GAIN
        said.append(
            sentence[lang].format(
                decile=best.decile,
                n=best.n_customers,
                uplift=best.mean_uplift,
                gain=best.n_customers * best.mean_uplift,
            )
        )
        last = WORST[lang].format(decile=worst.decile, uplift=worst.mean_uplift)
        said.append(f"{last} {LOSES[lang]}" if worst.loses else last)
    if by_chance:
        said.append(BY_CHANCE[lang])
    return "  ".join(said)
